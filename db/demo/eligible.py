"""To whom offers are made: rules, exclusions, policies, and what customers bought so far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from cordboard import rules
from db.demo.catalogue import OFFERS
from db.demo.crowd import DANA, MARCUS, NAMED, PRIYA, ROSA, TOMAS, Customer
from db.demo.tables import Tables
from db.demo.world import HALYARD, PANTRY
from db.queries import sql

#: What the named ones bought: how often in the last year, and how many days ago the last time.
#: Who orders by telephone or web bought what was ordered, see ``orders.py``.
BOUGHT = {DANA: (2, 45), MARCUS: (1, 200), PRIYA: (4, 60), ROSA: (0, 0), TOMAS: (16, 6)}

#: Product and price in cents.
GOODS = {
    HALYARD: [("Wi-Fi extender", 4900), ("Handset", 32900), ("Set-top box", 8900)],
    PANTRY: [("Basket", 4200), ("Coffee", 1400), ("Bread and cheese", 2600), ("Party box", 9800)],
}

#: Halyard always takes the best, so that what the README tells comes true each time.
EXPLORATION = {HALYARD: "none", PANTRY: "epsilon"}


def fill(tables: Tables, customers: list[Customer]) -> None:
    """Everything of this module, but for what is computed from it."""
    ids = {offer.code: number for number, offer in enumerate(OFFERS, start=1)}
    for offer in OFFERS:
        for rule in offer.rules:
            condition = rules.as_json(rules.parse(rule["condition"]))
            tables.add(
                "offer_rule",
                offer_id=ids[offer.code],
                name=rule["name"],
                condition=Jsonb(condition),
            )
        for other in offer.excludes:
            low, high = sorted((ids[offer.code], ids[other]))
            tables.add("offer_exclusion", offer_id=low, excluded_id=high)
    for subscriber, exploration in EXPLORATION.items():
        tables.add("decision_policy", subscriber_id=subscriber, exploration=exploration)
    random = Random(1880)  # noqa: S311 - the same purchases each time
    for one in customers:
        for row in _purchases(one, random):
            tables.add("purchase", customer_id=one.id, order_id=None, **row)


def describe(conn: Connection[Any]) -> None:
    """Compute what is known of every customer, once the tables are filled."""
    conn.execute(sql.refresh_features, {"customers": None})


def _purchases(one: Customer, random: Random) -> Iterator[dict[str, Any]]:
    """The last one ``ago`` days ago, the others before it, within a year."""
    count, ago = BOUGHT.get(one.id, (0, 0)) if one in NAMED else _habit(one, random)
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(count):
        product, cents = random.choice(GOODS[one.subscriber])
        days = ago + (360 - ago) * number // max(count, 1)
        yield {"at": now - timedelta(days=days), "product": product, "amount_cents": cents}


def _habit(one: Customer, random: Random) -> tuple[int, int]:
    """Who orders groceries orders often, who has a telephone line buys seldom."""
    if one.subscriber == PANTRY:
        return random.choice([0, 1, 2, 4, 8, 12, 20, 26]), random.randrange(2, 90)
    return random.choices([0, 1, 2, 3], [50, 25, 15, 10])[0], random.randrange(10, 300)
