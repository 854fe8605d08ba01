"""What becomes of an attempt to call a customer: recorded once, told to whoever is on the line."""

from __future__ import annotations

import asyncio

from ari_app.call import Call, CallHungUp
from ari_app.client import AriError
from ari_app.clock import now_ms
from ari_app.leg import Leg
from ari_app.verbs.contact import all_ended, end_legs
from ari_app.verbs.say import prompt, say
from cordboard import keys

#: How the call ended, where that is not called as what became of the attempt.
OUTCOMES = {"hung_up": "abandoned", "unknown": "failed"}
#: Prompt by which an agent on the line hears why there is no customer.
TOLD_TO_AGENT = {
    "busy": "customer-busy",
    "no_answer": "customer-no-answer",
    "voicemail": "customer-voicemail",
    "refused": "customer-declined",
    "not_proved": "customer-not-proved",
    "hung_up": "customer-hung-up",
    "cancelled": "customer-declined",
    "failed": "customer-not-reached",
    "unknown": "customer-not-reached",
}
#: Prompt by which a customer on the line hears why there is no agent.
TOLD_TO_CUSTOMER = {
    "no_agent": "nobody-free",
    "not_proved": "not-proved",
    "failed": "technical-problem-callback",
}
#: How long the news of the legs' ends may be behind the command, seconds.
NEWS_S = 1.0
#: Forgets whose call is the visitor's, unless there is a newer one.
_FORGET = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


def becomes(call: Call, what: str) -> None:
    """Remember what became of the attempt; it is recorded when the legs have ended."""
    state = call.state
    state.fate = state.fate or what
    state.sip_code = call.customer.tech_cause
    state.queue_save(call.services.bus.pipe)
    call.log.info("callback.ends", fate=state.fate, sip=state.sip_code or None)


def settle(call: Call, what: str) -> None:
    """Record what became of the attempt, once, and that the visitor has no live call any more."""
    state, services = call.state, call.services
    if state.settled_ms:
        return
    state.fate, state.settled_ms = state.fate or what, now_ms()
    state.outcome = state.outcome or OUTCOMES.get(state.fate, state.fate)
    state.queue_save(services.bus.pipe)
    services.journal.attempt(
        call.id,
        state="ended",
        outcome=state.fate,
        sip_code=state.sip_code or None,
        ended_ms=state.settled_ms,
    )
    if state.visitor:
        services.bus.pipe.eval(_FORGET, 1, keys.call_of_visitor(state.visitor), call.id)


def why_withdrawn(call: Call) -> str:
    """The reason of ``call.withdrawn``: of a call that we make, what became of the customer."""
    return f"customer_{what_became(call)}" if call.order else "caller_hung_up"


def what_became(call: Call) -> str:
    """What became of the attempt; where no step has said it the customer left, or never came."""
    if call.state.fate:
        return call.state.fate
    if call.state.connected_ms:
        return "answered"
    if call.declined:
        return "cancelled"
    return "hung_up" if call.customer.answered else "unknown"


async def tell_who_is_left(call: Call) -> None:
    """Tell an agent why there is no customer, or a customer why there is no agent."""
    call.note_all()
    if call.state.connected_ms:
        return
    what = what_became(call)
    told = []
    if call.agent and (name := TOLD_TO_AGENT.get(what)):
        told.append(_tell(call, call.agent, prompt(call, name)))
    if what == "cancelled":
        told.append(_tell(call, call.customer, call.callback.said(call.callback.farewell_text)))
    elif name := TOLD_TO_CUSTOMER.get(what):
        told.append(_tell(call, call.customer, prompt(call, name)))
    await asyncio.gather(*told)


async def _tell(call: Call, leg: Leg, part: str) -> None:
    if not leg.answered or leg.gone or leg.away:
        return
    try:
        if leg is call.agent:
            await call.services.client.channel(leg.channel).stop_moh()
        else:
            await call.channel.stop_moh()
        await say(call, leg, part, without_caller=True)
    except (AriError, CallHungUp) as error:
        call.log.info("leg.not_told", channel=leg.channel, error=repr(error))


async def end_unanswered(call: Call) -> None:
    """End the legs of a call without contact, so that their ends are recorded before the call's."""
    if not call.state.connected_ms:
        await end_legs(call)
        await call.until(lambda: all_ended(call), within=NEWS_S, without_caller=True)
        if await _waits_in_the_dialplan(call):
            call.state.fate, call.state.outcome = "answered", "fallback"


async def settle_at_last(call: Call) -> None:
    """Record what became of the attempt, unless that is done."""
    settle(call, what_became(call))


async def _waits_in_the_dialplan(call: Call) -> bool:
    """Whether Asterisk's own timer took the customer from us: the plain queue serves them now."""
    leg = call.customer
    if not (leg.answered and leg.gone) or leg.ended:
        return False
    try:
        await call.services.client.get(f"/channels/{leg.channel}")
    except AriError:
        return False
    call.log.warning("callback.in_fallback")
    return True
