"""Requests to be called that call control itself makes: callers who leave the queue."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ari_app.clock import now_ms
from cordboard.settings import Settings
from db.policy import UnknownSubscriber, check_async, record_async
from db.queries import sql

log = structlog.get_logger(__name__)

#: Longest wait for the database, seconds: the caller hears nothing meanwhile.
DEADLINE_S = 3.0
#: The first attempt is not made before the caller has hung up, milliseconds.
HANG_UP_MS = 5000


class Kept(StrEnum):
    """Whether a place was kept."""

    YES = "yes"
    NOT_THIS_NUMBER = "not_this_number"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Place:
    """A caller's place in the queue.

    Attributes:
        call_id: the call that leaves the queue; also makes a repeated request the same.
        subscriber: code of whose queue it is.
        subject: which talk link leads back to the same group.
        number: where to call, as it was given.
        own: it is the number the call came from.
        entered_ms: since when the caller waits, milliseconds since 1970.
        customer: id of the customer, None when not known.
    """

    call_id: str
    subscriber: str
    subject: str
    number: str
    own: bool
    entered_ms: int
    customer: int | None = None


class Requests:
    """Asks the dialling policy, and stores what it allows."""

    def __init__(self, pool: AsyncConnectionPool[Any], settings: Settings) -> None:
        self._pool = pool
        self._settings = settings

    async def keep(self, place: Place) -> Kept:
        """Store that this caller is to be called back, once a call."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._keep(place)
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError, UnknownSubscriber) as error:
            log.warning("place.not_kept", call_id=place.call_id, error=repr(error))
            return Kept.UNAVAILABLE

    async def _keep(self, place: Place) -> Kept:
        async with self._pool.connection(timeout=DEADLINE_S) as connection:
            # Whoever calls from a number answers there; another number has no page to show a code.
            verdict = await check_async(
                connection,
                self._settings,
                place.subscriber,
                place.number,
                can_prove=place.own,
            )
            # Closing time may come before the turn does: then the engine finds the next time.
            if not verdict.allowed and verdict.ask_again is None:
                await record_async(connection, verdict)
                return Kept.NOT_THIS_NUMBER
            wish = {
                "subscriber": place.subscriber,
                "subject": place.subject,
                "source": "queue",
                "number": verdict.e164,
                "customer": place.customer,
                "wanted_ms": now_ms() + HANG_UP_MS,
                "entered_ms": place.entered_ms,
                "first_call": place.call_id,
                "key": place.call_id,
            }
            values = {"wish": orjson.dumps(wish).decode()}
            await connection.execute(sql.make_request, values)
        return Kept.YES
