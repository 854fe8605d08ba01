"""Every night: usage lines for legs that have none, because others closed them or a tariff lacked.

Lines are otherwise made when a leg's end is applied from the journal. Making them twice changes
nothing, so that several workers may do this at once.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from db.queries import sql

log = structlog.get_logger(__name__)

#: How far back legs are looked for: the present month, and the last one until it is closed.
BACK = timedelta(days=40)
#: When, hour of the day in UTC.
HOUR = 8


async def meter(parts: Parts) -> None:
    """The worker's task: once at the start, then every night."""

    async def once() -> None:
        await catch_up(parts)
        await asyncio.sleep(seconds_until(HOUR, datetime.now(UTC)))

    await keep_trying(parts, "usage", once)


async def catch_up(parts: Parts) -> int:
    """Make the lines that are missing; answers how many."""
    async with parts.pool.connection(timeout=5) as conn, conn.transaction():
        await conn.execute("SET LOCAL statement_timeout = '10min'")
        values = {"since": datetime.now(UTC) - BACK}
        row = await (await conn.execute(sql.apply_missing_usage, values)).fetchone()
    made = int(row["made"]) if row else 0
    if made:
        log.info("usage.caught_up", lines=made)
    return made


def seconds_until(hour: int, now: datetime) -> float:
    """From ``now`` to the next full ``hour`` of a day, in the zone of ``now``.

    >>> seconds_until(8, datetime(2026, 11, 25, 7, 59, tzinfo=UTC))
    60.0
    """
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (then - now).total_seconds() % 86_400 or 86_400.0
