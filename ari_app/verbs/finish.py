"""What is done at the end of every call, however it ended."""

from __future__ import annotations

from contextlib import suppress

from ari_app.call import Call
from ari_app.client import Gone
from ari_app.clock import now_ms
from ari_app.verbs.contact import end_legs
from cordboard.agent_state import Event
from cordboard.events import CallWithdrawn, tell_desk

#: How long the cause of the caller's end may be behind the news of it, seconds.
NEWS_S = 1.0


async def release_agent(call: Call) -> None:
    """Give back an agent whom the call did not reach."""
    call.note_all()
    state, services = call.state, call.services
    services.acd.leave(call.id)
    agent = state.agent or call.assigned
    if not agent or state.ended_ms:
        return
    reason = "caller_hung_up"
    tell_desk(services.bus.pipe, agent, CallWithdrawn(call_id=call.id, reason=reason))
    await services.agents.change(agent, Event.RELEASE, call_id=call.id)


async def close_call(call: Call) -> None:
    """End what is left of the legs, record the outcome, forget the call."""
    state, services = call.state, call.services
    if not state.ended_ms:
        await end_legs(call)
        state.outcome = state.outcome or await _outcome(call)
        state.ended_ms = now_ms()
    services.journal.call(call.id, state="ended", outcome=state.outcome, ended_ms=state.ended_ms)
    state.queue_forget(services.bus.pipe)
    await services.bus.flush()
    call.log.info("call.closed", outcome=state.outcome)


async def _outcome(call: Call) -> str:
    """How a call without contact ended: the caller gave up, or Asterisk's timer took it from us."""
    if call.found_gone:
        return await call.services.cards.outcome(call.id) or "abandoned"
    if await call.until(lambda: call.customer.ended, within=NEWS_S, without_caller=True):
        return "abandoned"
    with suppress(Gone):
        await call.services.client.get(f"/channels/{call.state.channel}")
        return "fallback"
    return "abandoned"
