"""At which step a call goes on that an earlier process left; no I/O but for what is handed in.

A call to a customer has two legs of ours. Each is where Asterisk says it is; a customer who was
dialled is never dialled again, whatever became of the leg.
"""

from __future__ import annotations

from ari_app.call import Call
from ari_app.flow import END
from ari_app.leg import Leg
from ari_app.snapshot import Snapshot
from ari_app.state import CallState
from ari_app.verbs.dial_customer import CONTEXT

#: Steps before an agent is rung: they are simply run again.
BEFORE_AGENT = frozenset(
    {"open_call", "open_request", "take_order", "decide", "present", "keep_place", "queue"}
)
#: Steps in which the contact has begun or is over.
SINCE_CONTACT = frozenset({"talk", "end_contact", "wrap_up"})
#: Steps in which an agent who has signed on may go on waiting for the customer.
AGENT_WAITS = frozenset({"dial_customer", "greet", "bridge"})


def find_legs(call: Call, snapshot: Snapshot) -> None:
    """Take what Asterisk says about both legs into an adopted call."""
    if call.order:
        _find_customer(call, snapshot)
    else:
        call.found_gone = call.customer.gone = not snapshot.in_app(call.state.channel)
        call.customer.ended = call.state.channel not in snapshot.channels
    leg = call.agent_leg()
    leg.dialled = leg.answered = snapshot.talks(leg.channel)
    leg.gone = not leg.answered


def _find_customer(call: Call, snapshot: Snapshot) -> None:
    """Not dialled yet, ringing, on the way through the dialplan, with us, or gone."""
    leg, state = call.customer, call.state
    if not state.dialled_ms:
        return
    leg.dialled = True
    channel = snapshot.channels.get(leg.channel)
    if channel is None:
        leg.gone = leg.ended = call.found_gone = True
        leg.answered = bool(state.answered_ms)
    elif snapshot.talks(leg.channel):
        leg.answered = True
        leg.away = not snapshot.in_app(leg.channel) and snapshot.context(leg.channel) == CONTEXT
        leg.gone = call.found_gone = not leg.away and not snapshot.in_app(leg.channel)
        if leg.gone:
            # The plain queue of the dialplan has the customer: nobody is to call again.
            state.fate, state.outcome = "answered", "fallback"


def resume_at(state: CallState, customer: Leg, agent: Leg) -> str:
    """The step at which a stored call goes on."""
    if state.step in SINCE_CONTACT:
        return state.step
    if state.connected_ms:
        return "talk"
    if state.callback:
        return _resume_callback_at(state, customer, agent)
    if customer.gone:
        return END
    if state.step in BEFORE_AGENT or not state.step:
        return state.step
    return "bridge" if state.step == "bridge" and not agent.gone else "queue"


def _resume_callback_at(state: CallState, customer: Leg, agent: Leg) -> str:
    if state.fate:
        return END
    if not state.dialled_ms:
        # Whoever was rung first heard nothing from us any more: the next agent.
        return "decide" if state.step not in ("", "open_request") else state.step
    if not state.answered_ms:
        return "dial_customer"
    if customer.gone:
        return END
    return "bridge" if state.step == "bridge" and keeps_agent(state, agent) else "greet"


def keeps_agent(state: CallState, agent: Leg) -> bool:
    """Whether the agent of a web call stays with it: signed on, and waiting for the customer."""
    waits = bool(state.signed_on_ms) and state.step in AGENT_WAITS
    return waits and not agent.gone
