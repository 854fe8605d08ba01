"""The SSN is wrong three times: the caller reaches a person, known by account and not verified."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT, DANA, MARCUS, QUEUE, SSN_PROMPT, STRANGER
from support.world import Given


def test_three_wrong_numbers_lead_to_a_person(given: Given) -> None:
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    for wrong in ("900110099", DANA.ssn, "900110098"):
        call.answer(SSN_PROMPT, f"{wrong}#")

    data = ava.phone.rings(within=30).custom()
    assert data["X-CB-Customer-Name"] == MARCUS.name
    assert data["X-CB-Service-Offer-Code"]
    assert "X-CB-Sales-Offer-Code" not in data
    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["verified"] is False
    assert record["identified_by"] == ["account"]
    assert (
        given.database.value(
            "SELECT count(*) FROM verification_attempt WHERE call_id = %s", call.call_id()
        )
        >= 3
    )


def test_the_right_number_after_a_wrong_one_verifies(given: Given) -> None:
    given.staff_on_pause()
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(SSN_PROMPT, "900110099#")
    call.answer(SSN_PROMPT, f"{MARCUS.ssn}#")
    given.becomes(call, verified=True, identified_by=["account", "ssn"])
    call.wait_for(QUEUE)
    call.hang_up()
    given.ended(call, "abandoned")
