"""Baskets: what is the same order, and what is refused when it comes from outside."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.orders.basket import METHODS, Basket, BasketError, Line, parse, parse_text

LATTE = {"product": "LATTE", "options": ["OAT", "LARGE"], "quantity": 2}

CODES = st.sampled_from(["LATTE", "BAGEL", "OAT", "LARGE", "TEA-2"])
LINES = st.builds(
    Line,
    product=CODES,
    options=st.lists(CODES, unique=True, max_size=3).map(tuple),
    quantity=st.integers(1, 3),
)
BASKETS = st.builds(
    Basket,
    lines=st.lists(LINES, max_size=6).map(tuple),
    method=st.sampled_from(["", *METHODS]),
    location=st.sampled_from(["", "LOOP", "UPTOWN"]),
)


@given(BASKETS, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_options_does_not_matter(basket: Basket, random: Any) -> None:
    shuffled = list(basket.lines)
    random.shuffle(shuffled)
    turned = [Line(one.product, one.options[::-1], one.quantity) for one in shuffled]
    assert Basket(tuple(turned), basket.method, basket.location).key == basket.key


@given(BASKETS)
def test_equal_lines_are_one_line(basket: Basket) -> None:
    single = [
        Line(one.product, one.options, 1) for one in basket.lines for _ in range(one.quantity)
    ]
    apart = Basket(tuple(single), basket.method, basket.location)
    assert apart.key == basket.key
    assert apart.merged() == basket.merged()


@given(BASKETS)
def test_what_is_written_is_read_again(basket: Basket) -> None:
    assert parse_text(json.dumps(basket.as_json())) == basket.merged()


@pytest.mark.parametrize(
    "other",
    [
        Basket((Line("LATTE", ("OAT",), 2),), "pick_up", "LOOP"),
        Basket((Line("LATTE", ("OAT",), 1),), "delivery", "LOOP"),
        Basket((Line("LATTE", ("OAT",), 1),), "pick_up", "UPTOWN"),
        Basket((Line("LATTE", (), 1),), "pick_up", "LOOP"),
        Basket((Line("BAGEL", ("OAT",), 1),), "pick_up", "LOOP"),
        Basket((Line("LATTE", ("OAT",)), Line("BAGEL")), "pick_up", "LOOP"),
    ],
)
def test_another_order_has_another_key(other: Basket) -> None:
    assert Basket((Line("LATTE", ("OAT",), 1),), "pick_up", "LOOP").key != other.key


def test_where_a_delivery_is_made_makes_no_other_order() -> None:
    lines = (Line("LATTE"),)
    assert Basket(lines, "delivery", "LOOP").key == Basket(lines, "delivery").key


def test_method_location_options_and_quantity_may_be_left_out() -> None:
    assert parse({"lines": [{"product": "LATTE"}]}) == Basket((Line("LATTE", (), 1),), "", "")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "the basket: null is no object; write {…} with lines, location, method."),
        ([], "the basket: a list is no object"),
        ({}, "the basket: “lines” is missing"),
        ({"lines": [], "price": 1}, "the basket: “price” is not known"),
        ({"lines": {}}, "lines: an object is no list"),
        ({"lines": [LATTE] * 51}, "lines: 51 are too many; 50 at most"),
        ({"lines": ["LATTE"]}, "lines[0]: “LATTE” is no object"),
        ({"lines": [LATTE, {}]}, "lines[1]: “product” is missing"),
        ({"lines": [{**LATTE, "product": "latte"}]}, "lines[0].product: “latte” is no code"),
        ({"lines": [{**LATTE, "product": "X" * 50}]}, "“" + "X" * 40 + "…” is no code"),
        ({"lines": [{**LATTE, "product": "A\x1b[2J"}]}, "“A�[2J” is no code"),
        ({"lines": [{**LATTE, "options": "OAT"}]}, "lines[0].options: “OAT” is no list"),
        ({"lines": [{**LATTE, "options": ["OAT", 7]}]}, "lines[0].options[1]: 7 is no code"),
        ({"lines": [{**LATTE, "options": ["OAT", "OAT"]}]}, "one is there twice"),
        ({"lines": [{**LATTE, "options": [f"O-{n}" for n in range(21)]}]}, "20 at most"),
        ({"lines": [{**LATTE, "quantity": 0}]}, "lines[0].quantity: 0; write a whole number"),
        ({"lines": [{**LATTE, "quantity": 100}]}, "100; write a whole number, 1 to 99"),
        ({"lines": [{**LATTE, "quantity": True}]}, "true; write a whole number"),
        ({"lines": [{**LATTE, "quantity": 2.0}]}, "2.0; write a whole number"),
        ({"lines": [{**LATTE, "quantity": 10**5000}]}, "a number of many digits; write"),
        ({"lines": [{**LATTE, "quantity": 60}] * 2}, "120 of LATTE in all; order 99 at most"),
        ({"lines": [LATTE], "method": "drone"}, "method: “drone” is none; write pick_up"),
        ({"lines": [LATTE], "method": ["pick_up"]}, "method: a list is none"),
        ({"lines": [LATTE], "location": "loop"}, "location: “loop” is no code"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(found: object, said: str) -> None:
    with pytest.raises(BasketError) as refused:
        parse(found)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"lines": NaN', "9" * 5000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BasketError, match="is no JSON"):
        parse_text(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lines", "product", "options", "quantity", "method", "location"]),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_a_basket_or_a_basket_error(found: object) -> None:
    with suppress(BasketError):
        basket = parse(found)
        assert parse(basket.as_json()) == basket
