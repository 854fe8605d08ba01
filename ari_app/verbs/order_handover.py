"""A caller leaves the dialogue for a person, and the half-made order goes along."""

from __future__ import annotations

import asyncio
from typing import Any

from ari_app.call import Call
from ari_app.orders import OrdersAway
from ari_app.verbs.card import load_card
from ari_app.verbs.order_memory import holder_of
from cordboard.orders.dialogue.acts import ToPerson

#: For so long the draft is this call's: longer than anybody waits for an agent. Once the call has
#: ended the hold is void.
HOLD_S = 7200


async def hand_over(call: Call, end: ToPerson) -> None:
    """Put the client, and the order that was begun, on the card; the draft stays this call's."""
    state, services = call.state, call.services
    # A key that was pressed in the dialogue means nothing in the queue.
    call.customer.keyed.clear()
    order = await _held(call, end.order) if end.order else None
    if order is not None:
        state.card["order"] = order
    state.card, call.facts = await asyncio.gather(
        load_card(call), services.decider.facts_of_call(call.id)
    )
    said = {"why": end.why, **({"order": order["order"]} if order else {})}
    services.journal.event(call.id, "order.to_person", **said)
    if order is not None:
        services.journal.call(call.id, cti=_data(state.card))
    state.queue_save(services.bus.pipe)
    call.log.info("order.to_person", **said)


async def _held(call: Call, order: str) -> dict[str, Any] | None:
    """The order as the desk shows it: a draft that is this call's now, or one that was placed.

    None when somebody else works on it, when it was given up, or when the database is away.
    """
    orders = call.services.orders
    try:
        held = await orders.hold(order, holder_of(call), HOLD_S)
        found = await orders.order(order)
    except OrdersAway as error:
        call.log.warning("order.not_on_card", order=order, error=str(error))
        return None
    if held is None and not (found and found["placed_at"]):
        call.log.info("order.not_held", order=order)
        return None
    return found


def _data(card: dict[str, Any]) -> dict[str, str]:
    data = card.get("cti") or {}
    return {name: data[name] for name in ("ORDER_NUMBER", "ORDER_STATE") if name in data}
