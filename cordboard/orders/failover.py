"""Where an order goes that its location did not accept in time. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cordboard.orders.places import Place, Wanted, Why, choose
from cordboard.orders.postcodes import centroid


def next_place(
    due: Mapping[str, Any], places: Sequence[Place], now: datetime, not_at: frozenset[str]
) -> Place | None:
    """The location that takes it instead; None: a person has to look after it.

    An order that every other location could only make later than it was wanted is made later, and
    the client is told; an appointment is not moved.

    Args:
        due: what ``due_orders_v1`` answers.
        not_at: codes of further locations that it must not go to.
    """
    wanted = wanted_of(due, not_at)
    choice = choose(places, wanted, now)
    if choice.place is None and due["method"] != "appointment":
        late = {code for code, why in choice.turned_down.items() if why is Why.TOO_SOON}
        others = frozenset(place.code for place in places if place.code not in late)
        wanted = replace(wanted, due_at=None, not_at=wanted.not_at | others)
        choice = choose(places, wanted, now)
    return choice.place


def wanted_of(due: Mapping[str, Any], not_at: frozenset[str] = frozenset()) -> Wanted:
    """What a location has to serve to take this order."""
    return Wanted(
        method=due["method"],
        products=frozenset(due["products"]),
        point=centroid(due["country"], due["postcode"] or ""),
        own=due["own"] or "",
        due_at=datetime.fromisoformat(due["due_at"]),
        not_at=frozenset(due["passed_over"]) | not_at,
    )
