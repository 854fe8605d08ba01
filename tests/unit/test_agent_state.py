"""The table of an agent's states."""

from __future__ import annotations

import json

import pytest

from cordboard.agent_state import CHOSEN, TRANSITIONS, Event, State, change


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_left(state: State) -> None:
    assert any(old is state and new != state for (old, _), new in TRANSITIONS.items())


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state: State) -> None:
    reached = {new for (old, _), new in TRANSITIONS.items() if old is not state}
    choices = {State.AVAILABLE, State.PAUSED, State.OFFLINE}
    assert state in reached or (CHOSEN in reached and state in choices)


def test_only_an_available_agent_can_be_reserved() -> None:
    assert [old for (old, event) in TRANSITIONS if event is Event.RESERVE] == [State.AVAILABLE]


@pytest.mark.parametrize("state", [State.RESERVED, State.RINGING, State.ON_CALL])
def test_an_agent_bound_to_a_call_can_always_be_given_back(state: State) -> None:
    assert TRANSITIONS[state, Event.RELEASE] == CHOSEN


@pytest.mark.parametrize("event", [Event.LOG_OUT, Event.PAUSE, Event.MAKE_AVAILABLE])
def test_no_choice_of_the_agent_ends_a_call(event: Event) -> None:
    for state in (State.RESERVED, State.RINGING, State.ON_CALL, State.WRAP_UP):
        assert TRANSITIONS[state, event] == state


def test_a_change_names_the_agents_keys_and_only_that_events_moves() -> None:
    run = change(7, Event.RESERVE, now_ms=5, call_id="c")
    assert run.keys[:2] == ["cb:agent:7", "cb:desk:7"]
    assert json.loads(run.args[2]) == {"available": "reserved"}
