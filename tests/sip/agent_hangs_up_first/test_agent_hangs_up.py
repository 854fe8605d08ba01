"""The agent hangs up: in the talk it ends the call, before that it costs the caller nothing."""

from __future__ import annotations

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import DANA, OTTO
from support.world import Given


def test_in_the_talk_the_call_ends(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    given.becomes(call, state="connected")
    ava.phone.go_on()
    given.ended(call, "answered")
    ava.becomes(State.WRAP_UP)
    assert ava.phone.run.finish() == 0


def test_in_the_announcement_the_caller_goes_back_to_the_head_of_the_queue(given: Given) -> None:
    ava = given.agent("ava")
    first = given.known_caller(DANA)
    eventually(ava.phone.talks, within=20)
    second = given.known_caller(OTTO)
    ava.phone.go_on()
    given.becomes(first, state="queued")
    given.becomes(second, state="queued")

    ben = given.agent("ben")
    assert ben.phone.rings().custom()["X-CB-Call-Id"] == first.call_id()
    ben.becomes(State.ON_CALL)
    first.hang_up()
    given.ended(first, "answered")
    second.hang_up()
    given.ended(second, "abandoned")
