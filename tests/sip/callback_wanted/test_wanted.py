"""Who asks for a certain agent, or for a skill, gets it when it is there; else the next agent."""

from __future__ import annotations

import pytest

from cordboard.agent_state import Event, State
from cordboard.sipp import Party, eventually
from support.agent import Agent
from support.callbacks import Callback
from support.people import DANA, ROSA
from support.world import Given


@pytest.fixture
def rosa(given: Given) -> Party:
    return given.answering(ROSA.phone)


def talks_to(given: Given, call: Callback, agent: Agent, within: float = 20.0) -> None:
    """The agent's phone rings, is answered and signs on; then both talk."""
    eventually(agent.phone.talks, within=within, what=f"{agent.username} answers")
    agent.phone.media.key("#")
    given.becomes(call, state="connected")


def test_a_wanted_agent_who_is_free_gets_the_call(given: Given, rosa: Party) -> None:
    gus, hana = given.agent("gus"), given.agent("hana")  # it would be gus's turn
    call = given.call_back(ROSA.phone, wanted_agent="hana")
    talks_to(given, call, hana)
    rosa.go_on()
    call.becomes("answered")
    assert not gus.phone.invites()


@pytest.mark.parametrize("away", ["offline", "paused"])
def test_for_a_wanted_agent_who_is_away_another_takes_it(
    given: Given, rosa: Party, away: str
) -> None:
    gus = given.agent("gus")
    hana = given.staff_on_pause("hana") if away == "paused" else given.agent_with_phone("hana")
    call = given.call_back(ROSA.phone, wanted_agent="hana")
    talks_to(given, call, gus)
    rosa.go_on()
    call.becomes("answered")
    assert not hana.phone.invites()


def test_for_a_wanted_agent_who_does_not_answer_another_takes_it(given: Given, rosa: Party) -> None:
    given.rule("ORDERS", ring_agent_seconds=2)
    gus, hana = given.agent("gus"), given.agent("hana", ring_ms=None)
    call = given.call_back(ROSA.phone, wanted_agent="hana")
    hana.phone.rings()
    hana.becomes(State.NOT_RESPONDING)
    talks_to(given, call, gus)
    rosa.go_on()
    call.becomes("answered")


@pytest.mark.parametrize("long", [False, True], ids=["soon free", "long busy"])
def test_a_wanted_agent_who_is_busy_is_waited_for_but_not_for_ever(
    given: Given, rosa: Party, long: bool
) -> None:
    dana = given.answering(DANA.phone)
    hana = given.agent("hana")
    first = given.call_back(DANA.phone)
    talks_to(given, first, hana)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, wanted_agent="hana")
    given.becomes(call, state="queued")
    if not long:
        dana.go_on()
        hana.becomes(State.WRAP_UP)
        hana.happen(Event.WRAP_UP_ENDED)
        hana.phone.rings(2)
    talks_to(given, call, gus if long else hana, within=45)
    assert len(gus.phone.invites()) == int(long)
    rosa.go_on()
    call.becomes("answered")


def test_a_wanted_skill_is_honoured(given: Given, rosa: Party) -> None:
    gus, hana = given.agent("gus"), given.agent("hana")  # only hana speaks Spanish
    call = given.call_back(ROSA.phone, wanted_skill="es")
    talks_to(given, call, hana)
    rosa.go_on()
    call.becomes("answered")
    assert not gus.phone.invites()


def test_where_nobody_has_the_wanted_skill_another_takes_it_after_a_while(
    given: Given, rosa: Party
) -> None:
    given.group("pantry-orders", relax_skills_after_seconds=2)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, wanted_skill="es")
    talks_to(given, call, gus)
    rosa.go_on()
    call.becomes("answered")
