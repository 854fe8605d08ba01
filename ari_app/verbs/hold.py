"""Waiting: music, the position announced now and then, a dead-man timer that is kept from firing.

The timer belongs to Asterisk: when this app dies and does not come back in time, the caller leaves
for the dialplan's plain queue by itself.
"""

from __future__ import annotations

from ari_app.agents import AT_WORK
from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.verbs.card import complete_card
from cordboard import cti
from cordboard.acd import WaitingCall, queue_score

#: The caller leaves for the dialplan this long after the app's last sign of life, seconds.
DEAD_MAN_S = 45
#: Time between two signs of life, seconds.
SIGN_OF_LIFE_S = 15.0
#: A card that was made without the database is asked for again after so many seconds.
CARD_AGAIN_S = 2.0
#: Longest announcement, seconds.
LONGEST_S = 20.0

DEAD_MAN = "TIMEOUT(absolute)"


def hopeless(call: Call) -> str:
    """Why waiting makes no sense: ``no_agent``, ``queue_full``, ``waited_too_long``; or nothing."""
    acd, state = call.services.acd, call.state
    group = call.services.groups.get(state.group)
    if not call.services.agents.in_group(group.code):
        return "no_agent"
    first_time = not state.attempt and call.id not in acd
    if first_time and group.max_waiting and acd.waiting_in(group.code) >= group.max_waiting:
        return "queue_full"
    if group.max_wait_s and now_ms() - _waits_since_ms(call) >= group.max_wait_s * 1000:
        return "waited_too_long"
    return ""


def _waits_since_ms(call: Call) -> int:
    """Since when somebody waits on the telephone; the place of a callback is older than that."""
    state = call.state
    return state.answered_ms or state.started_ms if call.order else state.entered_ms


async def wait_for_agent(call: Call) -> int:
    """Wait in the queue; answers the agent reserved for the call, 0 when it became hopeless."""
    state, services = call.state, call.services
    if call.assigned:
        # This step is run again, and had its agent already.
        return _take_assigned(call)
    services.acd.enter(
        WaitingCall(
            id=call.id,
            group=state.group,
            score=queue_score(state.priority, state.entered_ms),
            entered_ms=_waits_since_ms(call),
            needs=state.needs,
            relax_after_s=services.groups.get(state.group).relax_s,
            **_wanted(call),
        ),
        call.assign,
    )
    services.journal.call(
        call.id,
        group=state.group,
        route=state.group,
        priority=state.priority,
        state="queued",
        started_ms=state.started_ms,
        queued_ms=state.entered_ms,
    )
    try:
        await give_sign_of_life(call)
        await play_music(call)
        await _pass_the_time(call)
    finally:
        services.acd.leave(call.id)
    return _take_assigned(call)


def _wanted(call: Call) -> dict[str, int]:
    """The agent whom the customer asked for, if that agent may be free soon."""
    wanted = call.order.wanted_agent if call.order else 0
    group = call.services.agents.in_group(call.state.group)
    if not any(agent.id == wanted and agent.state in AT_WORK for agent in group):
        return {}
    wait_s = call.services.settings.wanted_agent_seconds
    return {"wanted": wanted, "wanted_until_ms": now_ms() + wait_s * 1000}


async def play_music(call: Call) -> None:
    """Music for the customer; nothing while nobody is there to hear it."""
    if call.customer.answered:
        await call.channel.start_moh()


def _take_assigned(call: Call) -> int:
    agent, call.assigned = call.assigned, 0
    return agent


async def _pass_the_time(call: Call) -> None:
    """Until an agent is reserved, the caller leaves to be called back, or waiting is hopeless."""
    every_ms = call.services.groups.get(call.state.group).announce_every_s * 1000
    announce_at = now_ms() + every_ms
    while not call.assigned and not hopeless(call):
        if offer_due_in_s(call) == 0:
            await _offer_callback(call)
        left = (announce_at - now_ms()) / 1000 if every_ms else SIGN_OF_LIFE_S
        if await call.until(lambda: _left_queue(call), within=min(max(left, 0), _patience(call))):
            return
        await complete_card(call)
        await give_sign_of_life(call)
        if every_ms and now_ms() >= announce_at:
            await _announce_position(call)
            announce_at = now_ms() + every_ms


def _left_queue(call: Call) -> bool:
    return bool(call.assigned) or call.wants_callback


