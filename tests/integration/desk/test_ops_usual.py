"""What ops see of usual orders: the share that takes the first suggestion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID, uuid4

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter
from psycopg.types.json import Jsonb

from support.database import Database

PANTRY = 2
BASKET = {"lines": [{"product": "TEA", "options": [], "quantity": 1}], "method": "pick_up"}

#: suggestion taken, source, days ago
Add = Callable[..., None]


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    return Ops(enter(app, live, database, "olga"), database)


@pytest.fixture
def order(database: Database) -> Iterator[Add]:
    """Puts orders of the shop into the past."""
    conn, made, numbers = database.connection, list[UUID](), count(90_000_000)
    customer = database.value("SELECT min(id) FROM customer WHERE subscriber_id = %s", PANTRY)
    place = database.value("SELECT min(id) FROM location WHERE subscriber_id = %s", PANTRY)

    def add(
        suggestion: int | None,
        *,
        source: str = "phone",
        days: float = 1,
        state: str = "handed_over",
        suggested: int = 3,
    ) -> None:
        made.append(uuid4())
        conn.execute(
            "INSERT INTO sales_order (id, subscriber_id, customer_id, number, state, source,"
            " location_id, method, billing, due_at, placed_at, suggested, suggestion)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'pick_up', 'on_delivery', now(),"
            " now() - make_interval(secs => %s), %s, %s)",
            [made[-1], PANTRY, customer, next(numbers), state, source, place, 86_400 * days,
             Jsonb([BASKET] * suggested), suggestion],
        )  # fmt: skip

    yield add
    conn.execute("DELETE FROM sales_order WHERE id = ANY(%s)", [made])


def cells(page: str, name: str) -> list[int]:
    """Orders, first, other and none in a table's row; nothing when there is no such row."""
    found = re.search(rf"<tr><th scope=\"row\">{name}</th>(.*?)</tr>", page, re.DOTALL)
    numbers = re.findall(r"<td[^>]*>(\d+)</td>", found[1]) if found else []
    return [int(number) for number in numbers]


def test_each_order_counts_once_where_it_was_made(
    olga: Ops, order: Add, database: Database
) -> None:
    order(2)  # so that the page has tables
    before = olga.page("/ops/usual?subscriber=pantry")
    order(1)
    order(1, source="web", days=29)
    order(3)
    order(None)
    # Cancelled, without a suggestion, and too long ago.
    order(1, state="cancelled")
    order(None, suggested=0)
    order(1, days=31)
    after = olga.page("/ops/usual?subscriber=pantry")

    changes = {
        name: [
            now - then for now, then in zip(cells(after, name), cells(before, name), strict=True)
        ]
        for name in ("By telephone", "On the web", "Taken by an agent")
    }
    assert changes == {
        "By telephone": [3, 1, 1, 1],
        "On the web": [1, 1, 0, 0],
        "Taken by an agent": [0, 0, 0, 0],
    }
    share = database.rows("SELECT * FROM suggestion_share_v1(%s, 30)", PANTRY)[0]
    assert f"<dd>{100 * share['first_taken'] / share['orders']:.0f} %</dd>" in after
    assert f"<dt>Orders</dt><dd>{share['orders']}</dd>" in after
    titles = re.findall(r"<title>[^<]*: (\d+) of (\d+) took the first</title>", after)
    assert len(titles) == 31
    assert sum(int(first) for first, _ in titles) == share["first_taken"]
    assert sum(int(orders) for _, orders in titles) == share["orders"]


def test_a_subscriber_without_orders_is_told_so(olga: Ops) -> None:
    assert "No order with a suggestion" in olga.page("/ops/usual?subscriber=halyard")


def test_supervisors_may_look_and_agents_may_not(
    app: Flask, live: redis.Redis, database: Database
) -> None:
    sofia = enter(app, live, database, "sofia")
    assert sofia.client.get("/ops/usual").status_code == 200
    gus = enter(app, live, database, "gus")
    assert gus.client.get("/ops/usual").status_code == 403
