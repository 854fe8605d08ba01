"""An unknown number, then account and SSN: verified, and both offers are there."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import (
    ACCOUNT_LINE,
    ACCOUNT_PROMPT,
    DANA,
    MARCUS,
    PANTRY_ORDERS,
    ROSA,
    SSN_PROMPT,
    STRANGER,
)
from support.world import Given


def test_both_offers_are_attached(given: Given) -> None:
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(SSN_PROMPT, f"{MARCUS.ssn}#")

    data = ava.phone.rings().custom()
    for kind in ("Sales", "Service"):
        assert data[f"X-CB-{kind}-Offer-Code"]
        assert data[f"X-CB-{kind}-Offer-Url"].startswith("http")
    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["cti"]["CUSTOMER_NAME"] == MARCUS.name
    assert record["identified_by"] == ["account", "ssn"]
    assert record["verified"] is True
    assert {offer["kind"] for offer in record["offers"]} == {"sales", "service"}


def test_a_known_number_is_verified_too_on_the_account_line(given: Given) -> None:
    given.agent("ava", ring_ms=None)
    call = given.call(ACCOUNT_LINE, DANA.phone)
    call.answer(ACCOUNT_PROMPT, f"{DANA.account}#")
    call.answer(SSN_PROMPT, f"{DANA.ssn}#")
    record = given.becomes(call, verified=True)
    assert record["identified_by"] == ["ani", "account", "ssn"]
    given.becomes(call, state="ringing")
    call.hang_up()
    given.ended(call, "abandoned")


def test_an_account_of_another_subscriber_does_not_exist_here(given: Given) -> None:
    call = given.call(PANTRY_ORDERS, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(ACCOUNT_PROMPT, f"{ROSA.account}#")
    record = given.becomes(call, identified_by=["account"])
    assert record["cti"]["CUSTOMER_NAME"] == ROSA.name
    call.hang_up()
    given.ended(call, "abandoned_ivr")
