"""What an order call knows: who may be calling, and everything about the client who is.

It comes from ``order_callers_v1`` and ``order_facts_v1`` (docs/architecture.md). No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.orders import draft as drafts
from cordboard.orders.basket import Basket
from cordboard.orders.basket import parse as parse_basket
from cordboard.orders.catalogue import Catalogue, catalogue_from_json
from cordboard.orders.draft import Address, Draft, address_from_json
from cordboard.orders.places import Place, places_from_json
from cordboard.orders.usual import Past

#: After so many calls in a row in which 0 was the first key, automation is off.
ZEROS = 3


@dataclass(frozen=True, slots=True)
class Shop:
    """The subscriber.

    Attributes:
        country: of numbers and postcodes that are keyed.
        by_link: somebody takes payments by a link.
    """

    code: str
    name: str
    country: str
    zone: ZoneInfo
    by_link: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """A client who may be calling; without a name typed yet ``first_name`` is empty.

    ``claimed``: the number was keyed or typed by this client, who has not called from it yet.
    """

    id: int
    first_name: str = ""
    audio: bool = False
    no_automation: bool = False
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The newest placed order.

    Attributes:
        order: its UUID.
        state: of ``order_state``.
        needs_agent: no location takes it, a person looks for one.
        paid: by a link, so it may be cancelled but not changed.
        address: where it is delivered; None: where the client lives, or it is fetched.
        change_until: until when it may be changed or cancelled; None: not any more.
    """

    order: str
    number: int
    state: str
    basket: Basket
    total_cents: int
    due_at: datetime
    change_until: datetime | None = None
    needs_agent: bool = False
    paid: bool = False
    address: Address | None = None

    def changeable(self, now: datetime) -> bool:
        """Whether the client may still change or cancel it."""
        return self.change_until is not None and now <= self.change_until


@dataclass(frozen=True, slots=True)
class Moved:
    """An order that is made elsewhere than the client was told.

    Attributes:
        order: its UUID.
        location: code of where it is made now.
    """

    order: str
    number: int
    location: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Preference:
    """What the client prefers; ``location`` and ``method`` are empty when nothing special."""

    no_automation: bool = False
    zero_at_once: int = 0
    location: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """The client who calls.

    Attributes:
        id: ``customer.id``.
        first_name: empty as long as nobody has typed it.
        audio: recordings there are of ``name`` and ``address``.
        street, city, postcode: where the client lives; empty when it is not known.
        billing: allowed ways to pay, the usual one first.
        has_email: a link to pay can reach the client.
        history: orders of the past, newest first.
        places: locations of the shop, also those that are closed.
        speed_dials: digits -> basket.
        last_order: None when there is none.
        moved: None when there is nothing of the kind to be told.
        draft: a half-made order that nobody holds, with its number; None when there is none.
    """

    id: int
    first_name: str
    catalogue: Catalogue
    places: tuple[Place, ...]
    audio: tuple[str, ...] = ()
    country: str = "US"
    street: str = ""
    city: str = ""
    postcode: str = ""
    billing: tuple[str, ...] = ("on_delivery",)
    has_email: bool = False
    preference: Preference = field(default_factory=Preference)
    history: tuple[Past, ...] = ()
    speed_dials: Mapping[int, Basket] = field(default_factory=dict)
    last_order: LastOrder | None = None
    moved: Moved | None = None
    draft: Draft | None = None

    @property
    def home(self) -> Address:
        """Where the client lives."""
        return Address(self.street, self.city, self.postcode)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the dialogue is told.

    Attributes:
        call: its id.
        number: the caller's, +E.164; empty when it is withheld.
        shop: whom was called.
        callers: clients of that number (or of the one that was keyed), most frequent first.
        client: None before one is chosen.
    """

    call: str
    number: str
    shop: Shop
    callers: tuple[Caller, ...] = ()
    client: Client | None = None


def callers_facts(call: str, data: Mapping[str, Any], *, by_link: bool = False) -> Facts:
    """Facts of what ``order_callers_v1`` answers; ``by_link``: somebody takes payments by a link.

    Raises:
        KeyError, TypeError, ValueError, ZoneInfoNotFoundError: it is not of its form.
    """
    callers = tuple(
        Caller(
            id=int(c["id"]),
            first_name=c["first_name"] or "",
            audio=bool(c["audio"]),
            no_automation=bool(c["no_automation"]),
            claimed=bool(c["claimed"]),
        )
        for c in data["callers"]
    )
    shop = replace(_shop(data["shop"]), by_link=by_link)
    return Facts(call, data["number"] or "", shop, callers)


def client_facts(facts: Facts, data: Mapping[str, Any]) -> Facts:
    """The same with the client whom ``order_facts_v1`` tells of.

    Raises:
        KeyError, TypeError, ValueError, ZoneInfoNotFoundError: it is not of its form.
    """
    return replace(facts, client=client_from_json(data))


def client_from_json(data: Mapping[str, Any]) -> Client:
    """The client in what ``order_facts_v1`` answers; the web asks the same.

    Raises:
        KeyError, TypeError, ValueError, ZoneInfoNotFoundError: it is not of its form.
    """
    client, last, draft = data["client"], data["last_order"], data["draft"]
    return Client(
        id=int(client["id"]),
        first_name=client["first_name"] or "",
        audio=tuple(client["audio"]),
        country=client["country"],
        street=client["street"] or "",
        city=client["city"] or "",
        postcode=client["postcode"] or "",
        billing=tuple(client["billing"]) or ("on_delivery",),
        has_email=bool(client["has_email"]),
        preference=_preference(data["preference"]),
        history=tuple(
            Past(parse_basket(past["basket"]), datetime.fromisoformat(past["at"]))
            for past in data["history"]
        ),
        catalogue=catalogue_from_json(data["catalogue"]),
        places=places_from_json(data["locations"]),
        speed_dials={int(d["digits"]): parse_basket(d["basket"]) for d in data["speed_dials"]},
        last_order=_last_order(last) if last else None,
        moved=_moved(data["moved"]) if data["moved"] else None,
        draft=drafts.from_json(draft) if draft else None,
    )


def _shop(data: Mapping[str, Any]) -> Shop:
    return Shop(data["code"], data["name"], data["country"], ZoneInfo(data["timezone"]))


def _preference(data: Mapping[str, Any]) -> Preference:
    return Preference(
        no_automation=bool(data["no_automation"]),
        zero_at_once=int(data["zero_at_once"]),
        location=data["location"] or "",
        method=data["method"] or "",
    )


def _moved(data: Mapping[str, Any]) -> Moved:
    due_at = datetime.fromisoformat(data["due_at"])
    return Moved(data["order"], int(data["number"]), data["location"], due_at)


def _last_order(data: Mapping[str, Any]) -> LastOrder:
    until = data["change_until"]
    return LastOrder(
        order=data["order"],
        number=int(data["number"]),
        state=data["state"],
        basket=parse_basket(data["basket"]),
        total_cents=int(data["total_cents"]),
        due_at=datetime.fromisoformat(data["due_at"]),
        change_until=datetime.fromisoformat(until) if until else None,
        needs_agent=bool(data["needs_agent"]),
        paid=bool(data["paid"]),
        address=address_from_json(data["address"]),
    )
