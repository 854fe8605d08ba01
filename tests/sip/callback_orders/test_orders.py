"""Who is dialled first is the subscriber's choice: the agent, or both at once."""

from __future__ import annotations

import pytest

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import ROSA
from support.world import Given

#: Subjects of the demo world: agent first, and both at once.
AGENT_FIRST, BOTH = "HELP", "FAST"


def test_the_agent_first(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, AGENT_FIRST)
    eventually(gus.phone.talks, within=20)
    assert not rosa.invites(), "nobody calls the customer before an agent has signed on"
    gus.phone.media.key("#")
    rosa.rings()
    eventually(gus.phone.media.hears_something, what="the agent hears music")
    rosa.go_on()
    given.becomes(call, state="connected")
    gus.phone.media.speak(400)  # the first sound that the customer hears
    eventually(lambda: rosa.media.hears(400), what="the customer hears the agent")
    rosa.media.speak(1000)
    eventually(lambda: gus.phone.media.hears(1000), what="the agent hears the customer")
    gus.phone.go_on()
    call.becomes("answered")
    given.becomes(call, outcome="answered")


@pytest.mark.parametrize(("status", "outcome"), [(486, "busy"), (603, "refused"), (404, "failed")])
def test_the_agent_is_told_that_there_is_no_customer(
    given: Given, status: int, outcome: str
) -> None:
    rosa = given.answering(ROSA.phone, refuse_with=status)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, AGENT_FIRST)
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    call.becomes(outcome)
    assert len(rosa.invites()) == 1
    assert gus.withdrawn(call.id) == f"customer_{outcome}"
    gus.becomes(State.AVAILABLE)
    assert given.record(call)["outcome"] == outcome
    eventually(lambda: not gus.phone.talks(), what="the agent was told, and let go")


def test_an_agent_who_leaves_while_the_customer_rings(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, AGENT_FIRST)
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    rosa.rings()
    gus.phone.go_on()
    eventually(lambda: not gus.phone.talks())
    hana = given.agent("hana")
    rosa.go_on()
    gus.becomes(State.NOT_RESPONDING)
    eventually(hana.phone.talks, within=20, what="the next agent is asked")
    hana.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")
    assert len(rosa.invites()) == 1


def test_both_at_once_the_customer_is_quicker(given: Given) -> None:
    rosa = given.answering(ROSA.phone)
    gus = given.agent("gus", ring_ms=None)
    call = given.call_back(ROSA.phone, BOTH)
    gus.phone.rings()
    eventually(rosa.media.hears_something, what="the customer hears the hold text or music")
    gus.phone.go_on()
    eventually(gus.phone.talks)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")


def test_both_at_once_the_agent_is_quicker(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, BOTH)
    rosa.rings()
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    eventually(lambda: "call.signed_on" in call.database.timeline(call.id))
    rosa.go_on()
    given.becomes(call, state="connected")
    rosa.media.speak(1000)
    eventually(lambda: gus.phone.media.hears(1000), what="the agent hears the customer")
    rosa.go_on()
    call.becomes("answered")


def test_both_at_once_and_both_answer_at_once(given: Given) -> None:
    rosa = given.answering(ROSA.phone)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, BOTH)
    eventually(gus.phone.talks, within=20)
    eventually(rosa.talks, within=20)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")
    assert (len(rosa.invites()), len(gus.phone.invites())) == (1, 1)


def test_both_at_once_and_the_customer_is_busy(given: Given) -> None:
    given.answering(ROSA.phone, refuse_with=486)
    gus = given.agent("gus", ring_ms=None)
    call = given.call_back(ROSA.phone, BOTH)
    call.becomes("busy")
    gus.becomes(State.AVAILABLE)
    given.becomes(call, outcome="busy")


def test_both_at_once_and_the_agent_declines(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus", refuse_with=486)
    call = given.call_back(ROSA.phone, BOTH)
    rosa.rings()
    gus.becomes(State.NOT_RESPONDING)
    hana = given.agent("hana")
    rosa.go_on()
    eventually(hana.phone.talks, within=20, what="the next agent is asked")
    hana.phone.media.key("#")
    given.becomes(call, state="connected")
    hana.phone.go_on()
    call.becomes("answered")
