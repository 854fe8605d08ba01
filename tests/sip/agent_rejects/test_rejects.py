"""A phone that refuses (486 busy, 603 decline) or is gone: the next agent gets the call."""

from __future__ import annotations

import pytest

from cordboard.agent_state import State
from support.people import DANA
from support.world import Given


@pytest.mark.parametrize("code", [486, 603])
def test_the_next_agent_gets_the_call(given: Given, code: int) -> None:
    ava = given.agent("ava", refuse_with=code)
    call = given.known_caller(DANA)
    ava.becomes(State.NOT_RESPONDING)
    assert ava.field("reason") == "rejected"
    given.becomes(call, state="queued")

    ben = given.agent("ben")
    ben.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert [leg["party"] for leg in record["legs"] if leg["role"] == "agent"] == [
        "ava",
        "ben",
    ]
    assert ava.phone.run.finish() == 0


def test_a_phone_whose_cable_was_pulled(given: Given) -> None:
    given.group("halyard-service", ring_seconds=2)
    ava = given.agent("ava")
    ava.phone.cut()
    call = given.known_caller(DANA)
    ava.becomes(State.NOT_RESPONDING)
    ben = given.agent("ben")
    ben.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")
