"""The catalogue: what of an old basket can still be ordered, and what is asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import (
    Catalogue,
    Category,
    Dropped,
    Option,
    Product,
    Why,
    catalogue_from_json,
)

OAT = Option("Milk", "OAT", "oat milk", 60)
LATTE = Product(
    "LATTE",
    "COFFEE",
    "Latte",
    450,
    825,
    max_quantity=10,
    options=(
        Option("Size", "SMALL", "small"),
        Option("Size", "LARGE", "large", 100),
        Option("Milk", "COW", "milk"),
        OAT,
        Option("Milk", "SOY", "soy milk", active=False),
    ),
)
BAGEL = Product("BAGEL", "FOOD", "Bagel", 300, 825)
TASTING = Product("TASTING", "EVENTS", "Wine tasting", 4000, 0, by_appointment=True)
GONE = Product("MOCHA", "COFFEE", "Mocha", 500, active=False)
CATALOGUE = Catalogue(
    (Category("COFFEE", "Coffee"), Category("FOOD", "Food"), Category("OLD", "Old"),
     Category("EVENTS", "Events")),
    (LATTE, GONE, BAGEL, TASTING),
)  # fmt: skip


def basket(*lines: Line, method: str = "pick_up") -> Basket:
    return Basket(lines, method, "LOOP")


def test_a_basket_that_can_be_ordered_stays_as_it_is() -> None:
    wanted = basket(Line("LATTE", ("LARGE", "OAT"), 2), Line("BAGEL"))
    assert CATALOGUE.usable(wanted) == (wanted, ())


def test_options_come_in_the_order_in_which_they_are_asked() -> None:
    usable, _ = CATALOGUE.usable(basket(Line("LATTE", ("OAT", "LARGE"))))
    assert usable.lines == (Line("LATTE", ("LARGE", "OAT")),)


def test_what_was_not_answered_is_answered_as_usual() -> None:
    usable, dropped = CATALOGUE.usable(basket(Line("LATTE", ("OAT",))))
    assert usable.lines == (Line("LATTE", ("SMALL", "OAT")),)
    assert dropped == ()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), "Latte"),
        (("SMALL", "COW"), "Latte"),
        (("LARGE", "COW"), "Latte with large"),
        (("LARGE", "OAT"), "Latte with large, oat milk"),
    ],
)
def test_only_what_is_not_as_usual_is_named(options: tuple[str, ...], name: str) -> None:
    assert CATALOGUE.name(Line("LATTE", options)) == name


@pytest.mark.parametrize(
    ("line", "name", "why"),
    [
        (Line("MOCHA"), "Mocha", Why.PRODUCT),
        (Line("NEVER-WAS"), "NEVER-WAS", Why.PRODUCT),
        (Line("LATTE", ("SOY",)), "Latte with soy milk", Why.OPTION),
        (Line("LATTE", ("RYE",)), "Latte", Why.OPTION),
        (Line("LATTE", ("OAT", "COW")), "Latte with oat milk", Why.CHOICE),
    ],
)
def test_what_was_withdrawn_is_left_out_and_named(line: Line, name: str, why: Why) -> None:
    usable, dropped = CATALOGUE.usable(basket(line, Line("BAGEL")))
    assert usable.lines == (Line("BAGEL"),)
    assert dropped == (Dropped(line, name, why),)


def test_more_than_is_sold_at_once_is_left_out() -> None:
    usable, dropped = CATALOGUE.usable(basket(Line("BAGEL", (), 21)))
    assert usable.lines == ()
    assert [one.why for one in dropped] == [Why.QUANTITY]


def test_lines_that_become_equal_are_counted_together() -> None:
    small = Line("LATTE", ("SMALL", "COW"), 6)
    usable, dropped = CATALOGUE.usable(basket(Line("LATTE", (), 4), small))
    assert usable.lines == (replace(small, quantity=10),)
    usable, dropped = CATALOGUE.usable(basket(Line("LATTE", (), 5), small))
    assert usable.lines == ()
    assert [(one.line.quantity, one.why) for one in dropped] == [(11, Why.QUANTITY)]


@pytest.mark.parametrize(
    ("lines", "method", "kept"),
    [
        ((Line("BAGEL"),), "delivery", "delivery"),
        ((Line("BAGEL"),), "appointment", ""),
        ((Line("TASTING"),), "appointment", "appointment"),
        ((Line("TASTING"),), "pick_up", ""),
        ((Line("TASTING"), Line("BAGEL")), "pick_up", ""),
        ((Line("BAGEL"),), "", ""),
    ],
)
def test_a_method_that_does_not_go_with_the_goods_is_asked_again(
    lines: tuple[Line, ...], method: str, kept: str
) -> None:
    assert CATALOGUE.usable(basket(*lines, method=method))[0].method == kept


def test_a_category_without_anything_to_order_is_not_read_out() -> None:
    assert [one.code for one in CATALOGUE.filled()] == ["COFFEE", "FOOD", "EVENTS"]
    assert CATALOGUE.in_category("COFFEE") == (LATTE,)


def test_it_is_read_from_json_in_order() -> None:
    option = {"choice": "Milk", "code": "OAT", "name": "oat milk", "extra_cents": 60, "sort": 2}
    cow = {"choice": "Milk", "code": "COW", "name": "milk", "active": False, "sort": 1}
    product = {"code": "TEA", "category": "HOT", "name": "Tea", "price_cents": 300, "sort": 0}
    found = catalogue_from_json(
        {
            "categories": [
                {"code": "COLD", "name": "Cold drinks", "sort": 2},
                {"code": "HOT", "name": "Hot drinks", "sort": 1},
            ],
            "products": [{**product, "options": [option, cow]}],
        }
    )
    milk = Option("Milk", "COW", "milk", active=False)
    assert found.product("TEA") == Product("TEA", "HOT", "Tea", 300, options=(milk, OAT))
    assert [one.code for one in found.categories] == ["HOT", "COLD"]
    assert found.filled() == (Category("HOT", "Hot drinks"),)
