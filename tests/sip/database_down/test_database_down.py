"""PostgreSQL is away: the caller reaches a person all the same, and the record arrives later."""

from __future__ import annotations

from cordboard.sipp import eventually
from support.people import ACCOUNT_LINE, DANA, STRANGER
from support.stack import stopped
from support.world import Given


def test_a_call_that_comes_while_it_is_away(given: Given) -> None:
    ava = given.agent("ava")
    with stopped(given.settings, "postgres"):
        call = given.call(ACCOUNT_LINE, STRANGER)
        call.media.speak(1000)
        ava.phone.rings(within=40)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
    record = given.becomes(call, state="wrap_up", within=30)
    assert record["dnis"] == ACCOUNT_LINE


def test_a_call_that_was_there_before(given: Given) -> None:
    given.staff_on_pause()
    call = given.known_caller(DANA)
    given.becomes(call, state="queued")
    ava = given.agent_with_phone("ava")
    with stopped(given.settings, "postgres"):
        ava.be_available()
        assert ava.phone.rings().custom()["X-CB-Customer-Name"] == DANA.name
        call.media.speak(1000)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
    record = given.ended(call, "answered", within=30)
    assert record["cti"]["CUSTOMER_NAME"] == DANA.name
    assert [leg["role"] for leg in record["legs"] if leg["answered"]] == ["customer", "agent"]
