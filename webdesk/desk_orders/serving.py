"""Whether a location can serve an order of the desk. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordboard.orders import postcodes
from cordboard.orders.basket import Basket
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Client
from cordboard.orders.places import Wanted, Why, turned_down
from webdesk.order.words import WHY_NOT

Address = Mapping[str, Any]


def wanted_of(
    basket: Basket, address: Address | None, due_at: datetime | None, client: Client
) -> Wanted:
    """What a location has to serve; as long as nobody said how, it is fetched."""
    method = basket.method or "pick_up"
    there = address if method == "delivery" else None
    postcode = (there.get("postcode") or "") if there else client.postcode
    return Wanted(
        method=method,
        products=frozenset(line.product for line in basket.lines),
        point=postcodes.centroid(client.country, postcode) if postcode else None,
        due_at=due_at,
    )


def why_not(
    draft: Draft, address: Address | None, client: Client, lives: Address, now: datetime
) -> str:
    """Why its location cannot serve it, and what to do; empty when it can.

    These are hours, area, lead time and address, which the database does not look at. What is
    missing otherwise, and whether there is room, ``place_order_v1`` says.
    """
    basket = draft.basket
    place = next((one for one in client.places if one.code == basket.location), None)
    if place is None or not basket.method:
        return ""
    if basket.method == "delivery" and not (
        address or lives["street"] or "address" in client.audio
    ):
        return "Ask where it is delivered, and type that."
    why = turned_down(place, wanted_of(basket, address, draft.due_at, client), now)
    return (
        ""
        if why in (None, Why.FULL)
        else f"{place.name}: {WHY_NOT[why]}. Change where, when or how."
    )
