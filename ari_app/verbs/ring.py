"""Ringing an agent: the card on the desk first, then the INVITE that carries the call's data.

Of a web call, card and INVITE say only whose it is and about what: the rest is for who signs on.
"""

from __future__ import annotations

import asyncio

from ari_app.agents import over_trunk
from ari_app.call import Call
from ari_app.client import AriError, Conflict
from ari_app.clock import now_ms
from ari_app.leg import Leg
from ari_app.verbs.announce import LONGEST_S, PATIENCE_S, prepare
from ari_app.verbs.dial_customer import agent_side_s, shown_number
from ari_app.verbs.hold import keep_alive
from ari_app.verbs.seal import seal
from cordboard import cti
from cordboard.agent_state import Event
from cordboard.events import CallOffered, CallWithdrawn, tell_desk

#: Added to the group's ring time before we stop waiting for Asterisk's own time-out, seconds.
GRACE_S = 3.0
#: SIP answers by which an agent, or the phone, declines: busy, declined, not acceptable.
DECLINED = frozenset({403, 486, 488, 600, 603, 606})
#: Variable of an agent's channel that tells whose leg it is, also when it is one over the trunk.
AGENT = "CB_AGENT"
#: SIP answers that only say that nobody picked up in time.
UNANSWERED = frozenset({0, 408, 480, 487})


async def ring_agent(call: Call) -> str:
    """Ring the reserved agent; answers why the call was not taken, or nothing when it was.

    The reasons are those of ``call.withdrawn``: ``no_answer``, ``rejected``, ``unreachable``.
    """
    agent, order = call.services.agents.by_id[call.state.agent], call.order
    ring_s = order.rule.ring_agent_s if order else call.services.groups.get(call.state.group).ring_s
    # From here to the bridge nothing else keeps the caller's timer from firing.
    await keep_alive(
        call, agent_side_s(order.rule) if order else ring_s + GRACE_S + PATIENCE_S + LONGEST_S
    )
    if not await _offer(call):
        return "unreachable"
    call.announcement = asyncio.create_task(prepare(call))
    data = {**_invite_data(call), AGENT: str(agent.id)}
    return await dial_leg(call, agent.endpoint, ring_s, _caller_id(call), data)


async def ring_centre(call: Call) -> str:
    """Ring a call centre elsewhere; answers like :func:`ring_agent`.

    It is called as from the DNIS, and gets the pairs of TAG2: what the subscriber attaches to the
    subject. Of the customer there is nothing in them.
    """
    order, state = call.callback, call.state
    rule, leg = order.rule, call.agent_leg()
    seal(call)
    await keep_alive(call, agent_side_s(rule))
    call.announcement = asyncio.create_task(prepare(call))
    _record_ringing(call, party=rule.external)
    endpoint = (
        over_trunk(rule.external)
        if rule.external.startswith("+")
        else f"PJSIP/trunk/{rule.external}"
    )
    data = cti.tag2_variables(call.id, order.subscriber, rule.dnis, rule.tag2)
    call.log.info("leg.elsewhere", channel=leg.channel, attempt=state.attempt)
    return await dial_leg(call, endpoint, rule.ring_agent_s, f"<{rule.dnis}>", data)


async def dial_leg(
    call: Call, endpoint: str, ring_s: int, caller_id: str, data: dict[str, str]
) -> str:
    """Ring one endpoint as the agent's leg; answers why it was not taken, or nothing."""
    leg = call.agent_leg()
    call.tell_visitor_of(leg, "dialling")
    try:
        await call.services.client.originate(
            endpoint,
            leg.channel,
            timeout_s=ring_s,
            caller_id=caller_id,
            # A REFER from the phone is ours to judge, never carried out by Asterisk on its own.
            variables={**data, "PJSIP_TRANSFER_HANDLING()": "ari-only"},
        )
    except Conflict:
        call.log.info("leg.dialled_already", channel=leg.channel)
    except AriError as error:
        call.log.warning("leg.not_dialled", channel=leg.channel, error=str(error))
        return "unreachable"
    leg.dialled = True
    if not await call.until(lambda: leg.answered or leg.gone, within=ring_s + GRACE_S):
        return "no_answer"
    return _failure(leg) if leg.gone else ""


async def _offer(call: Call) -> bool:
    """Show the card; it is stored and on its way to the desk before the phone is rung.

    False when the agent is not reserved for this call after all: nothing may be rung then.
    """
    state, services = call.state, call.services
    agent = services.agents.by_id[state.agent]
    if call.order:
        seal(call)
    state.card |= {"state": "offered", "waited_s": (now_ms() - state.entered_ms) // 1000}
    state.queue_save(services.bus.pipe)
    tell_desk(services.bus.pipe, state.agent, CallOffered(call=state.card))
    _record_ringing(call, party=agent.username)
    services.journal.event(call.id, "call.offered", agent=state.agent, attempt=state.attempt)
    return await services.agents.change(state.agent, Event.RING, call_id=call.id)


def _record_ringing(call: Call, *, party: str) -> None:
    state, journal = call.state, call.services.journal
    journal.call(call.id, state="ringing", agent=state.agent or None)
    journal.leg(
        call.id,
        call.agent_leg().channel,
        role="agent",
        party=party,
        attempt=state.attempt,
        started_ms=now_ms(),
    )


def _invite_data(call: Call) -> dict[str, str]:
    """The call's data as headers of the INVITE and as variables of the agent's channel."""
    data = call.state.card.get("cti") or {}
    return {**cti.channel_variables(data), **cti.invite_variables(data)}


def _caller_id(call: Call) -> str:
    """``"Dana Reed" <+12125550140>``, with nothing in it that could end the quotes.

    Of a web call the subscriber: who is called is not told before the agent has signed on.
    """
    shown = {"name": call.order.company} if call.order else call.state.card.get("customer") or {}
    name = cti.header_value(str(shown.get("name") or "")).replace('"', "").replace("\\", "")
    ani = shown_number(call) if call.order else call.state.ani
    number = "".join(c for c in ani if c in "+0123456789")[:20]
    return f'"{name}" <{number}>' if name else f"<{number}>"


def _failure(leg: Leg) -> str:
    """What the end of a leg that did not answer means."""
    if leg.tech_cause in DECLINED:
        return "rejected"
    return "no_answer" if leg.tech_cause in UNANSWERED else "unreachable"


async def return_to_queue(call: Call, reason: str) -> None:
    """Take the call from an agent who did not take it; the agent gets none until he says so."""
    state, services = call.state, call.services
    leg, agent = call.agent_leg(), state.agent
    await services.client.channel(leg.channel).hangup()
    await services.client.bridge(call.bridge_id).destroy()
    tell_desk(services.bus.pipe, agent, CallWithdrawn(call_id=call.id, reason=reason))
    # The call is nobody's now: who did not take it may not see it any more.
    services.journal.call(call.id, agent=None)
    if call.order:
        seal(call)
    services.journal.event(
        call.id, "call.not_taken", agent=agent, reason=reason, attempt=state.attempt
    )
    await services.agents.change(agent, Event.NO_ANSWER, call_id=call.id, reason=reason)
    call.log.info("call.not_taken", agent=agent, reason=reason, sip=leg.tech_cause)
    state.agent = 0
