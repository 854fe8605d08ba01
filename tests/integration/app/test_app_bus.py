"""Commands to Redis: in order, together, and not lost when the connection breaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from ari_app.bus import Bus
from support.soon import one_turn


class Swallowing(Redis):
    """A client that takes no notice of a cancellation while it reads, as redis-py may."""

    reading: asyncio.Event

    def pipeline(self, *args: Any, **options: Any) -> Pipeline:
        pipe, reading = super().pipeline(*args, **options), self.reading
        whole, pipe.execute = pipe.execute, None

        async def execute(**options: Any) -> list[Any]:
            answers: list[Any] = await whole(**options)
            reading.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return answers

        pipe.execute = execute
        return pipe


async def test_it_ends_although_the_client_swallows_what_tells_it_so(redis_url: str) -> None:
    async with Swallowing.from_url(redis_url) as client:
        client.reading = asyncio.Event()
        bus = Bus(client)
        running = asyncio.create_task(bus.run())
        bus.pipe.set("a", 1)
        await client.reading.wait()
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=5)
    assert done == {running}
    assert running.cancelled()


async def is_under_way(bus: Bus) -> None:
    """Until all that was queued is on its way to Redis."""
    async with asyncio.timeout(5):
        while len(bus.pipe):
            await one_turn()


async def test_commands_keep_their_order_and_answers_find_their_asker(bus: Bus) -> None:
    bus.pipe.rpush("list", "a")
    first = bus.last()
    await is_under_way(bus)
    bus.pipe.rpush("list", "b")
    bus.pipe.lrange("list", 0, -1)
    assert await bus.last() == ["a", "b"]
    assert await first == 1


async def test_a_refused_command_is_told_to_its_asker_and_hurts_no_other(bus: Bus) -> None:
    bus.pipe.set("text", "x")
    bus.pipe.rpush("text", "y")
    with pytest.raises(ResponseError):
        await bus.last()
    bus.pipe.get("text")
    assert await bus.last() == "x"


async def test_what_was_under_way_when_the_connection_broke_is_sent_again(
    bus: Bus, redis: Redis
) -> None:
    for number in range(50):
        bus.pipe.hset("hash", str(number), "x")
        if number % 10 == 0:
            await redis.client_kill_filter(_type="normal", skipme=True)
    await bus.flush()
    assert await redis.hlen("hash") == 50
    assert bus.up


async def test_flush_waits_for_what_is_under_way(bus: Bus, redis: Redis) -> None:
    bus.pipe.set("a", 1)
    answer = asyncio.ensure_future(bus.last())
    await is_under_way(bus)
    assert not answer.done()
    await bus.flush()
    assert answer.done()
    assert await redis.get("a") == "1"
