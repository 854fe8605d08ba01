"""Wrap-up: the agent's time for codes and notes after the contact."""

from __future__ import annotations

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.verbs.card import complete_card
from cordboard.agent_state import Event, State

#: Stored for an offer whose code was mandatory and was not chosen in time.
TIMED_OUT = "SYS_TIMEOUT"


async def wait_for_wrap_up(call: Call) -> bool:
    """Until the agent has finished; False when time was up first.

    The end of wrap-up is stored with the agent, so that a restart of the app does not move it.
    """
    while True:
        agent = await call.services.agents.refresh(call.state.agent)
        if agent.state != State.WRAP_UP or agent.call != call.id:
            return True
        left_s = (agent.wrap_until_ms - now_ms()) / 1000
        if left_s <= 0:
            return False
        call.agent_moved = False
        await call.until(lambda: call.agent_moved, within=left_s, without_caller=True)


async def finish_wrap_up(call: Call, *, in_time: bool) -> None:
    """Close wrap-up; what is mandatory and missing after the time gets the system's code."""
    state, services = call.state, call.services
    services.acd.service[state.group].measure((now_ms() - state.connected_ms) / 1000)
    if in_time:
        return
    await complete_card(call)
    for kind in missing_kinds(call):
        services.journal.disposition(
            call.id, state.agent, kind, TIMED_OUT, f"{call.id}:{kind}:timeout"
        )
    await services.agents.change(state.agent, Event.WRAP_UP_ENDED, call_id=call.id)


def missing_kinds(call: Call) -> list[str]:
    """Kinds of offers whose code is mandatory and has not been recorded, as far as we heard."""
    card = call.state.card
    done = card.get("dispositions") or {}
    return [kind for kind in card.get("required") or () if kind not in done]
