"""The app's end of the stream of attempts: each becomes a call at most once."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import orjson
import pytest
from redis.asyncio import Redis

from ari_app.bus import Bus
from ari_app.callbacks import GROUP, Callbacks
from ari_app.journal import Journal
from ari_app.state import CallState
from cordboard import keys
from support.beside import running
from support.soon import soon


class Begun:
    """Stands for the dispatcher: remembers what was begun, runs nothing."""

    def __init__(self) -> None:
        self.calls: dict[str, Any] = {}
        self.begun: list[str] = []

    def adopt(self, flow: object, call: Any) -> None:
        self.begun.append(call.id)
        self.calls[call.id] = call


class FakeCall:
    def __init__(self, attempt: dict[str, Any]) -> None:
        self.id = attempt["id"]
        self.state = CallState(self.id, "callback", f"{self.id}.customer.1")


def new_call(attempt: dict[str, Any]) -> Any:
    if not attempt.get("number"):
        raise ValueError("number cannot be dialled")
    return None, FakeCall(attempt)


def taking(
    redis: Redis, bus: Bus, begun: Begun, ready: list[bool] | None = None
) -> AbstractAsyncContextManager[None]:
    open_ = ready or [True]
    dispatcher: Any = begun
    taker = Callbacks(redis, dispatcher, Journal(bus), new_call, lambda: open_[0])
    return running(taker.run())


async def hand_over(redis: Redis, attempt: dict[str, Any], **options: Any) -> None:
    await redis.xadd(keys.CALLBACKS, {"attempt": orjson.dumps(attempt)}, **options)


async def all_taken(redis: Redis) -> None:
    async def look() -> bool:
        return not await redis.xlen(keys.CALLBACKS)

    await soon(look)


@pytest.fixture
def attempt() -> dict[str, Any]:
    return {"id": str(uuid4()), "number": "+13125550150"}


async def test_an_attempt_becomes_a_call(redis: Redis, bus: Bus, attempt: dict[str, Any]) -> None:
    begun = Begun()
    async with taking(redis, bus, begun):
        await hand_over(redis, attempt)
        await all_taken(redis)
    assert begun.begun == [attempt["id"]]
    # It is stored: killed now, the next run of the app adopts it.
    assert await redis.sismember(keys.CALLS, attempt["id"])
    assert await redis.hget(keys.call(attempt["id"]), "flow") == "callback"
    assert (await redis.xpending(keys.CALLBACKS, GROUP))["pending"] == 0


async def test_one_that_is_handed_over_twice_is_begun_once(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    begun = Begun()
    await hand_over(redis, attempt)
    await hand_over(redis, attempt)
    async with taking(redis, bus, begun):
        await all_taken(redis)
        # The call is over long since; a worker that was late hands it over once more.
        await redis.delete(keys.call(attempt["id"]))
        await hand_over(redis, attempt)
        await all_taken(redis)
    assert begun.begun == [attempt["id"]]


async def test_killed_between_reading_and_storing_it_is_read_again(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    await redis.xgroup_create(keys.CALLBACKS, GROUP, id="0", mkstream=True)
    await hand_over(redis, attempt)
    assert await redis.xreadgroup(GROUP, "app", {keys.CALLBACKS: ">"})
    begun = Begun()
    async with taking(redis, bus, begun):
        await all_taken(redis)
    assert begun.begun == [attempt["id"]]


async def test_killed_before_acknowledging_it_is_not_begun_again(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    await redis.xgroup_create(keys.CALLBACKS, GROUP, id="0", mkstream=True)
    await hand_over(redis, attempt)
    assert await redis.xreadgroup(GROUP, "app", {keys.CALLBACKS: ">"})
    await redis.set(keys.attempt(attempt["id"]), "1")
    begun = Begun()
    async with taking(redis, bus, begun):
        await all_taken(redis)
    assert begun.begun == []


async def test_killed_while_storing_it_is_begun_though_no_start_has_found_it(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    """The last word of an app that was killed may come after the next one looked for calls."""
    begun = Begun()
    async with taking(redis, bus, begun):
        await hand_over(redis, attempt)
        await all_taken(redis)
    again = Begun()
    async with taking(redis, bus, again):
        await hand_over(redis, attempt)
        await all_taken(redis)
        await hand_over(redis, attempt)
        await all_taken(redis)
    assert again.begun == [attempt["id"]]
    # One whose flow has begun is found by whoever starts, and by nobody else.
    await redis.hset(keys.call(attempt["id"]), "step", "open_request")
    third = Begun()
    async with taking(redis, bus, third):
        await hand_over(redis, attempt)
        await all_taken(redis)
    assert third.begun == []


async def test_nothing_is_taken_while_no_call_can_be_made(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    begun, ready = Begun(), [False]
    async with taking(redis, bus, begun, ready):
        await hand_over(redis, attempt)
        with pytest.raises(TimeoutError):
            await soon(lambda: begun.begun, within=0.5)
        ready[0] = True
        await all_taken(redis)
    assert begun.begun == [attempt["id"]]


@pytest.mark.parametrize(
    "wrong", [{"id": "00000000-0000-0000-0000-000000000001"}, {"number": "+1"}, []]
)
async def test_a_malformed_one_holds_up_nobody(
    redis: Redis, bus: Bus, attempt: dict[str, Any], wrong: Any
) -> None:
    begun = Begun()
    async with taking(redis, bus, begun):
        await hand_over(redis, wrong)
        await redis.xadd(keys.CALLBACKS, {"attempt": "no JSON"})
        await redis.xadd(keys.CALLBACKS, {"other": "field"})
        await hand_over(redis, attempt)
        await all_taken(redis)
    assert begun.begun == [attempt["id"]]


async def test_one_that_waited_too_long_ends_as_failed(
    redis: Redis, bus: Bus, attempt: dict[str, Any]
) -> None:
    begun = Begun()
    await hand_over(redis, attempt, id="1000-0")
    async with taking(redis, bus, begun):
        await all_taken(redis)
    await bus.flush()
    assert begun.begun == []
    ((_, fields),) = await redis.xrange(keys.JOURNAL)
    entry = orjson.loads(fields["entry"])
    assert (entry["kind"], entry["call"]) == ("attempt", attempt["id"])
    assert entry["set"]["outcome"] == "failed"
