"""The worker: what is due reaches the app's stream, promptly, once, and only when it may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from redis.asyncio import Redis

from ari_app.journal import Journal
from ari_app.worker import engine, fates, handover, retention
from ari_app.worker.__main__ import call_back
from ari_app.worker.engine import Engine
from ari_app.worker.parts import Parts
from ari_app.worker.room import read_room
from cordboard import keys
from cordboard.agent_state import State
from cordboard.callbacks import Fate
from db.queries import sql
from support.beside import running
from support.callback_world import ELSEWHERE, allow_all
from support.requests import Connection, SqlRequest, ask, claim, one_value
from support.soon import soon

Connect = Callable[[], Connection]


@pytest.fixture
def conn(connect: Connect) -> Connection:
    conn = connect()
    allow_all(conn)
    return conn


def working(*parts: Parts) -> AbstractAsyncContextManager[None]:
    return running(*(call_back(one) for one in parts))


async def handed(redis: Redis) -> list[str]:
    """Requests of the attempts in the app's stream."""
    return [orjson.loads(f["attempt"])["request"] for _, f in await redis.xrange(keys.CALLBACKS)]


def is_handed(redis: Redis, *requests: SqlRequest) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return sorted(await handed(redis)) == sorted(request.id for request in requests)

    return look


async def agent(redis: Redis, number: int, state: State, **fields: Any) -> None:
    stored = {"groups": '{"pantry-orders": 1}', "state": state, "chosen": "available"}
    await redis.sadd(keys.AGENTS, number)
    await redis.hset(keys.agent(number), mapping={**stored, "registered": "1", **fields})
    await redis.xadd(keys.EVENTS, {"type": "agent.state_changed", "data": "{}"})


async def test_now_is_at_once(conn: Connection, parts: Parts, redis: Redis) -> None:
    async with working(parts):
        first = ask(conn, **ELSEWHERE)
        await soon(is_handed(redis, first))
        began = time.monotonic()
        second = ask(conn, **ELSEWHERE)
        await soon(is_handed(redis, first, second))
        # It was asleep and is woken: far sooner than it would wake by itself.
        assert time.monotonic() - began < 2
    (attempt,) = second.json["attempts"]
    assert attempt["state"] == "handed"
    told = orjson.loads((await redis.xrange(keys.CALLBACKS))[-1][1]["attempt"])
    assert told["id"] == attempt["id"]
    assert told["rule"]["external"]


async def test_later_is_when_it_is_due(conn: Connection, parts: Parts, redis: Redis) -> None:
    due_ms = time.time_ns() // 1_000_000 + 1500
    async with working(parts):
        request = ask(conn, wanted_ms=due_ms, **ELSEWHERE)
        await soon(is_handed(redis, request))
    entry_id = (await redis.xrange(keys.CALLBACKS))[0][0]
    late_ms = int(entry_id.partition("-")[0]) - due_ms
    assert 0 <= late_ms < 1000


