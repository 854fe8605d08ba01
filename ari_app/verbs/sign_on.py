"""Signing on: whoever answered presses #, or keys the own PIN and #, before anything is told."""

from __future__ import annotations

import hmac

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.leg import Leg
from ari_app.verbs.say import hush, prompt, speak, start_saying
from ari_app.verbs.seal import unseal
from cordboard.identity import hash_pin
from cordboard.tts import SpeechError

#: Ends what is keyed, and alone is a sign-on by digit.
END_KEY = "#"
#: Wrong PINs after which the call goes to the next agent.
TRIES = 3
#: It is asked for again after so many seconds without it.
AGAIN_S = 6.0


async def sign_on(call: Call) -> str:
    """Ask the agent to sign on; answers why the call was not taken, or nothing when it was.

    Raises:
        CallHungUp: the customer left, or declined.
    """
    rule = call.callback.rule
    if rule.sign_on == "pin" and not call.state.agent:
        # The form of rules does not allow it; nothing is given to somebody who cannot prove it.
        call.log.error("sign_on.nobody_has_a_pin", elsewhere=rule.external)
        return "rejected"
    leg, deadline_ms = call.agent_leg(), now_ms() + rule.sign_on_s * 1000
    leg.keyed.clear()
    asking, wrong = await _ask(call, leg), 0
    while not leg.gone:
        left_s = (deadline_ms - now_ms()) / 1000
        if left_s <= 0:
            return "no_answer"
        if not await call.until(lambda: leg.gone or _ended(leg), within=min(left_s, AGAIN_S)):
            asking = await _ask(call, leg) if not leg.keyed else asking
            continue
        if not leg.gone and _accepts(call, _take_entry(leg)):
            await hush(call, asking)
            leg.keyed.clear()
            await unseal(call)
            return ""
        wrong += 1
        if wrong == TRIES:
            call.services.journal.event(call.id, "call.wrong_pin", agent=call.state.agent)
            break
        asking = await start_saying(call, leg, [prompt(call, "wrong-pin")])
    return "rejected"


def _ended(leg: Leg) -> bool:
    return any(key.digit == END_KEY for key in leg.keyed)


def _take_entry(leg: Leg) -> str:
    """What was keyed up to the end key."""
    entry = ""
    while leg.keyed and (digit := leg.keyed.popleft().digit) != END_KEY:
        entry += digit
    return entry


def _accepts(call: Call, entry: str) -> bool:
    """Whether that signs the agent on."""
    if call.callback.rule.sign_on == "digit":
        return True
    key = call.services.settings.ssn_key.get_secret_value().encode()
    known = call.services.agents.pins.get(call.state.agent, b"")
    try:
        return hmac.compare_digest(hash_pin(entry, key), known)
    except ValueError:
        return False


async def _ask(call: Call, leg: Leg) -> str:
    """``Halyard Telecom. Fiber at home. To take this call, press pound.``; not who is calling."""
    order = call.callback
    how = "key-pin" if order.rule.sign_on == "pin" else "press-pound"
    try:
        spoken = await speak(call, [f"{order.company}.", f"{order.rule.name}."])
    except (SpeechError, ValueError, OSError) as error:
        call.log.warning("sign_on.without_speech", error=str(error))
        spoken = []
    return await start_saying(call, leg, [*spoken, prompt(call, how)])
