"""Wherever the caller hangs up, the call is closed, with an outcome that says where."""

from __future__ import annotations

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import (
    ACCOUNT_LINE,
    ACCOUNT_PROMPT,
    DANA,
    MARCUS,
    SSN_PROMPT,
    STRANGER,
)
from support.world import Given


def test_during_the_welcome(given: Given) -> None:
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.hang_up()
    given.ended(call, "abandoned_ivr")


def test_at_the_account_number(given: Given) -> None:
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.wait_for(ACCOUNT_PROMPT)
    call.hang_up()
    given.ended(call, "abandoned_ivr")


def test_at_the_ssn(given: Given) -> None:
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.wait_for(SSN_PROMPT)
    call.hang_up()
    record = given.ended(call, "abandoned_ivr")
    assert record["cti"]["CUSTOMER_NAME"] == MARCUS.name


def test_in_the_queue(given: Given) -> None:
    given.staff_on_pause()
    call = given.known_caller(DANA)
    given.becomes(call, state="queued")
    call.hang_up()
    given.ended(call, "abandoned")


def test_while_the_agent_is_rung(given: Given) -> None:
    ava = given.agent("ava", ring_ms=None)
    call = given.known_caller(DANA)
    ava.phone.rings()
    ava.becomes(State.RINGING)
    call.hang_up()
    given.ended(call, "abandoned")
    ava.becomes(State.AVAILABLE)
    assert ava.phone.run.finish() == 0, "the phone saw the call cancelled in good order"


def test_during_the_announcement(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    eventually(ava.phone.talks, within=20)
    call.hang_up()
    given.ended(call, "abandoned")
    eventually(lambda: not ava.phone.talks(), what="the agent's phone is hung up")
    ava.becomes(State.AVAILABLE)


def test_in_the_talk(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    given.becomes(call, state="connected")
    call.hang_up()
    given.ended(call, "answered")
    ava.becomes(State.WRAP_UP)
