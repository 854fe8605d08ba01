"""A service failure that touches the caller's account is spoken of, and goes to the agent."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import DANA, LENA
from support.world import Given


def test_the_caller_hears_the_notice(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(LENA)
    call.wait_for("sub-play-notice")
    data = ava.phone.rings(within=40).custom()
    assert data["X-CB-Service-Failure"]
    ava.becomes(State.ON_CALL)
    call.hang_up()
    assert given.ended(call, "answered")["cti"]["SERVICE_FAILURE"]


def test_who_is_not_touched_hears_nothing_of_it(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    assert "X-CB-Service-Failure" not in ava.phone.rings().custom()
    call.hang_up()
    assert call.exit_code() == 0
