"""Facts reach PostgreSQL in order, once, and wait while it is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from ari_app.bus import Bus
from ari_app.journal import GROUP, Journal, JournalWriter
from cordboard import keys
from db.pool import open_async_pool
from support.beside import running
from support.soon import soon

NOBODY_LISTENS = "postgresql://cordboard@127.0.0.1:9/cordboard"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool[Any]]:
    async with await open_async_pool(database_url, size=2, name="test") as pool:
        yield pool


def writing(bus: Bus, pool: AsyncConnectionPool[Any]) -> AbstractAsyncContextManager[None]:
    return running(JournalWriter(bus, pool).run())


async def is_empty(redis: Redis) -> None:
    async def look() -> bool:
        return not await redis.xlen(keys.JOURNAL)

    await soon(look)


def row(url: str, call: str) -> dict[str, Any]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(
            "SELECT state::text, outcome::text, (SELECT count(*) FROM call_event e"
            " WHERE e.call_id = c.id) AS events FROM call c WHERE id = %s",
            (call,),
        ).fetchone()
    assert found is not None
    return found


async def tell(bus: Bus, call: str) -> None:
    journal = Journal(bus)
    journal.call(call, state="queued", queued_ms=1_800_000_000_000)
    journal.call(call, state="ringing")
    journal.call(call, state="connected", answered_ms=1_800_000_001_000)
    journal.call(call, state="ended", outcome="answered", ended_ms=1_800_000_002_000)
    await bus.flush()


async def test_entries_are_applied_in_order(
    bus: Bus, redis: Redis, pool: AsyncConnectionPool[Any], database_url: str
) -> None:
    call = str(uuid4())
    await tell(bus, call)
    async with writing(bus, pool):
        await is_empty(redis)
    assert row(database_url, call) == {"state": "ended", "outcome": "answered", "events": 4}


async def test_what_an_earlier_writer_had_taken_is_applied_once(
    bus: Bus, redis: Redis, pool: AsyncConnectionPool[Any], database_url: str
) -> None:
    call = str(uuid4())
    await tell(bus, call)
    await redis.xgroup_create(keys.JOURNAL, GROUP, id="0")
    taken = await redis.xreadgroup(GROUP, "app", {keys.JOURNAL: ">"}, count=2)
    assert len(taken[0][1]) == 2
    async with writing(bus, pool):
        await is_empty(redis)
    assert row(database_url, call) == {"state": "ended", "outcome": "answered", "events": 4}


async def test_an_entry_that_was_written_twice_counts_once(
    bus: Bus, redis: Redis, pool: AsyncConnectionPool[Any], database_url: str
) -> None:
    call = str(uuid4())
    await tell(bus, call)
    for _, fields in await redis.xrange(keys.JOURNAL):
        await redis.xadd(keys.JOURNAL, fields)
    async with writing(bus, pool):
        await is_empty(redis)
    assert row(database_url, call)["events"] == 4


async def test_entries_wait_while_the_database_is_away(
    bus: Bus, redis: Redis, pool: AsyncConnectionPool[Any], database_url: str
) -> None:
    call = str(uuid4())
    await tell(bus, call)
    async with await open_async_pool(NOBODY_LISTENS, size=1, name="away") as away:
        away.timeout = 0.2
        async with writing(bus, away):
            await soon(lambda: redis.exists(keys.JOURNAL))
            await soon(lambda: redis.xinfo_groups(keys.JOURNAL))
            assert await redis.xlen(keys.JOURNAL) == 4
    async with writing(bus, pool):
        await is_empty(redis)
    assert row(database_url, call)["state"] == "ended"
