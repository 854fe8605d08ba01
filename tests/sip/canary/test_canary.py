"""Digits that a caller keyed as a social security number are found nowhere afterwards.

A number that nobody else has is keyed as a wrong one, as the right one, and into the wrong field;
then every log, file, Redis key and the dump of the database are searched for it.
"""

from __future__ import annotations

from cordboard.agent_state import State
from cordboard.identity import hash_ssn
from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT, MARCUS, SSN_PROMPT, STRANGER
from support.search import everything
from support.world import Given

RIGHT = "938471625"
WRONG = "962718435"
TOO_LONG = "9736251840572"


def test_keyed_digits_leave_no_trace(given: Given) -> None:
    key = given.settings.ssn_key.get_secret_value().encode()
    given.changed(
        "customer",
        {"last_name": "Bell", "first_name": "Marcus"},
        ssn_hash=hash_ssn(RIGHT, key),
        ssn_last4=RIGHT[-4:],
    )
    ava = given.agent("ava")
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{RIGHT}#")
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    for digits in (WRONG, TOO_LONG, RIGHT):
        call.answer(SSN_PROMPT, f"{digits}#")
    given.becomes(call, verified=True)
    ava.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")

    found_account = False
    for name, content in everything(given.settings, given.redis):
        found_account |= MARCUS.account.encode() in content
        for canary in (RIGHT, WRONG, TOO_LONG):
            for written in (canary, f"{canary[:3]}-{canary[3:5]}-{canary[5:]}"):
                assert written.encode() not in content, f"keyed digits stand in {name}"
    assert found_account, "the search itself finds nothing"
