"""At which step a call goes on that an earlier process left."""

from __future__ import annotations

import pytest

from ari_app.flow import END
from ari_app.leg import Leg
from ari_app.resume import keeps_agent, resume_at
from support.call_fakes import new_state


def resume(step: str, *, caller: bool = True, agent: bool = True, connected_ms: int = 0) -> str:
    state = new_state("c", step=step)
    state.connected_ms = connected_ms
    return resume_at(
        state, Leg("x", "customer", gone=not caller), Leg("y", "agent", gone=not agent)
    )


@pytest.mark.parametrize("step", ["open_call", "take_order", "decide", "queue"])
def test_who_waited_goes_on_waiting(step: str) -> None:
    assert resume(step, agent=False) == step


@pytest.mark.parametrize("step", ["ring", "announce"])
@pytest.mark.parametrize("agent", [True, False])
def test_who_was_about_to_be_connected_is_back_in_the_queue(step: str, agent: bool) -> None:
    assert resume(step, agent=agent) == "queue"


def test_a_bridge_is_finished_when_both_are_there() -> None:
    assert resume("bridge") == "bridge"
    assert resume("bridge", agent=False) == "queue"


@pytest.mark.parametrize("step", ["talk", "end_contact", "wrap_up"])
@pytest.mark.parametrize("caller", [True, False])
@pytest.mark.parametrize("agent", [True, False])
def test_after_contact_nothing_is_begun_anew(step: str, caller: bool, agent: bool) -> None:
    assert resume(step, caller=caller, agent=agent, connected_ms=1) == step


def test_contact_that_was_stored_counts_more_than_the_step() -> None:
    assert resume("bridge", caller=False, agent=False, connected_ms=1) == "talk"


@pytest.mark.parametrize("step", ["open_call", "queue", "ring", "announce", "bridge"])
def test_who_left_before_contact_is_only_cleaned_up(step: str) -> None:
    assert resume(step, caller=False) == END


# --- calls to customers


def resume_callback(step: str, customer: Leg, *, agent: bool = False, **known: int) -> str:
    state = new_state("c", step=step)
    state.callback = {"id": "c"}
    for name, value in known.items():
        setattr(state, name, value)
    return resume_at(state, customer, Leg("y", "agent", gone=not agent))


THERE = Leg("x", "customer", dialled=True, answered=True)
GONE = Leg("x", "customer", dialled=True, gone=True)
NOT_DIALLED = Leg("x", "customer")


@pytest.mark.parametrize(
    "step", ["decide", "dial_customer", "queue", "ring", "sign_on", "announce"]
)
def test_who_was_not_dialled_is_sought_an_agent_or_dialled(step: str) -> None:
    assert resume_callback(step, NOT_DIALLED) == "decide"


@pytest.mark.parametrize("step", ["dial_customer", "ring"])
@pytest.mark.parametrize("customer", [Leg("x", "customer", dialled=True), THERE, GONE])
def test_who_was_dialled_and_not_let_in_is_looked_for(step: str, customer: Leg) -> None:
    assert resume_callback(step, customer, dialled_ms=1) == "dial_customer"


@pytest.mark.parametrize("step", ["greet", "queue", "ring", "sign_on", "announce"])
def test_who_was_let_in_goes_on_waiting(step: str) -> None:
    assert resume_callback(step, THERE, dialled_ms=1, answered_ms=2) == "greet"


def test_who_was_let_in_and_left_is_only_cleaned_up() -> None:
    assert resume_callback("queue", GONE, dialled_ms=1, answered_ms=2) == END


def test_an_attempt_whose_fate_is_known_is_only_cleaned_up() -> None:
    state = new_state("c", step="dial_customer")
    state.callback, state.fate = {"id": "c"}, "busy"
    assert resume_at(state, GONE, Leg("y", "agent", gone=True)) == END


def test_an_agent_who_has_signed_on_stays() -> None:
    known = {"dialled_ms": 1, "answered_ms": 2, "signed_on_ms": 3}
    assert resume_callback("bridge", THERE, agent=True, **known) == "bridge"
    assert resume_callback("bridge", THERE, agent=False, **known) == "greet"
    state = new_state("c", step="dial_customer")
    state.signed_on_ms = 3
    assert keeps_agent(state, Leg("y", "agent"))
    assert not keeps_agent(state, Leg("y", "agent", gone=True))
    state.step = "announce"
    assert not keeps_agent(state, Leg("y", "agent"))
