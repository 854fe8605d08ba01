"""The callback engine: what is due is claimed and handed to call control, promptly and once.

It sleeps until the next request is due or the next lease runs out, and is woken by a request that
was made or moved, and by agents who become free while somebody waits for one.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis

from ari_app.listener import entries_of
from ari_app.worker import fates, handover
from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from ari_app.worker.room import read_room
from cordboard import keys
from cordboard.callbacks import Room
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: Attempts claimed at once; also how many are judged at once is bounded by the pool.
BATCH = 20
#: How long a claimed attempt is ours, seconds: it is handed over within milliseconds.
LEASE_S = 2.0
#: The longest sleep, seconds, should a wake-up get lost.
LONGEST_SLEEP_S = 30.0
#: While somebody is due and no agent or line is free, it looks this often, seconds.
HELD_S = 1.0
#: Whoever has been due for so long is given up: nobody is there to take the call.
TOO_LATE = "24 hours"
BLOCK_MS = 2000
GATHER_S = 0.02


class Engine:
    """One loop; :meth:`wake` makes it look at once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.held = False
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something may have become due."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        await keep_trying(self.parts, "callbacks", self._round)

    async def _round(self) -> None:
        self._wake.clear()
        await self._look_after_expired()
        room, attempts = await self.claim()
        if attempts:
            await self._begin(attempts)  # there may be more
        else:
            await self._sleep(await self._until_next_s(room))

    async def claim(self) -> tuple[Room, list[Json]]:
        """Claim what is due and has room; answers the room that there was, and the attempts.

        One worker at a time counts and claims: two who count the same free agent at the same moment
        would both call a customer for them. What the one before has claimed is seen as under way.
        """
        pool, settings = self.parts.pool, self.parts.settings
        async with pool.connection() as connection, connection.transaction():
            await connection.execute(sql.lock_claims)
            waiting = await (await connection.execute(sql.callbacks_waiting)).fetchall()
            room = await read_room(self.parts.redis, waiting)
            values = {
                "worker": self.parts.name,
                "lease_s": LEASE_S,
                "limit": BATCH,
                "room": orjson.dumps(room.by_group).decode(),
                "per_minute": settings.dial_per_minute,
            }
            rows = await (await connection.execute(sql.claim_callbacks, values)).fetchall()
        return room, [row["attempt"] for row in rows]

    async def _begin(self, attempts: list[Json]) -> None:
        begun = (handover.begin(self.parts, attempt) for attempt in attempts)
        results = await asyncio.gather(*begun, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _look_after_expired(self) -> None:
        values = {"worker": self.parts.name, "lease_s": LEASE_S, "limit": BATCH}
        async with self.parts.pool.connection() as connection:
            rows = await (await connection.execute(sql.expired_attempts, values)).fetchall()
        if rows:
            await fates.look_after(self.parts, [row["expired"] for row in rows])

    async def _until_next_s(self, room: Room) -> float:
        """Seconds until there is something to do."""
        async with self.parts.pool.connection() as connection:
            row = await (await connection.execute(sql.next_callback)).fetchone()
        assert row is not None
        now = datetime.now(UTC)
        times = [HELD_S if row["held"] else LONGEST_SLEEP_S]
        if row["at"]:
            times.append((row["at"] - now).total_seconds())
        if row["held"] and room.again_ms is not None:
            times.append(room.again_ms / 1000 - now.timestamp())
        self.held = row["held"]
        return max(0.0, min(times))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return


async def watch_agents(parts: Parts, engine: Engine) -> None:
    """Wake the engine when an agent's state changed while somebody waits for one."""
    last = "$"

    async def once() -> None:
        nonlocal last
        answer: Any = await parts.redis.xread({keys.EVENTS: last}, block=BLOCK_MS, count=500)
        for entry_id, fields in entries_of(answer):
            last = entry_id
            if engine.held and fields.get("type") == "agent.state_changed":
                engine.wake()
        if last == "$":
            last = await _newest(parts.redis)
        await asyncio.sleep(GATHER_S)

    await keep_trying(parts, "agents", once)


async def _newest(redis: Redis) -> str:
    newest = await redis.xrevrange(keys.EVENTS, count=1)
    return str(newest[0][0]) if newest else "0"


async def give_up_late(parts: Parts) -> None:
    """Now and then give up what nobody was there for."""

    async def once() -> None:
        async with parts.pool.connection() as connection:
            await connection.execute(sql.give_up_requests, {"older": TOO_LATE})
        await asyncio.sleep(600)

    await keep_trying(parts, "give_up", once)
