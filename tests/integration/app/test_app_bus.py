"""Commands to Redis: in order, together, and not lost when the connection breaks."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from ari_app.bus import Bus


async def test_commands_keep_their_order_and_answers_find_their_asker(bus: Bus) -> None:
    bus.pipe.rpush("list", "a")
    first = bus.last()
    await asyncio.sleep(0)
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
    await asyncio.sleep(0)
    await bus.flush()
    assert await redis.get("a") == "1"
