"""What an agent may know of a web call when: before signing on nothing of the customer."""

from __future__ import annotations

import asyncio
from typing import Any

from ari_app.call import Call
from ari_app.client import AriError
from ari_app.clock import now_ms
from cordboard import cti, keys
from cordboard.events import CallUpdated, tell_desk

#: Call data that may be seen before signing on.
OPEN_DATA = ("CALL_ID", "SUBSCRIBER", "SUBJECT", "QUEUE")
#: Fields of the card that say nothing of the customer.
OPEN_FIELDS = ("id", "subscriber", "queue", "codes")
#: Fields that live in the card alone and are not part of what is withheld.
_LIVE = ("state", "waited_s", "connected_ms")


def sealed(card: dict[str, Any], sign_on: str) -> dict[str, Any]:
    """The part of a card that an agent sees before signing on (``sign_on``: digit or pin)."""
    web, data = card.get("web") or {}, card.get("cti") or {}
    return {
        **{name: card[name] for name in OPEN_FIELDS if name in card},
        "sign_on": sign_on,
        "web": {name: web.get(name) for name in ("subject", "subject_code")},
        "cti": {key: data[key] for key in OPEN_DATA if key in data},
    }


def seal(call: Call) -> None:
    """Withhold the card from the next agent; whoever signed on before has left the call."""
    state, order = call.state, call.callback
    if state.signed_on_ms:
        state.withheld |= {k: v for k, v in state.card.items() if k not in _LIVE}
        state.signed_on_ms = 0
        call.services.journal.call(call.id, signed_on_ms=None)
    live = {name: state.card[name] for name in _LIVE if name in state.card}
    state.card = {**sealed(state.withheld, order.rule.sign_on), **live}


async def unseal(call: Call) -> None:
    """The agent has signed on: the desk gets the whole card, the legs the call's data."""
    state, services = call.state, call.services
    state.signed_on_ms = now_ms()
    state.card |= {**state.withheld, "sign_on": None}
    if web := state.card.get("web"):
        # Browsers come and go while phones ring.
        state.card["web"] = {**web, "visitor_here": await visitor_is_here(call)}
    state.queue_save(services.bus.pipe)
    if state.agent:
        changed = {k: v for k, v in state.card.items() if k not in _LIVE}
        tell_desk(services.bus.pipe, state.agent, CallUpdated(call_id=call.id, changed=changed))
    services.journal.call(call.id, signed_on_ms=state.signed_on_ms)
    services.journal.event(call.id, "call.signed_on", agent=state.agent, attempt=state.attempt)
    data = cti.channel_variables(state.card.get("cti") or {})
    legs = [leg for leg in (call.customer, call.agent) if leg and leg.answered and not leg.gone]
    try:
        await asyncio.gather(
            *(services.client.channel(leg.channel).set_variables(data) for leg in legs)
        )
    except AriError as error:
        call.log.info("leg.without_data", error=str(error))


async def visitor_is_here(call: Call) -> bool:
    """Whether a browser of the visitor is connected; of one that comes later the desk is told."""
    visitor, bus = call.state.visitor, call.services.bus
    if not visitor:
        return False
    bus.pipe.exists(keys.presence(visitor))
    here = bool(await bus.last())
    if not here:
        bus.pipe.set(keys.visitor_away(visitor), "1", ex=keys.VISITOR_S)
    return here
