"""The dialling policy against the database: facts are loaded, judged, refusals recorded.

For threads (and gevent) and for asyncio alike: the two sides share everything but the ``await``::

    verdict = check(conn, settings, "pantry", "+13125550150", visitor=visitor_id)
    if not verdict.allowed:
        record(conn, verdict, visitor=visitor_id)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from psycopg import AsyncConnection, Connection

from cordboard.dialled_number import read_number
from cordboard.policy import Verdict, judge
from cordboard.policy_facts import facts_from_json
from cordboard.settings import Settings
from db.queries import sql

Id = UUID | str | None

#: Longest text that is kept as it came; a number has 15 digits.
LONGEST_NUMBER = 40


class UnknownSubscriber(LookupError):
    """There is no subscriber of this code."""


def check(
    conn: Connection[Any],
    settings: Settings,
    subscriber: str,
    number: str,
    *,
    visitor: Id = None,
    request: Id = None,
    at: datetime | None = None,
    can_prove: bool = True,
) -> Verdict:
    """Whether ``number`` (as it was given) may be dialled for a subscriber (its code).

    Args:
        conn: a connection with any kind of rows.
        settings: the region of national numbers, the limit for all subscribers together.
        subscriber: its code (SID).
        number: as it was given.
        visitor: whose browser asks, for the limit per browser.
        request: the request that is judged, when it is stored already: it does not count itself.
        at: when it would be dialled, an aware time; now when left out.
        can_prove: a page can show the called person the code to key.

    Raises:
        UnknownSubscriber: nobody has this code.
        psycopg.Error: the database is away.
    """
    params = _question(settings, subscriber, number, visitor, request, at)
    row = conn.execute(sql.policy_facts, params).fetchone()
    return _answer(row, settings, subscriber, number, at, can_prove)


async def check_async(
    conn: AsyncConnection[Any],
    settings: Settings,
    subscriber: str,
    number: str,
    *,
    visitor: Id = None,
    request: Id = None,
    at: datetime | None = None,
    can_prove: bool = True,
) -> Verdict:
    """As :func:`check`, for asyncio."""
    params = _question(settings, subscriber, number, visitor, request, at)
    row = await (await conn.execute(sql.policy_facts, params)).fetchone()
    return _answer(row, settings, subscriber, number, at, can_prove)


def zone_of(conn: Connection[Any], subscriber: str) -> ZoneInfo:
    """Where a subscriber (its code) is.

    Raises:
        UnknownSubscriber: nobody has this code.
    """
    row = conn.execute(sql.time_zone, {"subscriber": subscriber}).fetchone()
    if row is None:
        raise _unknown(subscriber)
    return ZoneInfo(_first(row))


def record(
    conn: Connection[Any], verdict: Verdict, *, visitor: Id = None, request: Id = None
) -> None:
    """Store a refusal with all its reasons; a verdict that allows the call is not stored."""
    if not verdict.allowed:
        conn.execute(sql.record_refusal, _refusal(verdict, visitor, request))


async def record_async(
    conn: AsyncConnection[Any], verdict: Verdict, *, visitor: Id = None, request: Id = None
) -> None:
    """As :func:`record`, for asyncio."""
    if not verdict.allowed:
        await conn.execute(sql.record_refusal, _refusal(verdict, visitor, request))


def _question(
    settings: Settings,
    subscriber: str,
    number: str,
    visitor: Id,
    request: Id,
    at: datetime | None,
) -> dict[str, Any]:
    read = read_number(number, settings.default_region)
    return {
        "subscriber": subscriber,
        "number": read.e164 if read else None,
        "visitor": visitor,
        "request": request,
        "at": at,
    }


def _answer(
    row: Any,
    settings: Settings,
    subscriber: str,
    number: str,
    at: datetime | None,
    can_prove: bool,
) -> Verdict:
    data = _first(row)
    if data is None:
        raise _unknown(subscriber)
    facts = facts_from_json(data, settings.dial_per_minute, can_prove)
    return judge(facts, number, at or datetime.now(UTC), settings.default_region)


def _first(row: Any) -> Any:
    """The one value of a row of any kind."""
    return next(iter(row.values())) if isinstance(row, dict) else row[0]


def _unknown(subscriber: str) -> UnknownSubscriber:
    return UnknownSubscriber(f"there is no subscriber {subscriber[:40]!r}")


def _refusal(verdict: Verdict, visitor: Id, request: Id) -> dict[str, Any]:
    detail = {
        "at": verdict.at,
        "reasons": [{"code": f.code, "saw": f.saw} for f in verdict.reasons],
    }
    return {
        "subscriber": verdict.subscriber,
        "request": request,
        "visitor": visitor,
        "number": verdict.number.replace("\x00", "")[:LONGEST_NUMBER],
        "reason": verdict.reasons[0].code,
        "detail": orjson.dumps(detail).decode(),
    }
