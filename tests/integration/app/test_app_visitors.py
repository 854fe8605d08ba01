"""A visitor who is gone without a word: the agent is told, once, and not too soon."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from ari_app.bus import Bus
from ari_app.call import Call
from ari_app.visitors import MISSING, Visitors
from cordboard import keys
from support.call_fakes import FakeServices, new_state

AGENT = 7


@pytest.fixture
def call() -> Call:
    """An agent has signed on to the call of a visitor."""
    services: Any = FakeServices()
    call = Call(new_state(str(uuid4())), services)
    call.state.visitor, call.state.agent, call.state.signed_on_ms = str(uuid4()), AGENT, 1
    return call


async def told(redis: Redis) -> list[str]:
    return [fields["type"] for _, fields in await redis.xrange(keys.desk(AGENT))]


async def look(visitors: Visitors, bus: Bus, times: int) -> None:
    for _ in range(times):
        await visitors.look()
    await bus.flush()


async def test_the_agent_is_told_once(bus: Bus, redis: Redis, call: Call) -> None:
    visitors = Visitors(bus, lambda: [call])
    await look(visitors, bus, MISSING - 1)
    assert await told(redis) == []
    await look(visitors, bus, MISSING)
    assert await told(redis) == ["visitor.left"]
    assert await redis.get(keys.visitor_away(call.state.visitor)) == "1"


async def test_who_is_there_or_was_meanwhile_is_not_missing(
    bus: Bus, redis: Redis, call: Call
) -> None:
    visitors, presence = Visitors(bus, lambda: [call]), keys.presence(call.state.visitor)
    await look(visitors, bus, MISSING - 1)
    await redis.zadd(presence, {"page": 1})
    await look(visitors, bus, 1)
    await redis.delete(presence)
    await look(visitors, bus, MISSING - 1)
    assert await told(redis) == []


async def test_of_whom_a_web_worker_told_nobody_tells_again(
    bus: Bus, redis: Redis, call: Call
) -> None:
    await redis.set(keys.visitor_away(call.state.visitor), "1")
    await look(Visitors(bus, lambda: [call]), bus, MISSING)
    assert await told(redis) == []


@pytest.mark.parametrize("changed", [{"signed_on_ms": 0}, {"agent": 0}, {"ended_ms": 5}])
async def test_before_sign_on_and_after_the_call_nobody_is_told(
    bus: Bus, redis: Redis, call: Call, changed: dict[str, int]
) -> None:
    for name, value in changed.items():
        setattr(call.state, name, value)
    await look(Visitors(bus, lambda: [call]), bus, MISSING)
    assert await redis.keys("*") == []


async def test_a_call_without_a_visitor_is_nobodys(bus: Bus, redis: Redis) -> None:
    quiet: Any = SimpleNamespace(state=new_state("c"))
    await look(Visitors(bus, lambda: [quiet]), bus, MISSING)
    assert await redis.keys("*") == []
