"""The worker: what is due reaches the app's stream, promptly, once, and only when it may."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from redis.asyncio import Redis

from ari_app.worker import engine, handover
from ari_app.worker.engine import Engine
from ari_app.worker.parts import Parts
from ari_app.worker.room import read_room
from cordboard import keys
from cordboard.agent_state import State
from support.callback_worker import conn, handed, is_handed, working
from support.callback_world import ELSEWHERE
from support.requests import Connection, ask, one_value
from support.soon import soon

__all__ = ["conn"]


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