async def test_nobody_is_called_while_no_agent_is_free(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    await agent(redis, 1, State.ON_CALL)
    async with working(parts):
        first, second = ask(conn), ask(conn)
        outside = ask(conn, **ELSEWHERE)
        await soon(is_handed(redis, outside))
        await agent(redis, 1, State.AVAILABLE)
        # One agent is free: one customer is called, whoever came first.
        await soon(is_handed(redis, outside, first))
    assert second.state == ("waiting", None)


async def test_two_workers_do_not_both_count_one_free_agent(
    conn: Connection, parts: Parts, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agent(redis, 1, State.AVAILABLE)
    first, second = ask(conn), ask(conn)
    counted = 0

    def other_waits() -> bool:
        waiting = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        row = conn.execute(waiting).fetchone()
        return counted > 1 or bool(row and row["n"])

    async def count(*args: Any) -> Any:
        nonlocal counted
        room = await read_room(*args)
        counted += 1
        if counted == 1:
            await soon(other_waits)
        return room

    monkeypatch.setattr(engine, "read_room", count)
    claimed = await asyncio.gather(*(Engine(parts).claim() for _ in range(2)))
    assert [one["request"] for _, attempts in claimed for one in attempts] == [first.id]
    assert second.state == ("waiting", None)


async def test_an_agent_about_to_be_free_counts(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    soon_ms = time.time_ns() // 1_000_000 + 7000
    await agent(redis, 1, State.WRAP_UP, wrap_until_ms=soon_ms)
    async with working(parts):
        request = ask(conn)
        await soon(is_handed(redis, request))
    entry_id = (await redis.xrange(keys.CALLBACKS))[0][0]
    # Before wrap-up is over, and not long before.
    assert soon_ms - 6100 <= int(entry_id.partition("-")[0]) < soon_ms


async def test_whoever_waits_in_the_queue_for_longer_comes_first(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    await agent(redis, 1, State.AVAILABLE)
    late = ask(conn, entered_ms=2_000_000)
    await redis.zadd(keys.queue("pantry-orders"), {str(uuid4()): 9 * 10**13 + 1_000_000})
    outside = ask(conn, **ELSEWHERE)
    async with working(parts):
        await soon(is_handed(redis, outside))
        early = ask(conn, entered_ms=500_000)
        await soon(is_handed(redis, outside, early))
    assert late.state == ("waiting", None)


async def test_what_the_policy_forbids_is_refused_with_its_reason(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    request = ask(conn, **ELSEWHERE, number="+13125550177")
    conn.execute("INSERT INTO do_not_call (number) VALUES ('+13125550177')")
    async with working(parts):
        await soon(lambda: request.state == ("refused", "do_not_call"))
    rows = conn.execute("SELECT request_id::text AS request, reason FROM policy_refusal").fetchall()
    assert rows == [{"request": request.id, "reason": "do_not_call"}]
    assert await handed(redis) == []


async def test_one_that_the_database_chokes_on_holds_up_nobody(
    conn: Connection, parts: Parts, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = handover.check_async

    async def choke(*args: Any, **more: Any) -> Any:
        if "+13125550177" in args:
            raise psycopg.DataError("unsupported Unicode escape sequence")
        return await judge(*args, **more)

    monkeypatch.setattr(handover, "check_async", choke)
    odd = ask(conn, **ELSEWHERE, number="+13125550177")
    async with working(parts):
        await soon(lambda: odd.state == ("waiting", "failed"))
        await soon(is_handed(redis, ask(conn, **ELSEWHERE)))


async def test_out_of_hours_it_is_moved(conn: Connection, parts: Parts, redis: Redis) -> None:
    request = ask(conn, **ELSEWHERE)
    # A minute that is half a day away where the number is.
    conn.execute(
        "UPDATE dialling_policy SET calls_from_minute = m, calls_until_minute = m + 1"
        " FROM (SELECT (extract(hour FROM now() AT TIME ZONE 'America/Chicago')::int"
        "  * 60 + 720) % 1440 AS m) clock"
    )
    async with working(parts):
        await soon(lambda: "request.moved" in request.timeline)
    assert request.state[0] == "waiting"
    assert request.due_in_s() > 60
    assert await handed(redis) == []


async def test_a_visitor_is_told_once_whoever_works(
    conn: Connection, parts: Parts, redis: Redis
) -> None:
    visitor = str(uuid4())
    conn.execute(
        "INSERT INTO visitor_session (id, subscriber_id)"
        " SELECT %s, id FROM subscriber WHERE code = 'pantry'",
        [visitor],
    )
    second = Parts(parts.settings, parts.pool, redis, name="second")
    listening = (
        b"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = %(db)s"
    )
    async with working(parts, second):
        await soon(lambda: one_value(conn, listening, db=conn.info.dbname) == 2)
        request = ask(conn, **{**ELSEWHERE, "source": "web"}, visitor=visitor)
        await soon(is_handed(redis, request))
        attempt = request.json["attempts"][0]["id"]
        request.end(attempt, "busy", 486)
        await soon(lambda: told_states(redis, visitor, "waiting", "dialling", "waiting"))
    told = [orjson.loads(f["data"]) for _, f in await redis.xrange(keys.visitor(visitor))]
    assert told[-1]["outcome"] == "busy"
    assert told[-1]["due_ms"] > told[0]["due_ms"]


async def told_states(redis: Redis, visitor: str, *states: str) -> bool:
    entries = await redis.xrange(keys.visitor(visitor))
    return [orjson.loads(fields["data"])["state"] for _, fields in entries] == list(states)


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


async def test_what_is_too_old_is_forgotten_part_by_part(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, conn: Connection
) -> None:
    monkeypatch.setattr(retention, "BREATH_S", 0.001)
    conn.execute(
        "INSERT INTO policy_refusal (subscriber_id, reason, at)"
        " SELECT 2, 'holiday', now() - make_interval(days => 2 * n) FROM generate_series(0, 8) n"
    )
    parts.settings = parts.settings.model_copy(update={"retention_days": 5})
    assert await retention.forget_old(parts, batch=4) == 6
    assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == 3
    assert await retention.forget_old(parts, batch=4) == 0


@pytest.mark.parametrize(("most", "left"), [(1, 1), (0, 3)])
async def test_a_kind_that_is_slow_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, parts: Parts, conn: Connection, most: int, left: int
) -> None:
    """What takes too long goes in smaller parts, or later; `most` rows at once take no time."""
    monkeypatch.setattr(retention, "BREATH_S", 0.001)
    conn.execute(
        "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT count(*) FROM gone) > TG_ARGV[0]::integer THEN"
        " RAISE 'canceling statement due to statement timeout' USING ERRCODE = '57014';"
        " END IF; RETURN NULL; END $$"
    )
    conn.execute(
        "CREATE TRIGGER slow AFTER DELETE ON policy_refusal REFERENCING OLD TABLE AS gone"
        f" FOR EACH STATEMENT EXECUTE FUNCTION be_slow({most})".encode()
    )
    conn.execute(
        "INSERT INTO policy_refusal (subscriber_id, reason, at)"
        " SELECT 2, 'holiday', now() - make_interval(days => 200 - 50 * n)"
        " FROM generate_series(1, 3) n"
    )
    conn.execute(
        "INSERT INTO outbox (id, subscriber_id, recipient, subject, body, state, next_at, sent_at)"
        " SELECT gen_random_uuid(), 2, 'a@example.com', 'Order', '', 'sent', t, t"
        " FROM (SELECT now() - interval '91 days') AS old (t)"
    )
    assert await retention.forget_old(parts) == 1 + 3 - left
    assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == left
    assert one_value(conn, b"SELECT count(*) FROM outbox") == 0
