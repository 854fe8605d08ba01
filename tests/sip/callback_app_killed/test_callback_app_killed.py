"""``kill -9`` of the app during a call to a customer: nobody is cut off or dialled twice."""

from __future__ import annotations

import pytest

from cordboard import keys
from cordboard.agent_state import State
from cordboard.sipp import Party, eventually
from db.demo.people import REMOTE
from support.people import ROSA
from support.stack import kill, stopped, wait_until_back
from support.world import Given

[(_, IRIS, _, _, IRIS_NUMBER)] = REMOTE
PARTNER_NUMBER = "+12025550190"
#: The sound may stutter when the machine is busy, but never stops (seconds).
LONGEST_GAP_S = 1.5


@pytest.fixture
def rosa(given: Given) -> Party:
    return given.answering(ROSA.phone)


def _restart(given: Given) -> None:
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))


def test_while_the_customer_rings(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    rosa.rings()
    _restart(given)
    rosa.go_on()
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")
    assert len(rosa.invites()) == 1, "dialled once"


def test_a_customer_who_left_meanwhile_is_not_dialled_again(given: Given) -> None:
    given.staff_on_pause("hana")
    rosa = given.answering(ROSA.phone, ring_ms=None)
    call = given.call_back(ROSA.phone)
    rosa.rings()
    with stopped(given.settings, "ari_app"):
        for channel in given.switch.channels():
            given.switch.hang_up(channel["id"])
        eventually(lambda: not given.switch.channels())
    call.becomes("unknown")
    assert call.request_state() == "waiting", "the next attempt is another one"
    assert len(rosa.invites()) == 1, "dialled once"


def test_while_the_customer_waits(given: Given, rosa: Party) -> None:
    given.staff_on_pause("hana")
    call = given.call_back(ROSA.phone)
    given.becomes(call, state="queued")
    _restart(given)
    assert rosa.talks()
    gus = given.agent("gus")
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")


def test_while_the_agent_signs_on(given: Given, rosa: Party) -> None:
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    eventually(gus.phone.talks, within=20)
    _restart(given)
    gus.phone.rings(2)  # nobody listened to the keys any more: it is rung anew
    eventually(gus.phone.talks)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")
    assert len(rosa.invites()) == 1


@pytest.mark.parametrize("lost", [False, True], ids=["state kept", "state lost"])
def test_while_they_talk(given: Given, rosa: Party, lost: bool) -> None:
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone)
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.media.speak(1000)
    eventually(lambda: gus.phone.media.hears(1000))

    gus.phone.media.longest_gap_s()
    if lost:
        given.redis.flushall()
    _restart(given)
    eventually(
        lambda: given.redis.sismember(keys.CALLS, call.id), what="the app has found the call"
    )
    eventually(lambda: gus.phone.media.hears(1000), within=3)
    assert gus.phone.media.longest_gap_s() < LONGEST_GAP_S
    rosa.go_on()
    call.becomes("answered")
    given.becomes(call, outcome="answered")
    if not lost:
        gus.becomes(State.WRAP_UP)
    eventually(lambda: not gus.phone.talks(), what="the agent's leg ends with the call")


@pytest.mark.parametrize(("subject", "username"), [("ORDERS", IRIS), ("PARTNER", "")])
def test_while_they_talk_over_the_trunk_and_all_live_state_is_lost(
    given: Given, rosa: Party, subject: str, username: str
) -> None:
    phone = given.answering(IRIS_NUMBER if username else PARTNER_NUMBER)
    if username:
        given.remote_agent(username)
    call = given.call_back(ROSA.phone, subject)
    eventually(phone.talks, within=20)
    phone.media.key("#")
    given.becomes(call, state="connected")
    rosa.media.speak(1000)
    eventually(lambda: phone.media.hears(1000))

    phone.media.longest_gap_s()
    given.redis.flushall()
    _restart(given)
    eventually(
        lambda: given.redis.sismember(keys.CALLS, call.id), what="the app has found the call"
    )
    eventually(lambda: phone.media.hears(1000), within=3)
    assert phone.media.longest_gap_s() < LONGEST_GAP_S
    rosa.go_on()
    call.becomes("answered")
    given.becomes(call, outcome="answered")
    eventually(lambda: not phone.talks(), what="the other leg ends with the call")


def test_while_the_agent_waits_for_the_customer(given: Given) -> None:
    rosa = given.answering(ROSA.phone, ring_ms=None)
    gus = given.agent("gus")
    call = given.call_back(ROSA.phone, "HELP")
    eventually(gus.phone.talks, within=20)
    gus.phone.media.key("#")
    rosa.rings()
    _restart(given)
    assert gus.phone.talks(), "who has signed on stays"
    rosa.go_on()
    given.becomes(call, state="connected")
    rosa.go_on()
    call.becomes("answered")
    assert (len(rosa.invites()), len(gus.phone.invites())) == (1, 1)


def test_a_customer_who_waits_while_it_stays_away_is_not_left_alone(
    given: Given, rosa: Party
) -> None:
    given.staff_on_pause("hana")
    gus = given.agent_with_phone("gus")
    call = given.call_back(ROSA.phone)
    given.becomes(call, state="queued")
    with stopped(given.settings, "ari_app"):
        # The dead-man timer, which the app set to 45 s, as if those had nearly passed.
        given.switch.set_variable(f"{call.id}.customer.1", "TIMEOUT(absolute)", "1")
        rosa.media.speak(1000)
        gus.phone.rings(within=40)
        eventually(lambda: gus.phone.media.hears(1000), within=20, what="both talk")
    eventually(lambda: not given.redis.sismember(keys.CALLS, call.id), what="left to the queue")
    eventually(lambda: gus.phone.media.hears(1000), within=3)
    rosa.go_on()
    eventually(lambda: given.record(call)["ended"], what="the end is recorded")
