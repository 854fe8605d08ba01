"""A half-made order as it is read back: prices, where, when, how it is paid, what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cordboard import visit_times
from cordboard.orders import postcodes, web_rights
from cordboard.orders.draft import Draft
from cordboard.orders.places import (
    Choice,
    Place,
    Point,
    Wanted,
    choose,
    distance_m,
    ready_at,
    turned_down,
)
from cordboard.orders.pricing import Priced, price
from cordboard.visit_times import WantedTimeError
from webdesk.order import words
from webdesk.order.enrolment import postcode_problem
from webdesk.order.here import Here
from webdesk.order.steps import Typed
from webdesk.services import services

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page reads back.

    Attributes:
        draft: with method, billing and time as they count now.
        methods: possible ones; empty when goods and services mix.
        billing: possible ways to pay.
        choice: where it is made.
        wrong: field -> what is wrong and what to do.
    """

    draft: Draft
    priced: Priced
    methods: tuple[str, ...]
    billing: tuple[str, ...]
    choice: Choice
    wanted: Wanted
    wrong: dict[str, str]
    typed: Typed

    @property
    def is_whole(self) -> bool:
        """Whether it can be placed."""
        return not self.wrong and self.choice.place is not None

    @property
    def seen(self) -> str:
        """The same as long as the client would read the same."""
        place = self.choice.place.code if self.choice.place else ""
        due = self.draft.due_at.isoformat() if self.draft.due_at else ""
        basket = replace(self.draft.basket, location="")
        told = (basket.key, place, due)
        text = "|".join((*told, str(self.priced.total_cents)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def read(at: Here, draft: Draft, typed: Typed) -> Reading:
    """Everything about the order as it is now."""
    client = at.client
    possible = web_rights.methods(client.catalogue.methods(draft.basket), proved=at.proved)
    method = _one_of(possible, draft.basket.method, client.preference.method)
    ways = billing_of(at)
    wrong = _about_address(at, typed) if method == "delivery" else {}
    due_at, problem = _due(at, method, typed)
    if problem:
        wrong["at"] = problem
    if not possible:
        wrong["method"] = _NO_METHOD if at.proved else _NOT_PROVED
    draft = replace(
        draft,
        basket=replace(draft.basket, method=method),
        due_at=due_at,
        billing=_one_of(ways, draft.billing),
    )
    wanted = Wanted(
        method=method,
        products=frozenset(line.product for line in draft.basket.lines),
        point=_point(at, method, typed),
        own=draft.basket.location or client.preference.location,
        due_at=due_at,
    )
    choice = choose(client.places, wanted, at.now)
    return Reading(
        draft, price(draft.basket, client.catalogue), possible, ways, choice, wanted, wrong, typed
    )


def billing_of(at: Here) -> tuple[str, ...]:
    """Ways to pay that this browser has."""
    provider = bool(services().settings.payment_provider)
    return web_rights.billing(at.client.billing, proved=at.proved, provider=provider)


_NO_METHOD = "Goods and appointments are two orders. Take one of them out, and order it afterwards."
_NOT_PROVED = "Appointments need your number: call us from it, and link this browser."


def places_shown(at: Here, found: Reading) -> list[Json]:
    """All locations, those that can serve first, the nearest first."""
    rows = [_place(at, found, place) for place in at.client.places]
    return sorted(rows, key=lambda row: (bool(row["why"]), row["metres"] or 0.0))


def _place(at: Here, found: Reading, place: Place) -> Json:
    why = turned_down(place, found.wanted, at.now)
    point = found.wanted.point
    metres = distance_m(place.point, point) if point else None
    ready = "" if why else _said(ready_at(place, found.wanted, at.now), place.zone, at.now)
    return {
        "code": place.code,
        "name": place.name,
        "address": f"{place.street}, {place.city}",
        "away": words.distance(metres, at.client.country),
        "metres": metres,
        "ready": ready,
        "why": words.WHY_NOT[why] if why else "",
    }


def ready_text(at: Here, found: Reading) -> str:
    """When it is ready, or at the door; empty when nobody can serve."""
    place, ready = found.choice.place, found.choice.ready_at
    return _said(ready, place.zone, at.now) if place and ready else ""


def own_refused(at: Here, found: Reading) -> str:
    """Why the location that the client wants does not serve; empty when it does."""
    why = found.choice.turned_down.get(found.wanted.own)
    name = next((p.name for p in at.client.places if p.code == found.wanted.own), "")
    return f"{name}: {words.WHY_NOT[why]}." if why and name else ""


def _said(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    return visit_times.say(moment, zone, now)


def _one_of(possible: Sequence[str], *wished: str) -> str:
    """The first wish that can be had, else the first that can be had."""
    return next((wish for wish in wished if wish in possible), possible[0] if possible else "")


def _due(at: Here, method: str, typed: Typed) -> tuple[datetime | None, str]:
    """When it is wanted (None: as soon as possible), and what is wrong with that."""
    if method != "appointment" and typed.when != "later":
        return None, ""
    if not typed.at:
        return None, "Choose a day and a time."
    try:
        return visit_times.read_wanted(typed.at, at.zone, at.now), ""
    except WantedTimeError as error:
        return None, str(error)


def address(typed: Typed) -> Json | None:
    """Where it is delivered, when that is not where the client lives."""
    if not (typed.street or typed.city or typed.postcode):
        return None
    return {"street": typed.street, "city": typed.city, "postcode": typed.postcode}


def said(at: Here, typed: Typed) -> Json:
    """The address as a draft takes it; nothing as long as it is none."""
    wrong = address(typed) is not None and _about_address(at, typed)
    return {} if wrong else {"address": address(typed)}


def _about_address(at: Here, typed: Typed) -> dict[str, str]:
    if address(typed) is None:
        missing = not at.data["client"]["street"] and "address" not in at.client.audio
        return {"street": "Type where we bring it."} if missing else {}
    wrong = {
        field: f"Type the {what} too."
        for field, what in (("street", "street and number"), ("city", "city"))
        if not 2 <= len(getattr(typed, field)) <= 120
    }
    if problem := postcode_problem(typed.postcode, at.client.country):
        wrong["postcode"] = problem
    return wrong


def _point(at: Here, method: str, typed: Typed) -> Point | None:
    if method == "delivery" and typed.postcode:
        return postcodes.centroid(at.client.country, typed.postcode)
    return at.home
