"""Which location an order goes to: one that can serve it, and of these the nearest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import hours

#: Mean radius of the earth, metres (IUGG: R1 of GRS 80).
EARTH_M = 6_371_008.8
#: A time that could be met when it was asked for is not refused because reading back took a while.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth, degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Method:
    """How one location serves by one delivery method.

    Attributes:
        radius_m: its area, metres as the crow flies; None is no limit.
        lead_minutes: from the order to ready, or to the door.
    """

    radius_m: int | None = None
    lead_minutes: int = 20


@dataclass(frozen=True)
class Place:
    """A location as it is now.

    Attributes:
        schedule: None is open at any time.
        open_orders: today's that are not ready yet; with ``max_open_orders`` it takes no more.
        later_orders: day, by its clock -> those that are due on it; a day can be full as well.
        methods: delivery methods that it offers.
        without: codes of products that it cannot make, or has run out of.
    """

    id: int
    code: str
    name: str
    street: str
    city: str
    point: Point
    zone: ZoneInfo
    schedule: hours.Schedule | None = None
    active: bool = True
    max_open_orders: int = 20
    open_orders: int = 0
    later_orders: Mapping[date, int] = field(default_factory=dict)
    accept_minutes: int = 5
    methods: Mapping[str, Method] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an aware time."""
        return self.schedule is None or hours.status(self.schedule, at).state is hours.State.OPEN

    def load(self, at: datetime, now: datetime) -> int:
        """What it has to make on the day of ``at``."""
        day = at.astimezone(self.zone).date()
        later = day > now.astimezone(self.zone).date()
        return self.later_orders.get(day, 0) if later else self.open_orders

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next, in its zone: ``at`` when it is open, None when not in a year."""
        if self.schedule is None:
            return at.astimezone(self.zone)
        return hours.next_opening(self.schedule, at)


class Why(Enum):
    """Why a location cannot serve; the first that holds, those that last longest first."""

    INACTIVE = "inactive"
    NOT_AT = "not_at"  # it was passed over, or the client wants another
    METHOD = "method"  # it does not offer this delivery method
    PRODUCTS = "products"  # it cannot make all of it
    AREA = "area"  # the client is too far away
    CLOSED = "closed"
    TOO_SOON = "too_soon"  # it cannot be ready by then
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a location has to serve.

    Attributes:
        products: codes.
        point: where the client is, or it is delivered to; None is unknown.
        own: code of the location that the client asked for; taken when it can serve.
        due_at: when it is wanted; None is as soon as possible.
        not_at: codes of locations that it must not go to (any more).
    """

    method: str
    products: frozenset[str] = frozenset()
    point: Point | None = None
    own: str = ""
    due_at: datetime | None = None
    not_at: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """Where it goes.

    Attributes:
        place: None when no location can serve.
        ready_at: when it is ready, or at the door, in the location's zone.
        distance_m: as the crow flies; None when nobody knows where the client is.
        turned_down: code -> why, of each that cannot serve.
    """

    place: Place | None
    ready_at: datetime | None
    distance_m: float | None
    turned_down: Mapping[str, Why]


def distance_m(a: Point, b: Point) -> float:
    """Metres from one to the other over the earth as a sphere, at most 0.6 % off.

    Haversine formula: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984) 159.
    """
    north, east = math.radians(b.latitude - a.latitude), math.radians(b.longitude - a.longitude)
    cosines = math.cos(math.radians(a.latitude)) * math.cos(math.radians(b.latitude))
    half = math.sin(north / 2) ** 2 + cosines * math.sin(east / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def choose(places: Sequence[Place], wanted: Wanted, now: datetime) -> Choice:
    """The location that takes it: the client's own, else the nearest, of those that can serve.

    When nobody knows where the client is, it is the client's own, else the first of ``places``, and
    areas do not count. ``now`` is an aware time.
    """
    verdicts = {place.code: turned_down(place, wanted, now) for place in places}
    able = [place for place in places if verdicts[place.code] is None]
    refused = {code: why for code, why in verdicts.items() if why is not None}
    if not able:
        return Choice(None, None, None, refused)
    # min takes the first of equals, so that the answer does not depend on chance.
    chosen = min(able, key=lambda place: (place.code != wanted.own, _away(place, wanted) or 0.0))
    return Choice(chosen, ready_at(chosen, wanted, now), _away(chosen, wanted), refused)


def turned_down(place: Place, wanted: Wanted, now: datetime) -> Why | None:
    """Why this location cannot serve; None when it can."""
    method = place.methods.get(wanted.method)
    if not place.active:
        return Why.INACTIVE
    if place.code in wanted.not_at:
        return Why.NOT_AT
    if method is None:
        return Why.METHOD
    if place.without & wanted.products:
        return Why.PRODUCTS
    away = _away(place, wanted)
    if method.radius_m is not None and away is not None and away > method.radius_m:
        return Why.AREA
    return _not_then(place, wanted, now)


def ready_at(place: Place, wanted: Wanted, now: datetime) -> datetime:
    """When it would be ready there, or at the door: a whole minute, in the location's zone.

    Raises:
        KeyError: it does not offer the method.
    """
    if wanted.due_at is not None:
        return wanted.due_at.astimezone(place.zone)
    return _earliest(place, wanted, now).astimezone(place.zone)


def _not_then(place: Place, wanted: Wanted, now: datetime) -> Why | None:
    """It may be wanted tomorrow while the location is closed today, but not before it is ready."""
    earliest = _earliest(place, wanted, now)
    if wanted.due_at is None:
        # Somebody has to be there to take the order, and to hand it over. A courier is outside.
        at = (now,) if wanted.method == "delivery" else (now, earliest)
    else:
        at = (wanted.due_at,)
    if not all(place.is_open(moment) for moment in at):
        return Why.CLOSED
    if wanted.due_at is not None and wanted.due_at < earliest - GRACE:
        return Why.TOO_SOON
    load = place.load(wanted.due_at or now, now)
    return Why.FULL if load >= place.max_open_orders else None


def _earliest(place: Place, wanted: Wanted, now: datetime) -> datetime:
    """The next whole minute after its lead time; in UTC, where no clocks are put back meanwhile."""
    ready = now.astimezone(UTC) + timedelta(minutes=place.methods[wanted.method].lead_minutes)
    whole = ready.replace(second=0, microsecond=0)
    return whole if whole == ready else whole + timedelta(minutes=1)


def _away(place: Place, wanted: Wanted) -> float | None:
    return None if wanted.point is None else distance_m(place.point, wanted.point)


def places_from_json(locations: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    """Locations from what ``order_facts_v1`` answers, in its order.

    Raises:
        KeyError, ValueError, ZoneInfoNotFoundError: they are not of that form.
    """
    return tuple(_place(one) for one in locations)


def _place(data: Mapping[str, Any]) -> Place:
    schedule = data["schedule"]
    return Place(
        id=data["id"],
        code=data["code"],
        name=data["name"],
        street=data["street"],
        city=data["city"],
        point=Point(float(data["latitude"]), float(data["longitude"])),
        zone=ZoneInfo(data["timezone"]),
        schedule=hours.from_json(schedule) if schedule else None,
        active=data["active"],
        max_open_orders=data["max_open_orders"],
        open_orders=data["open_orders"],
        later_orders={
            date.fromisoformat(day): orders for day, orders in data["later_orders"].items()
        },
        accept_minutes=data["accept_minutes"],
        methods={
            name: Method(method["radius_m"], method["lead_minutes"])
            for name, method in data["methods"].items()
        },
        without=frozenset(data["without"]),
    )
