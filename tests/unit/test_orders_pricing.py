"""Prices: cents are never lost between lines, tax and total."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Category, Option, Product
from cordboard.orders.pricing import Unpriceable, price, tax_of

RATES = (0, 250, 825, 1900, 5000)
OPTIONS = (Option("Size", "SMALL", "small"), Option("Size", "LARGE", "large", 99))
CATALOGUE = Catalogue(
    (Category("ALL", "All"),),
    (
        *(
            Product(f"P-{rate}", "ALL", "Thing", 333 + rate, rate, options=OPTIONS)
            for rate in RATES
        ),
        Product("GONE", "ALL", "Mocha", 500, active=False),
        Product("TEA", "ALL", "Tea", 500, options=(Option("Milk", "SOY", "soy", active=False),)),
    ),
)

LINES = st.builds(
    Line,
    product=st.sampled_from([f"P-{rate}" for rate in RATES]),
    options=st.sampled_from([(), ("SMALL",), ("LARGE",)]),
    quantity=st.integers(1, 99),
)


@given(st.lists(LINES, max_size=50))
def test_sums_are_equal_and_tax_is_rounded_once_a_rate(lines: list[Line]) -> None:
    priced = price(Basket(tuple(lines)), CATALOGUE)
    assert priced.subtotal_cents == sum(line.cents for line in priced.lines)
    assert priced.total_cents == priced.subtotal_cents + priced.tax_cents
    exact = sum(Fraction(line.cents * line.tax_basis_points, 10_000) for line in priced.lines)
    rates = {line.tax_basis_points for line in priced.lines}
    assert abs(priced.tax_cents - exact) <= Fraction(len(rates), 2)


@given(st.lists(LINES, max_size=20))
def test_equal_lines_cost_the_same_as_one_line(lines: list[Line]) -> None:
    basket = Basket(tuple(lines))
    apart, together = price(basket, CATALOGUE), price(basket.merged(), CATALOGUE)
    assert (apart.subtotal_cents, apart.tax_cents) == (together.subtotal_cents, together.tax_cents)


def test_tax_is_on_the_sum_of_a_rate_and_not_on_each_line() -> None:
    catalogue = Catalogue((), (Product("A", "C", "A", 6, 825), Product("B", "C", "B", 6, 825)))
    # 8.25 % of 6 cents is just below half a cent, of 12 just below one.
    assert price(Basket((Line("A"), Line("B"))), catalogue).tax_cents == 1
    assert price(Basket((Line("A"),)), catalogue).tax_cents == 0


@pytest.mark.parametrize(
    ("cents", "basis_points", "tax"),
    [
        (600, 825, 50),
        (599, 825, 49),
        (0, 825, 0),
        (100, 0, 0),
        (1, 5000, 1),
        (10**9, 825, 82500000),
    ],
)
def test_halves_are_rounded_up(cents: int, basis_points: int, tax: int) -> None:
    assert tax_of(cents, basis_points) == tax


def test_a_line_has_its_options_in_its_price_and_its_json() -> None:
    priced = price(Basket((Line("P-825", ("LARGE",), 2),)), CATALOGUE)
    assert priced.as_json() == {
        "lines": [
            {
                "product": "P-825",
                "name": "Thing",
                "options": [
                    {"choice": "Size", "code": "LARGE", "name": "large", "extra_cents": 99}
                ],
                "quantity": 2,
                "unit_cents": 1257,
                "tax_basis_points": 825,
            }
        ],
        "subtotal_cents": 2514,
        "tax_cents": 207,
        "total_cents": 2721,
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line("GONE"), "Mocha is not sold; leave it out."),
        (Line("NEVER"), "NEVER is not sold"),
        (Line("TEA", ("SOY",)), "Tea is not sold with soy; choose something else."),
        (Line("TEA", ("RYE",)), "Tea is not sold with RYE"),
    ],
)
def test_what_is_not_sold_has_no_price(line: Line, said: str) -> None:
    with pytest.raises(Unpriceable, match=said):
        price(Basket((line,)), CATALOGUE)
