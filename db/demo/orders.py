"""Months of orders of the regulars, out of their habits: handed over, with lines and purchases.

Always the same but for dates, which are counted from now; prices are those of today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from cordboard.orders.basket import Basket
from cordboard.orders.pricing import Priced, PricedLine, price
from db.demo import goods
from db.demo.regulars import FIRST_OTHER, Habit, habits
from db.demo.tables import Tables
from db.demo.world import LOCATION_IDS, PANTRY

#: How long they have been ordering.
DAYS = 180

#: Minutes from the order to the bag.
LEAD_MINUTES = 25

#: Of twenty orders so many are made by telephone, the others on the web.
BY_PHONE = 14

ZONE = ZoneInfo("America/Chicago")


@dataclass(frozen=True)
class Ordered:
    """One order; ``at`` is when it was placed."""

    customer: int
    at: datetime
    habit: Habit
    by_phone: bool


def fill(tables: Tables, now: datetime) -> None:
    """Everything of this module.

    Args:
        tables: has the clients and goods already.
        now: an aware time; nothing is later.
    """
    everything = [
        one for customer, theirs in habits().items() for one in _ordered(customer, theirs, now)
    ]
    everything.sort(key=lambda one: (one.at, one.customer))
    for number, one in enumerate(everything, start=1):
        _add_order(tables, number, one)
    tables.add("order_number", subscriber_id=PANTRY, last_number=len(everything))


def _ordered(customer: int, theirs: tuple[Habit, ...], now: datetime) -> Iterator[Ordered]:
    random = Random(f"orders of {customer}")  # noqa: S311 - the same past each time
    today = now.astimezone(ZONE).date()
    for ago in range(DAYS, 0, -1):
        day = today - timedelta(days=ago)
        midnight = datetime.combine(day, time(), ZONE)
        for habit in theirs:
            # Drawn on every day, so that today's day of the week changes no other day.
            chance, late, phone = random.random(), random.gauss(0, 12), random.randrange(20)
            at = midnight + timedelta(minutes=round(habit.hour * 60 + late))
            ready = at + timedelta(minutes=LEAD_MINUTES)
            if chance < habit.chance and day.weekday() in habit.weekdays and ready < now:
                yield Ordered(customer, at, habit, phone < BY_PHONE)


def _add_order(tables: Tables, number: int, one: Ordered) -> None:
    id_ = uuid5(NAMESPACE_URL, f"cordboard:demo:order:{number}")
    priced = _price(one.habit.basket)
    _add_head(tables, id_, number, one, priced)
    for place, line in enumerate(priced.lines, start=1):
        _add_line(tables, id_, place, line)
        tables.add(
            "purchase",
            customer_id=one.customer,
            order_id=id_,
            at=one.at,
            product=line.name,
            amount_cents=line.cents,
        )


def _add_head(tables: Tables, id_: UUID, number: int, one: Ordered, priced: Priced) -> None:
    ready = one.at + timedelta(minutes=LEAD_MINUTES)
    tables.add(
        "sales_order",
        id=id_,
        subscriber_id=PANTRY,
        customer_id=one.customer,
        number=number,
        state="handed_over",
        source="phone" if one.by_phone else "web",
        location_id=LOCATION_IDS[one.habit.location],
        method=one.habit.method,
        billing="on_account" if one.customer % 3 or one.customer < FIRST_OTHER else "on_delivery",
        subtotal_cents=priced.subtotal_cents,
        tax_cents=priced.tax_cents,
        created_at=one.at,
        updated_at=ready,
        placed_at=one.at,
        due_at=ready,
        ended_at=ready,
    )


def _add_line(tables: Tables, order: UUID, place: int, line: PricedLine) -> None:
    tables.add(
        "order_line",
        order_id=order,
        line=place,
        product_id=goods.PRODUCT_IDS[line.line.product],
        name=line.name,
        options=Jsonb(line.as_json()["options"]),
        quantity=line.line.quantity,
        unit_cents=line.unit_cents,
        tax_basis_points=line.tax_basis_points,
    )


@cache
def _price(basket: Basket) -> Priced:
    return price(basket, goods.sold())
