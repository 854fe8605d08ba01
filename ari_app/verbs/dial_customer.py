"""Dialling the customer, at most once: stored before it is done, never done again.

The answered leg is led through ``[callback-answered]`` of the dialplan, which gives it what a
caller has: a dialplan to fall back to when this app is gone; when asked for, an ear for voicemail.
"""

from __future__ import annotations

from ari_app.agents import over_trunk
from ari_app.call import Call, CallDeclined
from ari_app.client import AriError, Conflict, Unreachable
from ari_app.clock import now_ms
from ari_app.leg import Leg
from ari_app.verbs.announce import LONGEST_WHISPER_S, PATIENCE_S
from ari_app.verbs.hold import give_sign_of_life
from cordboard.attempt import Rule

#: Added to the ring time before we stop waiting for Asterisk's own time-out, seconds.
GRACE_S = 3.0
#: How long the dialplan may keep the leg, seconds: voicemail detection takes 5 at most.
AWAY_S = 12.0
#: Where an answered leg is led through.
CONTEXT, EXTENSION = "callback-answered", "s"

#: SIP answers that say what became of a leg that did not answer.
BUSY = frozenset({486, 600})
DECLINED = frozenset({403, 603, 607, 608})
UNANSWERED = frozenset({0, 408, 480, 487})
#: Q.850: somebody pressed the red button.
CALL_REJECTED = 21
USER_BUSY = 17


async def dial(call: Call) -> str:
    """Dial the customer, unless that was done before; answers how it failed, or nothing.

    Raises:
        CallDeclined: somebody asked for the end before.
    """
    await _heed_end(call)
    if call.state.dialled_ms:
        return ""
    await _mark_dialled(call)
    try:
        await call.services.client.originate(
            over_trunk(call.callback.number),
            call.state.channel,
            timeout_s=call.callback.rule.ring_customer_s,
            caller_id=f"<{shown_number(call)}>",
            variables={"PJSIP_TRANSFER_HANDLING()": "ari-only"},
        )
    except Conflict:
        call.log.info("leg.dialled_already", channel=call.state.channel)
    except Unreachable as error:
        # It may have been done all the same: the leg's own news will tell.
        call.log.warning("leg.perhaps_dialled", channel=call.state.channel, error=str(error))
    except AriError as error:
        call.log.warning("leg.not_dialled", channel=call.state.channel, error=str(error))
        call.customer.gone = True
        return "failed"
    call.customer.dialled = True
    return ""


async def _mark_dialled(call: Call) -> None:
    """From here on nobody dials this attempt again, whatever happens to us: Redis has it."""
    state, order, services = call.state, call.callback, call.services
    state.dialled_ms = now_ms()
    state.queue_save(services.bus.pipe)
    services.journal.attempt(call.id, state="dialled", dialled_ms=state.dialled_ms)
    services.journal.leg(
        call.id,
        state.channel,
        role="customer",
        party=order.number,
        attempt=order.attempt,
        started_ms=state.dialled_ms,
    )
    call.tell_visitor_of(call.customer, "dialling")
    await services.bus.flush()


async def _heed_end(call: Call) -> None:
    """A request that was taken back while nobody listened here, at a start say, rings no phone."""
    call.note_all()
    call.end_asked = call.end_asked or await call.services.cards.taken_back(call.id)
    if call.declined:
        raise CallDeclined


def shown_number(call: Call) -> str:
    """What the customer's telephone shows: the DNIS, or a number that reaches the subscriber."""
    order = call.callback
    if order.rule.dnis.startswith("+"):
        return order.rule.dnis
    lines = call.services.groups.lines
    own = [number for number, line in lines.items() if line.subscriber == order.subscriber]
    return min(own, default="")


async def await_answer(call: Call) -> str:
    """Wait until the customer has answered; answers what became of the attempt otherwise."""
    order, leg = call.callback, call.customer
    await call.until(
        lambda: leg.answered or leg.gone or call.end_asked,
        within=order.rule.ring_customer_s + GRACE_S,
        without_caller=True,
    )
    if leg.gone:
        return _fate(call, leg)
    if leg.answered:
        return ""
    await call.channel.hangup()
    return "cancelled" if call.end_asked else "no_answer"


def _fate(call: Call, leg: Leg) -> str:
    """What the end of the customer's leg means."""
    if leg.answered:
        return "hung_up"
    if call.found_gone:
        # It ended while nobody listened: whether it was answered is not known.
        return "unknown"
    if leg.tech_cause in BUSY or (leg.cause == USER_BUSY and not leg.tech_cause):
        return "busy"
    if leg.tech_cause in DECLINED or (leg.cause == CALL_REJECTED and not leg.tech_cause):
        return "refused"
    return "no_answer" if leg.tech_cause in UNANSWERED else "failed"


async def let_in(call: Call) -> str:
    """Lead the answered leg through the dialplan and back; answers ``voicemail``, or nothing.

    Raises:
        CallHungUp: the customer left meanwhile.
    """
    leg, order, since_ms = call.customer, call.callback, now_ms()
    if not leg.away:
        await call.channel.set_variables(
            {
                "CB_CALL_ID": call.id,
                "CB_QUEUE": call.state.group,
                "CB_DETECT": "yes" if order.rule.detect_voicemail else "",
            }
        )
        leg.away = True
        try:
            await call.channel.continue_in_dialplan(CONTEXT, EXTENSION)
        except AriError:
            leg.away = False
            raise
    if not await call.until(lambda: not leg.away, within=AWAY_S):
        call.log.error("leg.not_back", channel=leg.channel)
        return "failed"
    call.log.info("leg.let_in", took_ms=now_ms() - since_ms, machine=leg.machine)
    if leg.machine:
        return "voicemail"
    call.state.answered_ms = now_ms()
    call.state.queue_save(call.services.bus.pipe)
    # Where both are rung at once the agent's side takes its time from here on.
    both = order.rule.placement == "both"
    await give_sign_of_life(call, agent_side_s(order.rule) if both else 0)
    return ""


def agent_side_s(rule: Rule) -> float:
    """How long ringing an agent, sign-on and whisper may take, seconds."""
    return rule.ring_agent_s + rule.sign_on_s + LONGEST_WHISPER_S + GRACE_S + PATIENCE_S
