"""The card of a call: from the database, or made of what the channel and our own tables tell."""

from __future__ import annotations

from typing import Any

from ari_app.call import Call
from ari_app.cards import minimal
from cordboard import cti

DNIS = "CALLERID(dnid)"


async def load_card(call: Call) -> dict[str, Any]:
    """The card, with the call's own id among the data that travels."""
    card = await call.services.cards.load(call.id, call.state.group) or await _without_database(
        call
    )
    return _with_id(card, call)


async def complete_card(call: Call) -> None:
    """Try once more, when the database was away before."""
    if not call.state.card.get("incomplete"):
        return
    if card := await call.services.cards.load(call.id, call.state.group):
        call.log.info("card.completed")
        call.state.card = _with_id(card, call)


def _with_id(card: dict[str, Any], call: Call) -> dict[str, Any]:
    data = {**(card.get("cti") or {}), "CALL_ID": call.id}
    if call.state.menu_choice:
        data["MENU_CHOICE"] = call.state.menu_choice
    if order := call.state.card.get("order"):
        # What was half-made in this call is known to us before it is in the database's card.
        card, data = {**card, "order": order}, {**data, **order_data(order)}
    return {**card, "cti": cti.clean(data)}


def order_data(order: dict[str, Any]) -> dict[str, Any]:
    """Call data of an order."""
    return {"ORDER_NUMBER": order["number"], "ORDER_STATE": order["state"]}


async def _without_database(call: Call) -> dict[str, Any]:
    """The database is away, or does not know the call: record what it could not write itself."""
    state = call.state
    state.dnis = (await call.channel.variables(DNIS)).get(DNIS, "")[:32]
    line = call.services.groups.lines.get(state.dnis)
    state.group = state.group or (line.queue if line else "")
    call.services.journal.call(
        call.id,
        direction="inbound",
        ani=state.ani,
        started_ms=state.started_ms,
        **({"dnis": state.dnis} if state.dnis else {}),
    )
    return minimal(call.id, ani=state.ani, dnis=state.dnis, line=line)
