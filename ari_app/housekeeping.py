"""What is done now and then: how long contacts take, calls that nobody has ended, old sounds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ari_app.acd import Acd
from cordboard.spoken import forget_unused
from db.queries import sql

log = structlog.get_logger(__name__)

#: Time between two rounds, seconds.
EVERY_S = 300.0
#: Between two looks for sounds that nobody uses, seconds.
SOUNDS_S = 60.0
#: The handle time that a start begins with is the mean of the last so many hours.
HOURS = 24
#: A call that is not ours is closed after this time; no call lasts longer (see LONGEST_TALK_S).
STALE = "6 hours"


class Housekeeping:
    """Looks after figures and left-overs in PostgreSQL.

    Args:
        pool: of the database.
        acd: is told how long contacts take.
        live: ids of the calls that run.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Any], acd: Acd, live: Callable[[], list[str]]
    ) -> None:
        self._pool = pool
        self._acd = acd
        self._live = live

    async def run(self) -> None:
        """Do it until cancelled; while the database is away there is nothing to do."""
        while True:
            try:
                await self._round()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("housekeeping.waits", error=repr(error))
            await asyncio.sleep(EVERY_S)

    async def _round(self) -> None:
        async with self._pool.connection(timeout=5) as connection:
            rows = await (await connection.execute(sql.handle_times, {"hours": HOURS})).fetchall()
            values = {"older": STALE, "live": self._live()}
            closed = await (await connection.execute(sql.close_stale_calls, values)).fetchone()
        for row in rows:
            self._acd.service[row["code"]].assume(row["mean_s"])
        if closed and closed["closed"]:
            log.warning("calls.closed_as_stale", calls=closed["closed"])


async def forget_sounds(sounds: Path, every_s: float = SOUNDS_S) -> None:
    """Remove speech and recorded names that nobody uses any more, until cancelled."""
    while True:
        try:
            await asyncio.to_thread(forget_unused, sounds, time.time())
        except OSError as error:
            log.warning("sounds.not_forgotten", error=repr(error))
        await asyncio.sleep(every_s)
