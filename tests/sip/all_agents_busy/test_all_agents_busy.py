"""All agents are busy: callers wait in order, hear where they stand, and are served."""

from __future__ import annotations

from cordboard.agent_state import Event, State
from cordboard.sipp import eventually
from support.people import DANA, LENA, OTTO, PRIYA
from support.world import Given


def test_a_waiting_caller_is_served_when_the_agent_is_free(given: Given) -> None:
    given.group("halyard-service", wrapup_seconds=1)
    ava = given.agent("ava")
    first = given.known_caller(DANA)
    ava.becomes(State.ON_CALL)

    second = given.known_caller(OTTO)
    given.becomes(second, state="queued")
    eventually(second.media.hears_something, what="the waiting caller hears music or a message")

    first.hang_up()
    assert ava.phone.rings(2).custom()["X-CB-Call-Id"] == second.call_id()
    ava.becomes(State.ON_CALL)
    second.hang_up()
    given.ended(first, "answered")
    given.ended(second, "answered")


def test_callers_are_served_in_order_but_a_gold_customer_first(given: Given) -> None:
    given.group("halyard-service", wrapup_seconds=0)
    given.staff_on_pause()
    calls = {}
    for person in (OTTO, DANA, PRIYA):
        calls[person.name] = given.known_caller(person)
        given.becomes(calls[person.name], state="queued")

    ava = given.agent("ava")
    order = []
    for nth in (1, 2, 3):
        name = ava.phone.rings(nth).custom()["X-CB-Customer-Name"]
        order.append(name)
        given.becomes(calls[name], state="connected")
        calls[name].hang_up()
        given.ended(calls[name], "answered")
        ava.happen(Event.WRAP_UP_ENDED)
    assert order == [PRIYA.name, OTTO.name, DANA.name]


def test_a_full_queue_falls_back(given: Given) -> None:
    given.group("halyard-service", max_waiting=1)
    given.staff_on_pause()
    first = given.known_caller(DANA)
    given.becomes(first, state="queued")
    second = given.known_caller(LENA)
    second.wait_for("queue-fallback")
    second.hang_up()
    given.ended(second, "fallback")
    first.hang_up()
    given.ended(first, "abandoned")


def test_an_available_agent_without_a_phone_is_not_rung(given: Given) -> None:
    ava = given.agent("ava")
    ava.phone.unplug()
    eventually(lambda: ava.field("registered") == "0", what="the app sees the phone gone")
    call = given.known_caller(DANA)
    given.becomes(call, state="queued")
    ben = given.agent("ben")
    ben.becomes(State.ON_CALL)
    assert ava.state is State.AVAILABLE
    call.hang_up()
    record = given.ended(call, "answered")
    assert [leg["party"] for leg in record["legs"] if leg["role"] == "agent"] == ["ben"]


def test_with_nobody_logged_in_a_caller_falls_back_at_once(given: Given) -> None:
    call = given.known_caller(DANA)
    call.wait_for("queue-fallback")
    call.hang_up()
    given.ended(call, "fallback")


def test_a_caller_who_waited_too_long_falls_back(given: Given) -> None:
    given.group("halyard-service", max_wait_seconds=2)
    given.staff_on_pause()
    call = given.known_caller(DANA)
    call.wait_for("queue-fallback")
    call.hang_up()
    given.ended(call, "fallback")
