"""An order as the desk shows it: lines, where it can be made, what is missing, its read-back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.orders.basket import Basket, parse
from cordboard.orders.facts import Client
from cordboard.orders.phrases import METHODS, items, when
from cordboard.orders.places import Place, Wanted, ready_at, turned_down
from cordboard.orders.pricing import dollars, price
from cordboard.orders.usual import usual
from webdesk.desk_orders.serving import wanted_of
from webdesk.desk_orders.wish import ADDRESS
from webdesk.order.words import STATES, WHY_NOT

Json = dict[str, Any]


def order_view(
    order: Mapping[str, Any],
    client: Client,
    lives: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
) -> Json:
    """One order: the fields of its form, and words. ``lives`` has the client's own address."""
    basket, address = order["basket"], order["address"] or {}
    due = datetime.fromisoformat(order["due_at"]).astimezone(zone) if order["due_at"] else None
    return {
        "order": order["order"],
        "number": order["number"],
        "version": order["version"],
        "state": order["state"],
        "state_text": STATES[order["state"]],
        "held_by": order["held_by"],
        "lines": [
            {**line, "options": [option["code"] for option in line["options"]]}
            for line in order["lines"]
        ],
        "cents": [dollars(line["cents"]) for line in order["lines"]],
        "method": order["method"] or "",
        "location": basket["location"] or "",
        "due": due.strftime("%Y-%m-%dT%H:%M") if due and order["state"] == "draft" else "",
        "billing": order["billing"] or "",
        "note": order["note"],
        **{name: address.get(name) or "" for name in ADDRESS},
        "total_cents": order["total_cents"],
        "total": dollars(order["total_cents"]),
        "tax": dollars(order["tax_cents"]),
        "readback": _readback(order, client, lives, zone, now),
        "places": places_view(order, client, now),
        "methods": list(client.catalogue.methods(_basket(order))),
    }


def places_view(order: Mapping[str, Any], client: Client, now: datetime) -> list[Json]:
    """Each location: when it has this order ready, or why it cannot serve."""
    due = datetime.fromisoformat(order["due_at"]) if order["due_at"] else None
    wanted = wanted_of(_basket(order), order["address"], due, client)
    return [_place(place, wanted, now) for place in client.places]


def _place(place: Place, wanted: Wanted, now: datetime) -> Json:
    why = turned_down(place, wanted, now)
    said = WHY_NOT[why] if why else when(ready_at(place, wanted, now), now)
    return {"code": place.code, "name": place.name, "can": why is None, "text": said}


def usual_view(client: Client, zone: ZoneInfo, now: datetime) -> list[Json]:
    """What the client usually has, as it can be ordered now."""
    found = []
    for one in usual(client.history, now.astimezone(zone)):
        basket, dropped = client.catalogue.usable(one.basket)
        if basket.lines and not dropped:
            total = dollars(price(basket, client.catalogue).total_cents)
            text = f"{items(basket, client.catalogue)}, {total}"
            found.append({"basket": basket.as_json(), "text": text})
    return found


def _basket(order: Mapping[str, Any]) -> Basket:
    return parse(order["basket"])


def _how(order: Mapping[str, Any], client: Client, lives: Mapping[str, Any]) -> str:
    """The delivery method, with the address when it is brought there."""
    if order["method"] != "delivery":
        return METHODS.get(order["method"] or "", "delivery method: ask")
    there = order["address"] or lives
    if there["street"]:
        parts = (f"{there['street']},", there["city"], there["postcode"])
        return f"delivered to {' '.join(part for part in parts if part)}"
    return "delivered to the recorded address" if "address" in client.audio else "address: ask"


def _readback(
    order: Mapping[str, Any],
    client: Client,
    lives: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
) -> str:
    """The sentence that the agent reads to the client; what is missing is named."""
    basket = _basket(order)
    if not basket.lines:
        return "Nothing yet."
    place = next((one for one in client.places if one.code == basket.location), None)
    due = datetime.fromisoformat(order["due_at"]).astimezone(zone) if order["due_at"] else None
    parts = [
        items(basket, client.catalogue),
        _how(order, client, lives),
        f"at {place.name}" if place else "location: ask",
        when(due, now) if due else "as soon as possible",
    ]
    return f"{', '.join(parts)}. {dollars(order['total_cents'])} with tax."
