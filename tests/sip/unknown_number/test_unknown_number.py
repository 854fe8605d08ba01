"""A number that is nobody's: a polite prompt, then the end; no agent is bothered."""

from __future__ import annotations

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import DANA, NOBODY
from support.world import Given


def test_the_caller_is_told(given: Given) -> None:
    ava = given.agent("ava")
    call = given.caller(NOBODY, DANA.phone, refused_with=404)
    call.wait_for("unknown-did")
    eventually(call.media.hears_something, what="the prompt is heard before the call is answered")
    assert call.exit_code(30) == 0, call.run.complaint()
    assert ava.state is State.AVAILABLE
    assert ava.phone.invites() == []
    assert given.database.rows("SELECT 1 FROM call WHERE dnis = %s", NOBODY) == []
