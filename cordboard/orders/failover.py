"""Where an order goes that its location did not accept in time. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cordboard.orders.places import Place, Point, Wanted, Why, choose, distance_m
from cordboard.orders.postcodes import centroid

#: Whoever is on the way to a location is sent so far from it at most, metres as the crow flies: in
#: a town half an hour. Farther away a person asks before.
DETOUR_M = 15_000


def waits_until(due: Mapping[str, Any], places: Sequence[Place], now: datetime) -> datetime | None:
    """Until when a location has to accept that was closed ever since it got the order.

    ``accept_by`` was counted from its weekly hours: the database knows no national holidays.
    None: it has had its time, it declined, or it opens after the order is due, or never.

    Args:
        due: what ``due_orders_v1`` answers.
    """
    place = next((one for one in places if one.code == due["location"]), None)
    given_at = datetime.fromisoformat(due["given_at"])
    opens = place.next_opening(given_at) if place and not due["declined"] else None
    if place is None or opens is None or opens <= given_at:
        return None
    until = opens + timedelta(minutes=place.accept_minutes)
    return until if until > now and opens <= datetime.fromisoformat(due["due_at"]) else None


def next_place(
    due: Mapping[str, Any], places: Sequence[Place], now: datetime, not_at: frozenset[str]
) -> Place | None:
    """The location that takes it instead; None: a person has to look after it.

    An order that every other location could only make later than it was wanted is made later, and
    the client is told; an appointment keeps its time. What is not delivered stays near where the
    client was to come.

    Args:
        due: what ``due_orders_v1`` answers.
        not_at: codes of further locations that it must not go to.
    """
    wanted = wanted_of(due, places, not_at)
    choice = choose(places, wanted, now)
    if choice.place is None and due["method"] != "appointment":
        late = {code for code, why in choice.turned_down.items() if why is Why.TOO_SOON}
        others = frozenset(place.code for place in places if place.code not in late)
        wanted = replace(wanted, due_at=None, not_at=wanted.not_at | others)
        choice = choose(places, wanted, now)
    return choice.place


def wanted_of(
    due: Mapping[str, Any], places: Sequence[Place], not_at: frozenset[str] = frozenset()
) -> Wanted:
    """What a location has to serve to take this order, and near what it is to be."""
    point = centroid(due["country"], due["postcode"] or "")
    if due["method"] != "delivery":
        point = next((one.point for one in places if one.code == due["location"]), point)
        not_at |= _too_far(due, places)
    return Wanted(
        method=due["method"],
        products=frozenset(due["products"]),
        point=point,
        own=due["own"] or "",
        due_at=datetime.fromisoformat(due["due_at"]),
        not_at=frozenset(due["passed_over"]) | not_at,
    )


def _too_far(due: Mapping[str, Any], places: Sequence[Place]) -> frozenset[str]:
    """Codes of locations out of reach of one to which the client was to come."""
    before = [place.point for place in places if place.code in due["passed_over"]]
    return frozenset(place.code for place in places if not _in_reach(place.point, before))


def _in_reach(point: Point, before: Sequence[Point]) -> bool:
    return all(distance_m(point, other) <= DETOUR_M for other in before)
