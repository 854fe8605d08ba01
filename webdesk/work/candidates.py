"""Locations to which an agent may give an order that no location took, the best first. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cordboard.orders.failover import next_place, wanted_of
from cordboard.orders.places import Place, Why, choose
from webdesk.order.words import WHY_NOT

Json = dict[str, Any]

REFUSED = "did not take it"
TOO_FAR = "far from where it was to be fetched"


def due_of(order: Mapping[str, Any], client: Mapping[str, Any], now: datetime) -> Json:
    """The order as those look at it that pass it over (``due_orders_v1``).

    Args:
        order: of ``order_json_v1``.
        client: ``postcode`` where the client lives and ``own`` location, either may be None.
        now: aware; what was wanted before is wanted now.
    """
    placed = [event["data"] for event in order["timeline"] if event["name"] == "order.placed"]
    return {
        "method": order["method"],
        "products": [line["product"] for line in order["lines"]],
        "location": placed[-1]["location"] if placed else None,
        "passed_over": order["passed_over"],
        "due_at": max(datetime.fromisoformat(order["due_at"]), now).isoformat(),
        "postcode": order["client"]["postcode"] or client["postcode"],
        "country": order["subscriber"]["country"],
        "own": client["own"],
    }


def candidates(due: Mapping[str, Any], places: Sequence[Place], now: datetime) -> list[Json]:
    """``{code, name, why, best}`` of each location; ``why`` is empty when it can make it in time.

    Those that refused come last; without a ``best`` somebody has to choose.
    """
    best = next_place(due, places, now, frozenset())
    refused = choose(places, wanted_of(due, places), now).turned_down
    shown = [
        {
            "code": place.code,
            "name": place.name,
            "why": _said(place, refused.get(place.code), due["passed_over"]),
            "best": place is best,
        }
        for place in places
        if place.active
    ]
    return sorted(shown, key=_rank)


def _said(place: Place, why: Why | None, passed_over: Sequence[str]) -> str:
    if why is Why.NOT_AT:
        return REFUSED if place.code in passed_over else TOO_FAR
    return WHY_NOT[why] if why else ""


def _rank(one: Json) -> tuple[bool, bool, bool]:
    return not one["best"], one["why"] == REFUSED, bool(one["why"])
