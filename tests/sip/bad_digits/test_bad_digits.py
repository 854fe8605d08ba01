"""Digits that cannot be right are said to be so, and asked for again."""

from __future__ import annotations

import pytest

from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT, MARCUS, SSN_PROMPT, STRANGER
from support.world import Given


@pytest.mark.parametrize(
    "tries",
    [("123#", "1234567890123456#"), ("99999999#", "4*0A1D#")],
    ids=["too short, too long", "nobody's, with star and letters"],
)
def test_a_bad_account_number_is_asked_for_again(given: Given, tries: tuple[str, str]) -> None:
    call = given.call(ACCOUNT_LINE, STRANGER)
    for digits in tries:
        call.answer(ACCOUNT_PROMPT, digits)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    record = given.becomes(call, identified_by=["account"])
    assert record["cti"]["CUSTOMER_NAME"] == MARCUS.name
    call.hang_up()
    given.ended(call, "abandoned_ivr")


def test_a_bad_ssn_is_asked_for_again(given: Given) -> None:
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    for digits in ("1234#", "12345678901234#"):
        call.answer(SSN_PROMPT, digits)
    call.answer(SSN_PROMPT, f"{MARCUS.ssn}#")
    given.becomes(call, verified=True)
    call.hang_up()
    given.ended(call, "abandoned_ivr")
