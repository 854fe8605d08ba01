"""What agents have to do for orders, longest waiting first, however many customers there are."""

from __future__ import annotations

import pytest

from db.queries import sql
from support.database import read_whole
from support.shop import GUS, ROSA, Json, Shop


@pytest.fixture
def many(shop: Shop) -> list[int]:
    """Customers who order, the first and the last of some thousand among them."""
    shop.sql(
        "INSERT INTO customer (subscriber_id, code, first_name, last_name, postcode)"
        " SELECT 2, 'MANY-' || n, 'Ann', 'Bo', '60601' FROM generate_series(1, 20000) n"
    )
    shop.sql("ANALYZE customer")
    last = shop.sql("SELECT max(id) FROM customer")
    return [ROSA, last - 19_990, last - 10_000, last]


def place_before(shop: Shop, customers: list[int]) -> list[Json]:
    """An order of each, the later the customer was made the longer ago; the oldest first."""
    made = [shop.place(customer=customer) for customer in customers]
    for minutes, order in enumerate(made, 1):
        shop.long_ago(order["order"], minutes)
    return made[::-1]


def test_orders_to_help(shop: Shop, many: list[int]) -> None:
    made = place_before(shop, many)
    shop.sql("UPDATE sales_order SET needs_agent = true WHERE state = 'placed'")
    before = read_whole(shop.conn).get("customer", 0)
    rows = shop.conn.execute(sql.agent_rescue_orders, {"agent": GUS, "limit": 50}).fetchall()
    assert [row["order"]["order"] for row in rows] == [order["order"] for order in made]
    assert {row["postcode"] for row in rows[:-1]} == {"60601"}
    assert read_whole(shop.conn).get("customer", 0) == before, "no look reads all customers"


#: None of the demo world's.
JUST_NOW = "placed_at > now() - interval '10 minutes'"
OWED = (
    "INSERT INTO payment_link (id, order_id, provider, amount_cents, state, paid_at, owed_at)"
    " SELECT gen_random_uuid(), id, 'test', 1, 'paid', placed_at, placed_at FROM sales_order"
    f" WHERE {JUST_NOW}"
)


@pytest.mark.parametrize(
    ("query", "waiting"),
    [
        (sql.agent_rescue_orders, "UPDATE sales_order SET needs_agent = true WHERE " + JUST_NOW),
        (sql.agent_untold_orders, "UPDATE sales_order SET to_tell = true WHERE " + JUST_NOW),
        (sql.agent_owed_orders, OWED),
    ],
)
def test_the_longest_waiting_of_all_companies(shop: Shop, query: bytes, waiting: str) -> None:
    """Not those of the one company, then those of the other."""
    shop.sql(
        "INSERT INTO group_member (group_id, user_id)"
        " SELECT min(id), %s FROM agent_group WHERE subscriber_id = 1",
        GUS,
    )
    made = place_before(shop, [ROSA] * 3)
    shop.sql("SET LOCAL session_replication_role = replica")
    shop.sql("UPDATE sales_order SET subscriber_id = 1 WHERE id = %s", made[1]["order"])
    shop.sql(waiting)
    rows = shop.conn.execute(query, {"agent": GUS, "limit": 2}).fetchall()
    assert [row["order"]["order"] for row in rows] == [order["order"] for order in made[:2]]
