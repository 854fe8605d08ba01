"""What may become of dialling a customer; each outcome says whether and when it is tried again."""

from __future__ import annotations

import pytest

from cordboard.events import CallEndAsked, tell_all
from cordboard.sipp import eventually
from support.people import ROSA
from support.world import Given


@pytest.mark.parametrize(
    ("status", "outcome", "state"),
    [
        (486, "busy", "waiting"),
        (600, "busy", "waiting"),
        (603, "refused", "given_up"),
        (480, "no_answer", "waiting"),
        (404, "failed", "waiting"),
        (503, "failed", "waiting"),
    ],
)
def test_a_customer_who_is_not_reached(given: Given, status: int, outcome: str, state: str) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone, refuse_with=status)
    call = given.call_back(ROSA.phone)
    attempt = call.becomes(outcome)
    assert attempt["sip_code"] == status
    assert attempt["dialled_at"]
    given.becomes(call, outcome=outcome, state="ended")
    assert call.request_state() == state
    assert len(rosa.invites()) == 1
    assert call.legs_told()[0] == "customer dialling"
    assert call.legs_told()[-1] == "customer ended"


def test_a_customer_who_does_not_answer(given: Given) -> None:
    given.staff_on_pause("hana")
    given.rule("ORDERS", ring_customer_seconds=5)
    rosa = given.answering(ROSA.phone, ring_ms=None)
    call = given.call_back(ROSA.phone)
    rosa.rings()
    call.becomes("no_answer")
    given.becomes(call, outcome="no_answer")
    assert "customer ringing" in call.legs_told()


def test_a_request_that_is_taken_back_while_the_phone_rings(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone, ring_ms=None)
    call = given.call_back(ROSA.phone)
    rosa.rings()
    call.take_back()
    pipe = given.redis.pipeline()
    tell_all(pipe, CallEndAsked(call.id, "visitor"))
    pipe.execute()
    call.becomes("cancelled", within=10)
    given.becomes(call, outcome="cancelled", state="ended")


def test_a_customer_who_hangs_up_while_waiting(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    eventually(rosa.media.hears_something, what="the hold text")
    rosa.go_on()
    call.becomes("hung_up")
    given.becomes(call, outcome="abandoned")
    assert call.request_state() == "waiting"


def test_a_customer_whom_the_dialplan_takes_is_not_called_again(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    given.becomes(call, state="queued")
    given.switch.set_variable(f"{call.id}.customer.1", "TIMEOUT(absolute)", "1")
    call.becomes("answered")
    given.becomes(call, outcome="fallback")
    assert call.request_state() == "completed"
    assert rosa.talks()


def test_a_customer_who_presses_0_while_waiting(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    given.becomes(call, state="queued")
    rosa.media.key("0")
    call.becomes("cancelled")
    given.becomes(call, outcome="cancelled")
    assert call.request_state() == "cancelled"
    eventually(lambda: not rosa.talks(), what="the customer is let go")


def test_nobody_is_logged_in(given: Given) -> None:
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    call.becomes("no_agent")
    given.becomes(call, outcome="no_agent")
    eventually(lambda: not rosa.talks(), what="the customer was told, and let go")


def test_voicemail_is_told_from_a_person(given: Given) -> None:
    given.staff_on_pause("hana")
    given.rule("ORDERS", detect_voicemail=True)
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    rosa.speaks_first(700)  # and does not stop: a greeting
    call.becomes("voicemail")
    given.becomes(call, outcome="voicemail")
    assert call.request_state() == "waiting"


def test_a_person_is_told_from_voicemail(given: Given) -> None:
    given.staff_on_pause("hana")
    given.rule("ORDERS", detect_voicemail=True)
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    rosa.speaks_first(700)
    eventually(lambda: rosa.media.spoken_s() > 0.5, what="somebody said hello")
    rosa.media.hush()
    record = given.becomes(call, state="queued")
    [leg] = record["legs"]
    assert leg["answered"]
    rosa.go_on()
    call.becomes("hung_up")


def test_only_who_knows_the_code_is_connected(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone, proof_code="4242")
    rosa.media.key("0000")
    rosa.media.key("4242")
    record = given.becomes(call, state="queued")
    assert "proof" in record["identified_by"]
    rosa.go_on()
    call.becomes("hung_up")


def test_who_hangs_up_instead_of_keying_the_code(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone, proof_code="4242")
    eventually(rosa.media.hears_something, what="the question for the code")
    rosa.go_on()
    call.becomes("hung_up")
    given.becomes(call, outcome="abandoned")
    assert call.request_state() == "waiting"


def test_who_does_not_know_the_code_is_let_go(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone, proof_code="4242")
    for _ in range(3):
        rosa.media.key("1111")
    call.becomes("not_proved")
    given.becomes(call, outcome="not_proved")
    assert call.request_state() == "given_up"
    assert "queued" not in call.database.timeline(call.id)
