"""The shop of the demo world: goods that can be ordered, regulars whose usual order is clear."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import phonenumbers
import pytest

from cordboard.orders.pricing import price
from cordboard.orders.usual import Past, usual
from cordboard.settings import ROOT
from db.demo import crowd, goods, orders, regulars
from db.demo.tables import Tables
from db.demo.world import LOCATION_IDS

NOW = datetime(2026, 11, 25, 17, 5, tzinfo=UTC)  # a Wednesday, five past eleven in Chicago
KEY = b"a key of the tests"


@cache
def world(now: datetime = NOW) -> Tables:
    tables = Tables()
    goods.fill(tables)
    regulars.fill(tables, KEY)
    orders.fill(tables, now)
    return tables


def history(customer: int, now: datetime = NOW) -> list[Past]:
    """As ``order_facts_v1`` answers it: newest first."""
    made = list(orders._ordered(customer, regulars.habits()[customer], now))
    return [Past(one.habit.basket, one.at) for one in reversed(made)]


def test_there_is_enough_to_choose_from() -> None:
    catalogue = goods.sold()
    assert len(catalogue.products) >= 25
    assert len(catalogue.categories) == 6
    assert sum(bool(product.options) for product in catalogue.products) >= 10
    withdrawn = [row["code"] for row in world().rows("product") if not row["active"]]
    assert withdrawn == ["PUMPKIN-LOAF"]
    assert any(row["by_appointment"] for row in world().rows("product"))


def test_every_method_of_a_location_is_there_and_one_lacks_something() -> None:
    methods = {(row["location_id"], row["method"]) for row in world().rows("location_method")}
    for id_ in LOCATION_IDS.values():
        assert {(id_, "pick_up"), (id_, "delivery")} <= methods
    lacking = {row["location_id"]: row["product_id"] for row in world().rows("location_without")}
    assert lacking[LOCATION_IDS["PANTRY-NAPER"]] == goods.PRODUCT_IDS["TRAY-SALMON"]


def test_every_habit_and_speed_dial_can_be_priced() -> None:
    baskets = [habit.basket for theirs in regulars.habits().values() for habit in theirs]
    for basket in [*baskets, *(basket for _, _, basket in regulars.SPEED_DIALS)]:
        assert price(basket, goods.sold()).total_cents > 0
        # As a client would choose it: every choice has its answer, in order.
        assert goods.sold().usable(basket) == (basket, ())


def test_orders_are_over_and_add_up() -> None:
    rows, sums = world().rows("sales_order"), Counter[object]()
    for line in world().rows("order_line"):
        sums[line["order_id"]] += line["unit_cents"] * line["quantity"]
    assert len(rows) > 3000
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["placed_at"] for row in rows] == sorted(row["placed_at"] for row in rows)
    assert {row["state"] for row in rows} == {"handed_over"}
    assert all(row["ended_at"] < NOW and row["subtotal_cents"] == sums[row["id"]] for row in rows)
    bought = sum(row["amount_cents"] for row in world().rows("purchase"))
    assert bought == sum(row["subtotal_cents"] for row in rows)
    (counter,) = world().rows("order_number")
    assert counter["last_number"] == len(rows)


def test_the_same_each_time() -> None:
    for table in ("sales_order", "order_line", "purchase"):
        before = [{**row, "options": None} for row in world().rows(table)]
        assert [{**row, "options": None} for row in world.__wrapped__().rows(table)] == before


@pytest.mark.parametrize("weekday", range(7))
def test_rosas_usual_is_clear_at_any_hour(weekday: int) -> None:
    (latte, *_) = regulars.habits()[crowd.ROSA]
    for hour in range(24):
        now = (NOW + timedelta(days=weekday)).astimezone(orders.ZONE).replace(hour=hour)
        first, *others = usual(history(crowd.ROSA, now), now)
        assert first.basket.key == latte.basket.key, f"{now:%A %H:%M}"
        assert len(others) == 2


def test_veras_usual_has_what_is_not_sold_any_more() -> None:
    (first, *_) = usual(history(regulars.VERA), NOW)
    assert "PUMPKIN-LOAF" in first.basket.key


def test_who_shares_a_number() -> None:
    numbers = Counter(row["number"] for row in world().rows("customer_phone"))
    assert numbers[regulars.FAMILY] == 3
    assert numbers[regulars.OFFICE] == 12
    often = Counter(row["customer_id"] for row in world().rows("sales_order"))
    assert often[regulars.NORA] > often[regulars.MAX] > often[regulars.IDA] > 10


def test_nobody_is_real_and_nobody_is_somebody_else() -> None:
    everybody = [*crowd.fill(Tables(), KEY), *regulars.fill(Tables(), KEY)]
    for field in ("id", "ssn", "account", "code"):
        assert len({getattr(one, field) for one in everybody}) == len(everybody)
    for row in world().rows("customer_phone"):
        assert re.fullmatch(r"\+1[2-9]\d\d55501\d\d", row["number"])
        assert phonenumbers.is_valid_number(phonenumbers.parse(row["number"]))


def test_readme_names_them() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for first_name, number in [
        ("Rosa Klein", "+13125550150"),
        ("Nora", regulars.FAMILY),
        *((f"{first} {last}", phone) for _, first, last, phone, _ in regulars.PEOPLE[3:6]),
        ("Leo", regulars.OFFICE),
    ]:
        assert re.search(
            rf"\| .*{first_name}.*`{re.escape(number)}`|`{re.escape(number)}`.*{first_name}", readme
        )
