"""A regular hears the usual order, presses 1, hears it read back, presses 1: ordered, once."""

from __future__ import annotations

import time

import pytest

from support.regulars import CROISSANTS, FLAT_WHITE, LAKE, LOOP, Regular, Shop

#: A usual order takes less, seconds from the answer to the end of its confirmation.
USUAL_S = 20.0
#: Of these are not speech: two keys, and making the next words.
QUIET_S = 1.0


@pytest.fixture
def rosa(shop: Shop) -> Regular:
    """Somebody who has four flat whites for each order of croissants."""
    return shop.client("Rosa", CROISSANTS, *[FLAT_WHITE] * 4)


def test_the_usual_order_in_two_keys(shop: Shop, rosa: Regular) -> None:
    call = shop.call(rosa)
    began = time.monotonic()
    offered = call.hears("main")["draft"]["suggested"]
    assert offered[0]["lines"] == FLAT_WHITE.as_json()["lines"], "what is usual comes first"
    heard = [shop.prompt("order-welcome-pantry"), *call.hears_out("pick-up at Loop")]
    call.caller.key("1")
    call.hears("readback")
    heard += call.hears_out("Press 1 to order.")
    call.caller.key("1")
    call.hears("done")
    assert time.monotonic() - began < USUAL_S
    heard += call.hears_out("Order")
    assert sum("10 dollars 63" in text for text in heard) == 1, (
        "what was just heard is not repeated"
    )
    assert shop.speech_s(heard) < USUAL_S - QUIET_S, f"heard out at the usual speed: {heard}"
    call.over("automated")

    (order,) = rosa.orders()
    assert (order["state"], order["location"], order["method"]) == ("placed", LOOP, "pick_up")
    assert (order["suggestion"], order["source"]) == (1, "phone")
    assert rosa.lines(order) == [("FLAT-WHITE", ["OAT"], 2)]
    assert order["total_cents"] == 1063, "2 × 4.80 and 10.75 % of it"
    record = shop.given.record(call)
    assert record["customer"], "the call is the client's"
    assert record["cti"]["ORDER_NUMBER"] == str(order["number"])


def test_whoever_knows_the_key_hears_all_of_it_read_back(shop: Shop, rosa: Regular) -> None:
    call = shop.call(rosa)
    call.answers("main", "1")
    call.hears("readback")
    assert "10 dollars 63 with tax, pick-up at Loop in 15 minutes." in call.texts()
    call.leaves("abandoned_ivr")


def test_confirmed_twice_is_ordered_once(shop: Shop, rosa: Regular) -> None:
    call = shop.call(rosa)
    call.answers("main", "1")
    call.answers("readback", "11")
    call.hears("done")
    call.leaves("automated")
    assert [order["state"] for order in rosa.orders()] == ["placed"]
    assert rosa.speed_dials() == {}, "the second press is no answer to what was asked after it"


def test_a_speed_dial_and_one_that_is_not_assigned(shop: Shop, rosa: Regular) -> None:
    call = shop.call(rosa)
    call.goes(("main", "2"), ("readback", "1"), ("done", "7#"))
    call.over("automated")
    assert rosa.speed_dials()[7].lines == CROISSANTS.lines

    again = shop.call(rosa)
    again.goes(("main", "*88#"), ("main", "*7#"), ("readback", "1"))
    again.hears("done")
    again.leaves("automated")
    first, second = rosa.orders()
    assert rosa.lines(first) == rosa.lines(second) == [("CROISSANT", [], 4)]
    assert (first["suggestion"], second["suggestion"]) == (2, None)


def test_two_calls_of_one_client_at_once(shop: Shop, rosa: Regular) -> None:
    first = shop.call(rosa)
    first.answers("main", "1")
    first.hears("readback")
    second = shop.call(rosa)
    second.goes(("main", "2"), ("readback", "1"))
    second.hears("done")
    first.caller.key("1")
    first.hears("done")
    for call in (first, second):
        call.leaves("automated")
    orders = rosa.orders()
    assert [order["state"] for order in orders] == ["placed", "placed"]
    assert [rosa.lines(order)[0][0] for order in orders] == ["FLAT-WHITE", "CROISSANT"]


def test_what_changes_while_it_is_read_out(shop: Shop, rosa: Regular) -> None:
    """The price, then the location: each is said, and confirmed anew."""
    call = shop.call(rosa)
    call.answers("main", "1")
    assert call.hears("readback")["draft"]["total_cents"] == 1063
    shop.product("FLAT-WHITE", price_cents=520)
    call.caller.key("1")
    assert call.hears("readback")["draft"]["total_cents"] == 1285
    shop.location(LOOP, active=False)
    call.caller.key("1")
    assert call.hears("readback")["draft"]["basket"]["location"] == LAKE, "the next one near by"
    call.caller.key("1")
    call.hears("done")
    call.leaves("automated")
    (order,) = rosa.orders()
    assert (order["state"], order["location"], order["total_cents"]) == ("placed", LAKE, 1285)


def test_an_item_that_was_withdrawn_since(shop: Shop, rosa: Regular) -> None:
    """Not offered any more; withdrawn while it is read out, it is not ordered either."""
    shop.product("CROISSANT", active=False)
    call = shop.call(rosa)
    (offered,) = call.hears("main")["draft"]["suggested"]
    assert offered["lines"][0]["product"] == "FLAT-WHITE"
    call.caller.key("1")
    call.hears("readback")
    shop.product("FLAT-WHITE", active=False)
    call.caller.key("1")
    call.hears("category")
    call.leaves("abandoned_ivr")
    assert [order["placed_at"] for order in rosa.orders()] == [None]
