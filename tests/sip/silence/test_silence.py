"""A caller who never presses a key is asked three times and then reaches a person."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import ACCOUNT_LINE, STRANGER
from support.world import Given


def test_silence_leads_to_a_person(given: Given) -> None:
    given.dialplan_variable("CB_WAIT_FIRST", "1")
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    ava.phone.rings(within=90)
    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["customer"] is None
    assert record["identified_by"] == []
    assert record["verified"] is False
