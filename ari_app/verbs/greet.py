"""What a customer hears who was called: the question for the code, the hold text, the farewell."""

from __future__ import annotations

import hmac

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.verbs.hold import give_sign_of_life
from ari_app.verbs.say import prompt, say, start_saying

#: How often the code is asked for.
TRIES = 3
#: How long a customer has to key it, seconds, from the beginning of the question.
CODE_S = 15.0


async def ask_for_code(call: Call) -> bool:
    """Whether the one who answered keys the code that the page shows; True when none is asked for.

    Raises:
        CallHungUp: the customer left.
    """
    order, state, leg = call.callback, call.state, call.customer
    if not order.proof_code or state.proved_ms:
        return True
    length = len(order.proof_code)
    for attempt in range(TRIES):
        leg.keyed.clear()
        again = [prompt(call, "wrong-code")] if attempt else []
        await start_saying(call, leg, [*again, prompt(call, "enter-code")])
        await give_sign_of_life(call)
        await call.until(lambda: len(leg.keyed) >= length, within=CODE_S)
        entry = "".join(key.digit for key in leg.keyed)[:length]
        leg.keyed.clear()
        if hmac.compare_digest(entry, order.proof_code):
            _proved(call)
            return True
    return False


def _proved(call: Call) -> None:
    state, services = call.state, call.services
    state.proved_ms = now_ms()
    state.queue_save(services.bus.pipe)
    services.journal.call(call.id, proved_ms=state.proved_ms)
    services.journal.request_event(call.id, state.request, "request.proved")


async def say_hold_text(call: Call) -> None:
    """``Please hold while we connect you to a Halyard Telecom representative``, once.

    Raises:
        CallHungUp: the customer left, or pressed 0.
    """
    order, state = call.callback, call.state
    if state.greeted_ms:
        return
    await say(call, call.customer, order.said(order.hold_text))
    state.greeted_ms = now_ms()
    state.queue_save(call.services.bus.pipe)
