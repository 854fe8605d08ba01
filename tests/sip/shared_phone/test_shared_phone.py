"""Several customers call from one number: the caller is asked, and only then known."""

from __future__ import annotations

from support.people import ACCOUNT_PROMPT, CUSTOMER_LINE, INES, PAUL, SSN_PROMPT
from support.world import Given


def test_the_account_decides_which_of_them_calls(given: Given) -> None:
    ava = given.agent("ava", ring_ms=None)
    call = given.call(CUSTOMER_LINE, PAUL.phone)
    call.answer(ACCOUNT_PROMPT, f"{PAUL.account}#")
    call.answer(SSN_PROMPT, f"{PAUL.ssn}#")

    assert ava.phone.rings().custom()["X-CB-Customer-Name"] == PAUL.name
    call.hang_up()
    record = given.ended(call, "abandoned")
    assert record["cti"]["CUSTOMER_NAME"] == PAUL.name
    assert record["verified"] is True


def test_nobody_is_guessed_from_the_shared_number(given: Given) -> None:
    ava = given.agent("ava", ring_ms=None)
    call = given.call(CUSTOMER_LINE, INES.phone)
    call.answer(ACCOUNT_PROMPT, "0")

    assert "X-CB-Customer-Name" not in ava.phone.rings().custom()
    call.hang_up()
    assert given.ended(call, "abandoned")["customer"] is None
