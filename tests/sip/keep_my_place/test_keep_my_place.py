"""The wait is long: a caller presses 1, hangs up, and is called back at the place in the queue."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.agent_state import State
from cordboard.sipp import Caller, eventually
from support.agent import Agent
from support.people import PANTRY_NO_QUESTIONS, ROSA
from support.world import Given

ANOTHER = "+13125550151"


@pytest.fixture
def gus(given: Given) -> Agent:
    """The only agent; a caller talks to him."""
    given.group("pantry-orders", offer_callback_after_seconds=1, wrapup_seconds=0)
    gus = given.agent("gus")
    given.call(PANTRY_NO_QUESTIONS, "+13125550170")
    gus.becomes(State.ON_CALL)
    return gus


def waits(given: Given, ani: str = ROSA.phone) -> Caller:
    """A caller who is offered to be called back."""
    caller = given.call(PANTRY_NO_QUESTIONS, ani)
    happens(given, caller, "callback.offered")
    return caller


def happens(given: Given, caller: Caller, event: str, times: int = 1) -> None:
    eventually(
        lambda: given.timeline(caller).count(event) == times, within=40, what=f"{times} {event}"
    )


def request(given: Given, caller: Caller) -> dict[str, Any]:
    rows = given.database.rows(
        "SELECT q.*, c.queued FROM call_request q JOIN call c ON c.id = q.first_call_id"
        " WHERE q.first_call_id = %s",
        caller.call_id(),
    )
    assert len(rows) == 1
    return rows[0]


def test_called_back_at_the_place_in_the_queue(given: Given, gus: Agent) -> None:
    rosa = given.answering(ROSA.phone)
    given.network_opens()
    caller = waits(given)
    caller.media.key("1")
    happens(given, caller, "callback.number_asked")
    caller.media.key("1")
    happens(given, caller, "callback.promised")
    given.ended(caller, "callback")
    asked = request(given, caller)
    assert (asked["source"], asked["number"], asked["state"]) == ("queue", ROSA.phone, "waiting")
    assert asked["entered_at"] == asked["queued"]
    assert asked["customer_id"], "who called is known"

    # Somebody who came later waits on the line: whoever kept a place is called, and served before.
    later = given.call(PANTRY_NO_QUESTIONS, "+13125550171")
    given.becomes(later, state="queued")
    rosa.rings()
    look = "SELECT id::text FROM callback_attempt WHERE request_id = %s"
    attempt = given.database.value(look, asked["id"])
    eventually(
        lambda: given.database.value("SELECT state FROM call WHERE id = %s", attempt) == "queued",
        what="the customer who was called back waits for the agent",
    )
    gus.phone.go_on()
    assert gus.phone.rings(2).custom()["X-CB-Call-Id"] == attempt
    given.database.value("SELECT cancel_request_v1(%s, 'test')", asked["id"])


def test_another_number_is_keyed(given: Given, gus: Agent) -> None:
    caller = waits(given)
    caller.media.key("1")
    happens(given, caller, "callback.number_asked")
    caller.media.key(ANOTHER.removeprefix("+1") + "#")
    given.ended(caller, "callback")
    assert request(given, caller)["number"] == ANOTHER
    given.database.value(
        "SELECT cancel_request_v1(id, 'test') FROM call_request WHERE first_call_id = %s",
        caller.call_id(),
    )


def test_a_number_that_may_not_be_called_is_refused_and_the_place_is_kept(
    given: Given, gus: Agent
) -> None:
    caller = waits(given)
    caller.media.key("1")
    for times in (1, 2, 3):
        happens(given, caller, "callback.number_asked", times)
        caller.media.key("9005550150#")
    given.becomes(caller, state="queued")
    eventually(caller.media.hears_something, what="the caller waits with music again")
    refused = given.database.value(
        "SELECT count(*) FROM policy_refusal WHERE number LIKE '%%9005550150'"
    )
    assert refused >= 3
    assert "callback.promised" not in given.timeline(caller)
    gus.phone.go_on()
    assert gus.phone.rings(2).custom()["X-CB-Call-Id"] == caller.call_id()


def test_a_caller_who_does_nothing_goes_on_waiting(given: Given, gus: Agent) -> None:
    caller = waits(given)
    gus.phone.go_on()
    assert gus.phone.rings(2).custom()["X-CB-Call-Id"] == caller.call_id()
    assert given.timeline(caller).count("callback.offered") == 1


def test_nothing_is_offered_while_the_wait_is_short(given: Given) -> None:
    given.group("pantry-orders", offer_callback_after_seconds=14_400, wrapup_seconds=0)
    gus = given.agent("gus")
    first = given.call(PANTRY_NO_QUESTIONS, "+13125550170")
    gus.becomes(State.ON_CALL)
    caller = given.call(PANTRY_NO_QUESTIONS, ROSA.phone)
    given.becomes(caller, state="queued")
    caller.media.key("1")
    first.hang_up()
    assert gus.phone.rings(2).custom()["X-CB-Call-Id"] == caller.call_id()
    assert "callback.offered" not in given.timeline(caller)
