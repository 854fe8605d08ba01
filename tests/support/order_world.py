"""A shop as the dialogue of an order call knows it: goods, locations, clients. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Category, Option, Product
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Caller, Client, Facts, LastOrder
from cordboard.orders.facts import Shop as Company
from cordboard.orders.places import Method, Place, Point
from cordboard.orders.usual import Past

CALL = "6f1c1a52-3f0e-4a54-9d0a-6a0f0a7d5a10"
CHICAGO = ZoneInfo("America/Chicago")
#: A Wednesday, half past eight in the morning where the shop is.
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
ROSA_PHONE = "+13125550150"
LATTE = Line("LATTE", ("WHOLE",))
BAGEL = Line("BAGEL", ("SESAME",))
USUAL = Basket((LATTE, BAGEL), "pick_up", "LOOP")


def catalogue() -> Catalogue:
    """Coffee and bread, many cheeses, and a service by appointment."""
    milk = (Option("Milk", "WHOLE", "whole milk"), Option("Milk", "OAT", "oat milk", 50))
    seeds = (Option("Seeds", "SESAME", "sesame"),)
    cheeses = tuple(Product(f"CHEESE-{n}", "CHEESE", f"Cheese {n}", 500 + n) for n in range(1, 19))
    return Catalogue(
        (
            Category("COFFEE", "coffee"),
            Category("BREAD", "bread"),
            Category("CHEESE", "cheese"),
            Category("SERVICE", "services"),
        ),
        (
            Product("LATTE", "COFFEE", "Latte", 400, 1000, options=milk),
            Product("TEA", "COFFEE", "Tea", 250, 1000, max_quantity=3),
            Product("BAGEL", "BREAD", "Bagel", 300, options=seeds),
            Product("TRAY", "BREAD", "Party tray", 6000, 1000, max_quantity=1),
            *cheeses,
            Product("KNIVES", "SERVICE", "Knife sharpening", 1500, by_appointment=True),
        ),
    )


def places() -> tuple[Place, ...]:
    """Three that are always open, a few miles from one another; lead times tell them apart."""
    everything = {
        "pick_up": Method(None, 15),
        "delivery": Method(8000, 45),
        "appointment": Method(None, 0),
    }
    loop = Place(
        1, "LOOP", "Loop", "1 Adams", "Chicago", Point(41.88, -87.63), CHICAGO, methods=everything
    )
    return (
        loop,
        replace(loop, id=2, code="LAKE", name="Lake View", point=Point(41.94, -87.65)),
        replace(loop, id=3, code="OAK", name="Oak Park", point=Point(41.885, -87.78)),
    )


def client(**changes: Any) -> Client:
    """Rosa, who has a latte and a bagel at Loop on working days."""
    mornings = tuple(Past(USUAL, NOW - timedelta(days=n, minutes=5)) for n in (1, 2, 5, 6, 7, 8, 9))
    teas = (Past(Basket((Line("TEA"),), "pick_up", "LAKE"), NOW - timedelta(days=3, hours=4)),)
    rosa = Client(
        7,
        "Rosa",
        catalogue(),
        places(),
        postcode="60601",
        billing=("on_delivery", "on_account"),
        history=(*mornings, *teas),
        speed_dials={5: Basket((replace(BAGEL, quantity=6),), "pick_up", "LOOP")},
    )
    return replace(rosa, **changes)


@dataclass
class Shop:
    """Clients, and what is placed with the shop.

    Attributes:
        numbers: telephone number -> ids of its clients.
        claims: ids of clients who have not called from their number yet.
        refuse: kind of act -> what it is refused with, once each.
        by_link: somebody takes payments by a link.
    """

    clients: dict[int, Client] = field(default_factory=lambda: {7: client()})
    numbers: dict[str, list[int]] = field(default_factory=lambda: {ROSA_PHONE: [7]})
    claims: set[int] = field(default_factory=set)
    placed: dict[str, Draft] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    enrolled: list[do.Enrol] = field(default_factory=list)
    audio: list[str] = field(default_factory=list)
    zeros: list[bool] = field(default_factory=list)
    refuse: dict[type, list[str]] = field(default_factory=dict)
    by_link: bool = False
    told: list[tuple[str, str]] = field(default_factory=list)

    def facts(self, number: str) -> Facts:
        company = Company("pantry", "Corner Pantry", "US", CHICAGO, self.by_link)
        return Facts(CALL, number, company, self.callers(number))

    def callers(self, number: str) -> tuple[Caller, ...]:
        found = [self.clients[id_] for id_ in self.numbers.get(number, ())]
        return tuple(
            Caller(
                c.id,
                c.first_name,
                "name" in c.audio,
                c.preference.no_automation,
                c.id in self.claims,
            )
            for c in found
        )

    def change(self, id_: int, **changes: Any) -> None:
        self.clients[id_] = replace(self.clients[id_], **changes)


def last_order(**changes: Any) -> LastOrder:
    """Order 1199, placed five minutes ago, still to be changed for five."""
    return replace(
        LastOrder(
            "0b5e2f0a-53d9-4a8e-8f3b-111111111111",
            1199,
            "placed",
            USUAL,
            740,
            NOW + timedelta(minutes=10),
            NOW + timedelta(minutes=5),
        ),
        **changes,
    )
