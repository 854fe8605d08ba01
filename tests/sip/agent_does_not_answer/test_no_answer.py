"""An agent who does not answer gets no more calls; the caller is offered to the next one."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import DANA
from support.world import Given


def test_the_next_agent_gets_the_call(given: Given) -> None:
    given.group("halyard-service", ring_seconds=2)
    ava = given.agent("ava", ring_ms=None)
    call = given.known_caller(DANA)
    ava.phone.rings()
    ben = given.agent("ben")

    ava.becomes(State.NOT_RESPONDING)
    assert ava.field("reason") == "no_answer"
    ben.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    answered = [leg for leg in record["legs"] if leg["role"] == "agent" and leg["answered"]]
    assert [leg["party"] for leg in answered] == ["ben"]
    assert len([leg for leg in record["legs"] if leg["role"] == "agent"]) == 2
    assert ava.phone.run.finish() == 0


def test_with_nobody_else_the_caller_waits_on(given: Given) -> None:
    given.group("halyard-service", ring_seconds=1)
    ava = given.agent("ava", ring_ms=None)
    call = given.known_caller(DANA)
    ava.becomes(State.NOT_RESPONDING)
    given.becomes(call, state="queued")

    ava.be_available()
    ava.phone.rings(2)
    ava.phone.go_on()
    ava.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")


def test_a_long_ringing_does_not_lose_the_caller_to_the_dead_man_timer(given: Given) -> None:
    given.group("halyard-service", ring_seconds=90)
    ava = given.agent("ava", ring_ms=None)
    call = given.known_caller(DANA)
    ava.phone.rings()
    channel = call.channel()
    assert channel is not None
    assert float(given.switch.variable(channel["id"], "TIMEOUT(absolute)")) > 90
    call.hang_up()
    given.ended(call, "abandoned")
