"""Where an order would be made, and when it would be ready; and how it would be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue.talk import Talk
from cordboard.orders.payment import by_telephone
from cordboard.orders.places import Choice, Place, Wanted, choose
from cordboard.orders.postcodes import centroid

#: So many locations are named.
MOST_PLACES = 8
#: So much of an address is said, characters: ten seconds.
LONGEST_ADDRESS = 120


def wanted_of(talk: Talk, basket: Basket, due_at: datetime | None) -> Wanted:
    """What a location has to serve for this basket to be made: where the client lives, or at the
    door where it goes.
    """
    client = talk.client
    there = talk.memory.draft.address if basket.method == "delivery" else None
    postcode = (there or client.home).postcode
    return Wanted(
        method=basket.method,
        products=frozenset(line.product for line in basket.lines),
        point=centroid(client.country, postcode) if postcode else None,
        own=basket.location or client.preference.location,
        due_at=due_at,
        not_at=frozenset(talk.memory.not_at),
    )


def find(talk: Talk, basket: Basket, due_at: datetime | None) -> Choice:
    """The location that the basket names when it can serve, else the nearest that can."""
    return choose(talk.client.places, wanted_of(talk, basket, due_at), talk.now)


def able(talk: Talk, basket: Basket, due_at: datetime | None) -> list[Choice]:
    """All that can serve, the first choice first."""
    found: list[Choice] = []
    places = talk.client.places
    wanted = wanted_of(talk, basket, due_at)
    while len(found) < MOST_PLACES:
        choice = choose(places, wanted, talk.now)
        if choice.place is None:
            break
        found.append(choice)
        wanted = replace(wanted, not_at=wanted.not_at | {choice.place.code})
    return found


def methods(talk: Talk, basket: Basket) -> tuple[str, ...]:
    """Delivery methods of the basket that some location offers; to the door needs one."""
    client = talk.client
    offered = {name for place in client.places if place.active for name in place.methods}
    fit = [name for name in talk.catalogue.methods(basket) if name in offered]
    usual = client.preference.method
    door = client.postcode or talk.memory.draft.address
    fit = [name for name in fit if name != "delivery" or door]
    return tuple(sorted(fit, key=lambda name: name != usual))


def address_said(talk: Talk, basket: Basket) -> str:
    """Where it is delivered, ``5 Elm Street, Oak Park``; empty where that is the client's home."""
    there = talk.memory.draft.address
    if basket.method != "delivery" or there is None or there == talk.client.home:
        return ""
    said = ", ".join(part for part in (there.street, there.city) if part)
    return said[:LONGEST_ADDRESS]


def earliest(talk: Talk, basket: Basket) -> datetime | None:
    """When it could be made, as nobody can now: after some location has opened; None: nowhere."""
    times = [_after_opening(talk, place, basket) for place in talk.client.places]
    for at in sorted(at for at in times if at is not None):
        if find(talk, basket, at).place is not None:
            return at
    return None


def _after_opening(talk: Talk, place: Place, basket: Basket) -> datetime | None:
    method = place.methods.get(basket.method)
    opens = place.next_opening(talk.now)
    if method is None or opens is None:
        return None
    return opens + timedelta(minutes=method.lead_minutes)


def place_named(talk: Talk, code: str) -> Place | None:
    """The location with this code."""
    return next((place for place in talk.client.places if place.code == code), None)


def zone_of(talk: Talk) -> ZoneInfo:
    """Whose clocks the client means: those of the location, else of the shop."""
    code = talk.memory.basket.location or talk.client.preference.location
    place = place_named(talk, code)
    return place.zone if place else talk.facts.shop.zone


def billing_of(talk: Talk) -> Sequence[str]:
    """Ways to pay, the usual one first."""
    client, proved = talk.client, not talk.memory.keyed
    return by_telephone(
        client.billing,
        provider=talk.facts.shop.by_link,
        has_email=client.has_email,
        proved=proved,
    )
