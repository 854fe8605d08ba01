"""An attempt whose lease ran out: what is done about it, by where it is found."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
import pytest
from redis.asyncio import Redis

from ari_app.journal import Journal
from ari_app.worker import fates
from ari_app.worker.parts import Parts
from cordboard import keys
from cordboard.callbacks import Fate
from db.queries import sql
from support.callback_worker import conn, is_handed, working
from support.callback_world import ELSEWHERE
from support.requests import Connection, ask, claim, one_value
from support.soon import soon

__all__ = ["conn"]


class TestFates:
    """What is done about an attempt whose lease ran out, by where it is found."""

    async def fate(self, conn: Connection, redis: Redis) -> Fate:
        conn.execute("UPDATE callback_attempt SET lease_until = now() - interval '1 second'")
        values = {"worker": "other", "lease_s": 10, "limit": 10}
        (row,) = conn.execute(sql.expired_attempts, values).fetchall()
        (fate,) = await fates.read_fates(redis, [row["expired"]])
        return fate

    async def test_claimed_only(self, conn: Connection, redis: Redis) -> None:
        ask(conn)
        claim(conn)
        assert await self.fate(conn, redis) is Fate.BEGIN

    async def test_handed_and_lost(self, conn: Connection, redis: Redis) -> None:
        ask(conn).attempt()
        assert await self.fate(conn, redis) is Fate.HAND_OVER

    async def test_in_the_stream(self, conn: Connection, redis: Redis) -> None:
        attempt = ask(conn).attempt()
        await redis.xadd(keys.CALLBACKS, {"attempt": orjson.dumps({"id": attempt})})
        assert await self.fate(conn, redis) is Fate.ON_ITS_WAY

    async def test_begun_and_alive(self, conn: Connection, redis: Redis) -> None:
        attempt = ask(conn).attempt()
        await redis.set(keys.attempt(attempt), "1")
        await redis.sadd(keys.CALLS, attempt)
        assert await self.fate(conn, redis) is Fate.LIVES

    async def test_its_end_is_on_the_way(self, conn: Connection, redis: Redis, bus: Any) -> None:
        attempt = ask(conn).attempt()
        await redis.set(keys.attempt(attempt), "1")
        Journal(bus).attempt(attempt, outcome="busy")
        await bus.flush()
        assert await self.fate(conn, redis) is Fate.ON_ITS_WAY

    async def test_its_end_is_behind_more_than_is_looked_through(
        self, conn: Connection, redis: Redis, bus: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fates, "MOST_ENTRIES", 2)
        attempt = ask(conn).attempt()
        await redis.set(keys.attempt(attempt), "1")
        for _ in range(3):
            Journal(bus).event(str(uuid4()), "call.noted")
        Journal(bus).attempt(attempt, outcome="answered")
        await bus.flush()
        assert await self.fate(conn, redis) is Fate.ON_ITS_WAY

    async def test_begun_and_gone(self, conn: Connection, redis: Redis) -> None:
        attempt = ask(conn).attempt()
        await redis.set(keys.attempt(attempt), "1")
        assert await self.fate(conn, redis) is Fate.UNKNOWN

    async def test_all_live_state_is_lost_but_there_is_a_record(
        self, conn: Connection, redis: Redis
    ) -> None:
        attempt = ask(conn).attempt()
        conn.execute("INSERT INTO call (id) VALUES (%s)", [attempt])
        assert await self.fate(conn, redis) is Fate.UNKNOWN

    async def test_unknown_is_not_dialled_again_but_another_attempt_is_made(
        self, conn: Connection, parts: Parts, redis: Redis
    ) -> None:
        request = ask(conn, **ELSEWHERE)
        attempt = request.attempt()
        await redis.set(keys.attempt(attempt), "1")
        conn.execute("UPDATE callback_attempt SET lease_until = now()")
        async with working(parts):
            await soon(lambda: request.state == ("waiting", "unknown"))
            request.due_now()
            await soon(lambda: len(request.json["attempts"]) == 2)
            await soon(is_handed(redis, request))

    async def test_a_live_call_keeps_its_lease(
        self, conn: Connection, parts: Parts, redis: Redis
    ) -> None:
        request = ask(conn, **ELSEWHERE)
        attempt = request.attempt()
        await redis.sadd(keys.CALLS, attempt)
        conn.execute("UPDATE callback_attempt SET lease_until = now()")
        left = b"SELECT extract(epoch FROM max(lease_until) - now()) > 20 FROM callback_attempt"
        async with working(parts):
            await soon(lambda: one_value(conn, left))
        assert request.state[0] == "dialling"
