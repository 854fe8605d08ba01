"""Agents' states in Redis, and the ACD that claims them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from redis.asyncio import Redis

from ari_app.acd import Acd
from ari_app.agents import Agents
from ari_app.bus import Bus
from cordboard import keys
from cordboard.acd import WaitingCall
from cordboard.agent_state import Event, State
from support.soon import soon


async def work(agents: Agents, *numbers: int) -> None:
    """Phones registered, agents available."""
    for number in numbers:
        agents.set_registered(f"phone-agent{number}", True)
        await agents.change(number, Event.LOG_IN)
        await agents.change(number, Event.MAKE_AVAILABLE)


async def happened(redis: Redis, stream: str) -> list[dict[str, Any]]:
    entries = await redis.xrange(stream)
    return [
        json.loads(fields["data"])
        for _, fields in entries
        if fields["type"] == "agent.state_changed"
    ]


async def test_of_many_calls_that_want_one_agent_one_gets_it(agents: Agents) -> None:
    await work(agents, 1)
    claims = (agents.change(1, Event.RESERVE, call_id=f"call-{n}") for n in range(20))
    assert sorted(await asyncio.gather(*claims)) == [False] * 19 + [True]


async def test_an_agent_without_a_phone_cannot_be_claimed(agents: Agents) -> None:
    await work(agents, 1)
    agents.set_registered("phone-agent1", False)
    assert not await agents.change(1, Event.RESERVE, call_id="c")
    assert (await agents.refresh(1)).state == State.AVAILABLE


async def test_an_agent_in_a_call_that_is_not_ours_cannot_be_claimed(agents: Agents) -> None:
    await work(agents, 1)
    agents.set_elsewhere("phone-agent1", True)
    assert [agent.id for agent in agents.free()] == []
    assert not await agents.change(1, Event.RESERVE, call_id="c")
    assert (await agents.refresh(1)).elsewhere
    agents.set_elsewhere("phone-agent1", False)
    assert await agents.change(1, Event.RESERVE, call_id="c")


async def test_another_calls_news_does_not_move_an_agent(agents: Agents) -> None:
    await work(agents, 1)
    await agents.change(1, Event.RESERVE, call_id="mine")
    assert not await agents.change(1, Event.RELEASE, call_id="other")
    assert (await agents.refresh(1)).call == "mine"


async def test_a_choice_made_during_a_call_takes_effect_after_wrap_up(
    agents: Agents, redis: Redis
) -> None:
    await work(agents, 1)
    for event in (Event.RESERVE, Event.RING, Event.ANSWER):
        assert await agents.change(1, event, call_id="c")
    await agents.change(1, Event.PAUSE, reason="lunch")
    assert (await agents.refresh(1)).state == State.ON_CALL
    await agents.change(1, Event.CALL_ENDED, call_id="c", wrap_until_ms=99)
    assert (await agents.refresh(1)).wrap_until_ms == 99
    await agents.change(1, Event.WRAP_UP_ENDED, call_id="c")
    assert (await agents.refresh(1)).state == State.PAUSED
    assert await redis.hget(keys.agent(1), "reason") == "lunch"
    assert agents.by_id[1].wrap_until_ms == 0


async def test_each_change_is_told_to_the_desk_and_to_all(agents: Agents, redis: Redis) -> None:
    await work(agents, 1)
    told = await happened(redis, keys.desk(1))
    assert [event["state"] for event in told] == [State.PAUSED, State.AVAILABLE]
    assert await happened(redis, keys.EVENTS) == told


async def test_a_call_that_never_reached_an_agent_costs_no_place_among_the_idle(
    agents: Agents,
) -> None:
    await work(agents, 1)
    before = (await agents.refresh(1)).idle_since_ms
    await agents.change(1, Event.RESERVE, call_id="c")
    await agents.change(1, Event.RELEASE, call_id="c")
    assert (await agents.refresh(1)).idle_since_ms == before


async def test_two_apps_never_give_one_agent_two_calls(agents: Agents, bus: Bus) -> None:
    other = Agents(bus)
    await work(agents, 1, 2)
    await other.read()
    delivered: list[tuple[str, int]] = []
    matchers = [Acd(agents), Acd(other)]
    for number in range(6):
        name = f"call-{number}"
        call = WaitingCall(name, "sales", float(number), 0)
        matchers[number % 2].enter(call, lambda agent, name=name: delivered.append((name, agent)))
    tasks = [asyncio.create_task(matcher.run()) for matcher in matchers]
    await soon(lambda: len(delivered) == 2)
    for task in tasks:
        task.cancel()
    assert sorted(agent for _, agent in delivered) == [1, 2]
    assert {(await agents.refresh(n)).call for n in (1, 2)} == {name for name, _ in delivered}


async def test_calls_are_served_in_order_as_agents_become_free(agents: Agents) -> None:
    acd, delivered = Acd(agents), list[str]()
    for name, score in (("late", 3.0), ("early", 1.0), ("later", 4.0)):
        acd.enter(WaitingCall(name, "sales", score, 0), lambda _, name=name: delivered.append(name))
    assert [acd.position(name) for name in ("early", "late", "later")] == [1, 2, 3]
    task = asyncio.create_task(acd.run())
    await work(agents, 1)
    agents.changed()
    await soon(lambda: delivered)
    await work(agents, 2)
    agents.changed()
    await soon(lambda: len(delivered) == 2)
    task.cancel()
    assert delivered == ["early", "late"]
    assert len(acd) == 1


async def test_agents_who_left_the_directory_are_forgotten_and_states_stay(
    agents: Agents, redis: Redis
) -> None:
    await work(agents, 1)
    row = {"id": 1, "name": "New", "username": "agent1", "device": "d", "number": None}
    row |= {"groups": {}, "skills": {}}
    await agents.store([row])
    assert list(agents.by_id) == [1]
    assert (agents.by_id[1].name, agents.by_id[1].state) == ("New", State.AVAILABLE)
    assert await redis.smembers(keys.AGENTS) == {"1"}
    assert not await redis.exists(keys.agent(2))
