"""What is done at the end of every call, however it ended."""

from __future__ import annotations

from contextlib import suppress

from ari_app.call import Call
from ari_app.client import AriError
from ari_app.clock import now_ms
from ari_app.verbs.contact import end_legs
from ari_app.verbs.fate import why_withdrawn
from cordboard.agent_state import Event
from cordboard.events import CallWithdrawn, tell_desk

#: How long the cause of the caller's end may be behind the news of it, seconds.
NEWS_S = 1.0


async def release_agent(call: Call) -> None:
    """Give back an agent whom the call did not reach, or whose wrap-up nobody would end."""
    call.note_all()
    state, services = call.state, call.services
    services.acd.leave(call.id)
    for agent in {state.agent, call.assigned} - {0}:
        if not state.ended_ms:
            await _withdraw(call, agent)
        elif services.agents.wraps_up(agent, call.id):
            await services.agents.change(agent, Event.WRAP_UP_ENDED, call_id=call.id)


async def _withdraw(call: Call, agent: int) -> None:
    """Take the call from an agent who was about to get it."""
    services, event = call.services, CallWithdrawn(call.id, why_withdrawn(call))
    tell_desk(services.bus.pipe, agent, event)
    services.journal.call(call.id, agent=None)
    await services.agents.change(agent, Event.RELEASE, call_id=call.id)


async def end_call(call: Call) -> None:
    """End what is left of the legs, and find out how the call ended."""
    state = call.state
    if not state.ended_ms:
        await end_legs(call)
        state.outcome = state.outcome or await _outcome(call)


async def close_record(call: Call) -> None:
    """Record the outcome, forget the call. Where nothing said how it ended, it failed."""
    state, services = call.state, call.services
    state.outcome = state.outcome or ("answered" if state.connected_ms else "failed")
    state.ended_ms = state.ended_ms or now_ms()
    services.journal.call(call.id, state="ended", outcome=state.outcome, ended_ms=state.ended_ms)
    state.queue_forget(services.bus.pipe)
    await services.bus.flush()
    call.log.info("call.closed", outcome=state.outcome)


async def _outcome(call: Call) -> str:
    """How a call without contact ended: the caller gave up, or Asterisk's timer took it from us."""
    if call.found_gone:
        known = await call.services.cards.outcome(call.id)
        return known or ("abandoned" if call.customer.ended else "fallback")
    if await call.until(lambda: call.customer.ended, within=NEWS_S, without_caller=True):
        return "abandoned"
    with suppress(AriError):
        await call.services.client.get(f"/channels/{call.state.channel}")
        return "fallback"
    return "abandoned"