def offer_due_in_s(call: Call) -> float | None:
    """Seconds until the caller is offered to be called back at the place; None when never.

    It is offered once, when the whole wait, past and expected, is above the group's limit: a
    queue that stands still is noticed although each call of it is expected to be short.
    """
    group = call.services.groups.get(call.state.group)
    if call.order or call.state.offered_ms or not group.callback_subject:
        return None
    if not group.offer_callback_after_s or call.id not in call.services.acd:
        return None
    expected_s = call.services.acd.expected_wait_s(call.id)
    if expected_s is None:
        return None
    waited_s = (now_ms() - _waits_since_ms(call)) / 1000
    return max(group.offer_callback_after_s - waited_s - expected_s, 0.0)


async def _offer_callback(call: Call) -> None:
    """``To be called back without losing your place in the queue, press 1.``"""
    # What was keyed before, in the menu say, is no answer.
    call.customer.keyed.clear()
    call.state.offered_ms = now_ms()
    call.state.queue_save(call.services.bus.pipe)
    call.services.journal.event(call.id, "callback.offered")
    await _say_to_waiting(call, "callback", [_prompt(call, "queue-callback-offer")])


async def give_sign_of_life(call: Call, busy_s: float = 0) -> None:
    """Put the dead-man timer off; the call's data goes with it.

    Args:
        call: the call.
        busy_s: how long until the next sign of life may take, seconds; 0 while waiting.
    """
    call.signed_ms = now_ms()
    if not call.customer.answered:
        return
    data = call.state.card.get("cti") or {}
    timer = {DEAD_MAN: str(round(DEAD_MAN_S + busy_s))}
    await call.channel.set_variables({**timer, **cti.channel_variables(data)})


async def keep_alive(call: Call, busy_s: float) -> None:
    """Before something that may take ``busy_s`` seconds: put the timer off, if it might fire."""
    since_s = (now_ms() - call.signed_ms) / 1000
    if since_s + busy_s >= DEAD_MAN_S:
        await give_sign_of_life(call, busy_s)


def _patience(call: Call) -> float:
    """Seconds until there is something to do at the latest."""
    times = [CARD_AGAIN_S if call.state.card.get("incomplete") else SIGN_OF_LIFE_S]
    if limit_s := call.services.groups.get(call.state.group).max_wait_s:
        times.append(limit_s - (now_ms() - _waits_since_ms(call)) / 1000)
    if (offer_s := offer_due_in_s(call)) is not None:
        times.append(offer_s)
    return max(0.05, min(times))


async def _announce_position(call: Call) -> None:
    """Say the place in the queue and the expected wait; cut short when an agent is reserved."""
    if call.id not in call.services.acd or not call.customer.answered:
        return
    await _say_to_waiting(call, "position", position_sounds(call))


async def _say_to_waiting(call: Call, what: str, sounds: list[str]) -> None:
    """Instead of the music for a moment; cut short when the caller leaves the queue."""
    call.playing = name = f"{call.id}.play.{what}-{now_ms()}"
    playback = await call.channel.play(name, sounds)
    await call.until(lambda: _left_queue(call) or name in call.finished_playbacks, within=LONGEST_S)
    if name not in call.finished_playbacks:
        await playback.stop()
    await call.channel.start_moh()


def position_sounds(call: Call) -> list[str]:
    """``You are number 2 in the queue. The expected wait is about 3 minutes.``"""
    acd = call.services.acd
    wait_s = acd.expected_wait_s(call.id)
    position = acd.position(call.id)
    if position == 1:
        sounds = [_prompt(call, "queue-next")]
    else:
        sounds = [_prompt(call, "queue-position"), f"number:{position}"]
    return sounds if wait_s is None else [*sounds, *_wait_sounds(call, wait_s)]


def _wait_sounds(call: Call, wait_s: float) -> list[str]:
    minutes = round(wait_s / 60)
    if minutes < 1:
        length = [_prompt(call, "less-than-a-minute")]
    else:
        unit = "minute" if minutes == 1 else "minutes"
        length = [f"number:{minutes}", _prompt(call, unit)]
    return [_prompt(call, "estimated-wait"), *length]


def _prompt(call: Call, name: str) -> str:
    return f"sound:{call.services.settings.sounds}/prompts/{name}"
