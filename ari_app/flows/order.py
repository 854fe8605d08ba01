"""A client orders by keys; whoever wants a person gets one, with the half-made order.

    open_call    read what is known about the caller
    take_order   the dialogue: who it is, what is usual, the list, read-back, confirmation
    decide …     for a person the steps of an inbound call follow, up to its wrap-up

What is said and what a key means stands in ``cordboard/orders/dialogue``; here it is played,
heard, done and stored, turn by turn. The caller may leave at any moment: what was begun is kept as
a draft, and the next call offers to go on with it. SIP tests: ``tests/sip/order_*``.
The story with its files: ``docs/calls/order.md``.
"""

from __future__ import annotations

import asyncio

from ari_app.call import Call
from ari_app.flow import END, Flow
from ari_app.flows import inbound
from ari_app.verbs.finish import close_record, end_call, release_agent
from ari_app.verbs.listen import hear_out
from ari_app.verbs.order_dialogue import converse, forget_kept
from ari_app.verbs.order_handover import hand_over
from ari_app.verbs.order_memory import notes_of
from cordboard.orders.dialogue.acts import Hangup

#: Outcome of a call that keys served to its end.
AUTOMATED = "automated"


async def take_order(call: Call) -> str | None:
    """Hold the dialogue; the call ends with it, or goes on to a person."""
    end, last_words = await converse(call)
    if isinstance(end, Hangup):
        await hear_out(call, last_words)
        call.state.outcome = AUTOMATED
        return END
    # What has to be read is read while the caller hears the last words.
    handing_over = asyncio.create_task(hand_over(call, end))
    try:
        await hear_out(call, last_words)
        await handing_over
    finally:
        handing_over.cancel()
    return None


async def name_end(call: Call) -> None:
    """Whoever left in the dialogue was served by keys, or was not."""
    state = call.state
    if state.step == take_order.__name__ and not state.outcome and not call.found_gone:
        state.outcome = AUTOMATED if notes_of(call).placed else "abandoned_ivr"


FLOW = Flow(
    name="order",
    steps=(
        inbound.open_call,
        take_order,
        inbound.decide,
        inbound.present,
        inbound.keep_place,
        inbound.queue,
        inbound.ring,
        inbound.announce,
        inbound.bridge,
        inbound.talk,
        inbound.end_contact,
        inbound.wrap_up,
    ),
    give_up=inbound.give_up,
    clean_up=(release_agent, forget_kept, name_end, end_call, close_record),
)
