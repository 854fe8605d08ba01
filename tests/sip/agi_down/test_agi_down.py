"""The FastAGI server is away: the dialplan goes on by itself and the caller reaches a person."""

from __future__ import annotations

from cordboard.sipp import eventually
from support.people import CUSTOMER_LINE, DANA
from support.stack import stopped
from support.world import Given


def test_the_caller_reaches_a_person(given: Given) -> None:
    ava = given.agent("ava")
    with stopped(given.settings, "agi"):
        call = given.caller(CUSTOMER_LINE, DANA.phone)
        call.media.speak(1000)
        ava.phone.rings(within=40)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
