"""``kill -9`` of the app, whatever a call is doing: nobody is cut off, nobody loses the place."""

from __future__ import annotations

from cordboard import keys
from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import DANA, OTTO
from support.stack import kill, stopped, wait_until_back
from support.world import Given

#: The sound may stutter when the machine is busy, but never stops (seconds).
LONGEST_GAP_S = 1.5


def test_while_callers_wait(given: Given) -> None:
    given.staff_on_pause()
    calls = []
    for person in (OTTO, DANA):
        calls.append(given.known_caller(person))
        given.becomes(calls[-1], state="queued")
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))

    ava = given.agent("ava")
    assert ava.phone.rings().custom()["X-CB-Call-Id"] == calls[0].call_id(), "kept the order"
    ava.becomes(State.ON_CALL)
    for call in calls:
        call.hang_up()
    given.ended(calls[0], "answered")
    given.ended(calls[1], "abandoned")


def test_while_the_agent_is_rung(given: Given) -> None:
    ava = given.agent("ava", ring_ms=None)
    call = given.known_caller(DANA)
    ava.phone.rings()
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))
    ava.phone.rings(2)  # the app that is gone can no longer hear an answer: it is rung anew
    ava.phone.go_on()
    given.becomes(call, state="connected")
    call.hang_up()
    given.ended(call, "answered")


def test_while_they_talk(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    call.media.speak(1000)
    given.becomes(call, state="connected")
    eventually(lambda: ava.phone.media.hears(1000))

    ava.phone.media.longest_gap_s()
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))
    eventually(lambda: ava.phone.media.hears(1000), within=3)
    assert ava.phone.media.longest_gap_s() < LONGEST_GAP_S, "the sound goes on without the app"
    assert ava.phone.talks()
    assert ava.state is State.ON_CALL

    call.hang_up()
    given.ended(call, "answered")
    ava.becomes(State.WRAP_UP)


def test_while_they_talk_and_all_live_state_is_lost(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    call.media.speak(1000)
    given.becomes(call, state="connected")
    eventually(lambda: ava.phone.media.hears(1000))

    ava.phone.media.longest_gap_s()
    given.redis.flushall()
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))
    eventually(
        lambda: given.redis.sismember(keys.CALLS, call.call_id()),
        what="the app has found the call in its bridge",
    )
    eventually(lambda: ava.phone.media.hears(1000), within=3)
    assert ava.phone.media.longest_gap_s() < LONGEST_GAP_S
    call.hang_up()
    given.ended(call, "answered")
    eventually(lambda: not ava.phone.talks(), what="the agent's leg ends with the call")


def test_who_hangs_up_while_it_is_away_is_recorded(given: Given) -> None:
    ava = given.agent("ava")
    call = given.known_caller(DANA)
    given.becomes(call, state="connected")
    with stopped(given.settings, "ari_app"):
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
    record = given.becomes(call, outcome="answered")
    assert record["ended"]
    ava.becomes(State.WRAP_UP)
    eventually(lambda: not ava.phone.talks(), what="the agent's leg is cleared")


def test_who_waits_while_it_stays_away_leaves_for_the_plain_queue(given: Given) -> None:
    staff = given.staff_on_pause()
    ava = given.agent_with_phone("ava")
    call = given.known_caller(DANA)
    given.becomes(call, state="queued")
    channel = call.channel()
    assert channel is not None
    with stopped(given.settings, "ari_app"):
        # The dead-man timer, which the app set to 45 s, as if those had nearly passed.
        given.switch.set_variable(channel["id"], "TIMEOUT(absolute)", "1")
        call.media.speak(1000)
        ava.phone.rings(within=40)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
    given.becomes(call, outcome="fallback")
    assert staff.phone.invites() == []


def test_who_talks_in_the_plain_queue_is_left_to_it_when_the_app_is_back(given: Given) -> None:
    given.staff_on_pause()
    ava = given.agent_with_phone("ava")
    call = given.known_caller(DANA)
    given.becomes(call, state="queued")
    channel = call.channel()
    assert channel is not None
    with stopped(given.settings, "ari_app"):
        given.switch.set_variable(channel["id"], "TIMEOUT(absolute)", "1")
        call.media.speak(1000)
        ava.phone.rings(within=40)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        ava.phone.media.longest_gap_s()
    eventually(
        lambda: not given.redis.sismember(keys.CALLS, call.call_id()),
        what="the app has left the call to the plain queue",
    )
    eventually(lambda: ava.phone.media.hears(1000), within=3)
    assert ava.phone.media.longest_gap_s() < LONGEST_GAP_S
    assert ava.phone.talks()
    # Who talks there is at no desk of ours, but not free either.
    eventually(lambda: ava.field("elsewhere") == "1", what="the app sees where Ava talks")
    ava.be_available()
    second = given.known_caller(OTTO)
    given.becomes(second, state="queued")
    assert (ava.state, len(ava.phone.invites())) == (State.AVAILABLE, 1)
    call.hang_up()
    given.ended(call, "fallback")
    ava.phone.rings(2)
    ava.becomes(State.ON_CALL)
    second.hang_up()
    given.ended(second, "answered")


def test_a_caller_who_comes_while_it_is_away_falls_back_to_a_person(given: Given) -> None:
    ava = given.agent_with_phone("ava")
    with stopped(given.settings, "ari_app"):
        call = given.known_caller(DANA)
        call.media.speak(1000)
        ava.phone.rings(within=40)
        eventually(lambda: ava.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.exit_code() == 0, call.run.complaint()
    given.becomes(call, outcome="fallback")
