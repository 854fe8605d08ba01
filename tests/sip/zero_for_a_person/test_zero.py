"""0 leads to a person from every prompt, with what was found out until then."""

from __future__ import annotations

from cordboard.agent_state import State
from support.people import (
    ACCOUNT_LINE,
    ACCOUNT_PROMPT,
    DANA,
    MARCUS,
    MENU_LINE,
    MENU_PROMPT,
    SSN_PROMPT,
    STRANGER,
)
from support.world import Given


def test_at_the_account_number(given: Given) -> None:
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, "0")
    ava.becomes(State.ON_CALL)
    call.hang_up()
    assert given.ended(call, "answered")["customer"] is None


def test_at_the_ssn(given: Given) -> None:
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(SSN_PROMPT, "0")
    ava.becomes(State.ON_CALL)
    call.hang_up()
    record = given.ended(call, "answered")
    assert record["cti"]["CUSTOMER_NAME"] == MARCUS.name
    assert record["verified"] is False


def test_at_the_menu(given: Given) -> None:
    ava = given.agent("ava")
    call = given.call(MENU_LINE, DANA.phone)
    call.answer(MENU_PROMPT, "0")
    ava.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")
