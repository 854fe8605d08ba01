"""At which step a call goes on that an earlier process left."""

from __future__ import annotations

import pytest

from ari_app.call import Leg
from ari_app.flow import END
from ari_app.resume import resume_at
from support.call_fakes import new_state


def resume(step: str, *, caller: bool = True, agent: bool = True, connected_ms: int = 0) -> str:
    state = new_state("c", step=step)
    state.connected_ms = connected_ms
    return resume_at(
        state, Leg("x", "customer", gone=not caller), Leg("y", "agent", gone=not agent)
    )


@pytest.mark.parametrize("step", ["open_call", "decide", "queue"])
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
