"""Loading what is known about a call: one round trip to PostgreSQL, or what we have without it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ari_app.groups import Line
from cordboard import cti
from db.queries import sql

log = structlog.get_logger(__name__)

Card = dict[str, Any]

#: Longest wait for the database, seconds; a person is worth more than a card.
DEADLINE_S = 0.5


class Cards:
    """Asks the database about one call, with a short deadline."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def load(self, call_id: str, group: str = "") -> Card | None:
        """The card of a call; None when the database is away, or has no such call.

        Args:
            call_id: the call.
            group: code of the group that a menu chose; empty for that of the number dialled.
        """
        row = await self._ask(sql.call_card_for_group, call_id, group=group or None)
        return row["card"] if row else None

    async def open_callback(self, call_id: str) -> Card | None:
        """The whole card of a call that is to be made, whose row is made now; None as above."""
        row = await self._ask(sql.open_callback, call_id)
        return row["card"] if row else None

    async def attempt(self, call_id: str) -> dict[str, Any] | None:
        """The callback attempt that a call is, as the engine hands it over; None as above."""
        row = await self._ask(sql.callback_attempt, call_id)
        return row["attempt"] if row else None

    async def taken_back(self, call_id: str) -> bool:
        """Whether the request behind a call was cancelled; False while the database is away."""
        row = await self._ask(sql.request_taken_back, call_id)
        return bool(row and row["taken_back"])

    async def outcome(self, call_id: str) -> str | None:
        """How a call ended that somebody else has closed; None when nobody did."""
        row = await self._ask(sql.call_outcome, call_id)
        return row["outcome"] if row else None

    async def _ask(
        self, query: bytes, call_id: str, **parameters: str | None
    ) -> dict[str, Any] | None:
        try:
            async with (
                asyncio.timeout(DEADLINE_S),
                self._pool.connection(timeout=DEADLINE_S) as connection,
            ):
                cursor = await connection.execute(query, {"call": call_id, **parameters})
                row: dict[str, Any] | None = await cursor.fetchone()
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
            log.warning("card.without_database", call_id=call_id, error=repr(error))
            return None
        return row


def minimal(
    call_id: str,
    *,
    ani: str,
    dnis: str,
    line: Line | None,
    data: Mapping[str, object] | None = None,
) -> Card:
    """A card of what is known without the database; ``incomplete``.

    Args:
        call_id: the call.
        ani: the customer's number.
        dnis: the number dialled.
        line: whose number that is, or whom the call is for.
        data: further call data.
    """
    place = {"SUBSCRIBER": line.subscriber, "QUEUE": line.queue} if line else {}
    return {
        "id": call_id,
        "incomplete": True,
        "ani": cti.clean_value(ani),
        "dnis": cti.clean_value(dnis),
        "subscriber": {"code": line.subscriber, "name": line.subscriber_name} if line else None,
        "customer": None,
        "identified_by": [],
        "verified": False,
        "queue": {"code": line.queue, "name": line.queue_name} if line and line.queue else None,
        "cti": cti.clean({**(data or {}), **place, "ANI": ani, "DNIS": dnis}),
        "offers": [],
        "outage": None,
        "codes": {"sales": [], "service": []},
        "required": [],
        "dispositions": {},
        "note": "",
    }
