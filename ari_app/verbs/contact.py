"""Beginning and end of the time in which agent and caller hear each other."""

from __future__ import annotations

from collections.abc import Awaitable

from ari_app.call import Call
from ari_app.client import AriError
from ari_app.clock import now_ms
from cordboard.agent_state import Event
from cordboard.events import CallConnected, CallEnded, tell_desk
from cordboard.visitor_events import TalkBegan, TalkEnded, tell_visitor

#: How long the news of a leg's end may be behind the command, seconds.
NEWS_S = 1.0


async def begin_contact(call: Call) -> None:
    """Say that they hear each other: icons may light, the wait is over."""
    state, services = call.state, call.services
    state.connected_ms = state.connected_ms or now_ms()
    state.card |= {"state": "connected", "connected_ms": state.connected_ms}
    state.queue_save(services.bus.pipe)
    services.journal.call(
        call.id, state="connected", agent=state.agent or None, answered_ms=state.connected_ms
    )
    if state.visitor:
        tell_visitor(services.bus.pipe, state.visitor, _talk_began(call))
    if state.agent:
        event = CallConnected(call_id=call.id, at_ms=state.connected_ms)
        tell_desk(services.bus.pipe, state.agent, event)
        await services.agents.change(state.agent, Event.ANSWER, call_id=call.id)


def _talk_began(call: Call) -> TalkBegan:
    """With the agent's first name; a call centre elsewhere has none for us."""
    agent = call.services.agents.by_id.get(call.state.agent)
    first, *_ = [*(agent.name if agent else "").split(), ""]
    return TalkBegan(call_id=call.id, at_ms=call.state.connected_ms, agent=first)


async def finish_contact(call: Call) -> None:
    """End both legs and the bridge, and begin the agent's wrap-up."""
    state, services = call.state, call.services
    group = services.groups.get(state.group)
    state.ended_ms = state.ended_ms or now_ms()
    state.outcome = "answered"
    state.card["state"] = "wrap_up"
    state.queue_save(services.bus.pipe)
    if state.visitor:
        talk_ended = TalkEnded(call_id=call.id, at_ms=state.ended_ms, outcome=state.outcome)
        tell_visitor(services.bus.pipe, state.visitor, talk_ended)
    if state.agent:
        event = CallEnded(call_id=call.id, at_ms=state.ended_ms, outcome=state.outcome)
        tell_desk(services.bus.pipe, state.agent, event)
        await services.agents.change(
            state.agent,
            Event.CALL_ENDED,
            call_id=call.id,
            wrap_until_ms=state.ended_ms + group.wrapup_s * 1000,
        )
    await end_legs(call)
    # Their ends are recorded before the call's, so that an ended call has no open leg.
    await call.until(lambda: all_ended(call), within=NEWS_S, without_caller=True)
    services.journal.call(call.id, state="wrap_up", outcome=state.outcome, ended_ms=state.ended_ms)


def all_ended(call: Call) -> bool:
    """True when the end of every leg has been told."""
    legs = [leg for leg in (call.customer, call.agent) if leg and (leg.answered or leg.dialled)]
    return all(leg.ended for leg in legs)


async def end_legs(call: Call) -> None:
    """Hang up whoever is still there, and remove the bridge.

    A command that fails does not keep the call from being recorded: what stays behind in Asterisk
    is cleared by the next comparison.
    """
    client, leg = call.services.client, call.agent
    if call.state.attempt and not (leg and leg.gone):
        await _try(call, client.channel(call.agent_leg().channel).hangup())
    if not call.customer.gone:
        await _try(call, call.channel.hangup())
    if call.state.attempt:
        await _try(call, client.bridge(call.bridge_id).destroy())


async def _try(call: Call, command: Awaitable[None]) -> None:
    try:
        await command
    except AriError as error:
        call.log.error("leg.not_ended", error=str(error))
