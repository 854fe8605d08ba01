"""An order from the list: pages, options, quantity, delivery, time, read-back."""

from __future__ import annotations

from support.regulars import LOOP, Shop


def test_an_order_of_two_lines(shop: Shop) -> None:
    shop.into_category("COFFEE", "BRIE", "CHEDDAR")  # nine goods: a second page
    dana = shop.client("Dana")
    call = shop.call(dana)
    call.goes(
        ("main", "4"),
        ("category", "1"),
        ("goods", "1"),
        ("option", "2"),
        ("option", "*"),  # one step back
        ("goods", "1"),
        ("option", "2"),
        ("option", "2"),
        ("quantity", "3#"),
        ("more", "1"),
        ("category", "1"),
        ("goods", "9"),
        ("goods", "1"),
        ("quantity", "#"),
        ("more", "2"),
        ("method", "1"),
        ("time", "1"),
    )
    memory = call.hears("readback")
    call.caller.key("1")
    call.hears("done")
    call.leaves("automated")

    (order,) = dana.orders()
    lines = dana.lines(order)
    assert lines[0] == ("LATTE", ["LARGE", "OAT"], 3)
    assert (lines[1][0], lines[1][2]) == ("CHEDDAR", 1), "the first of the second page"
    assert (order["state"], order["method"], order["location"]) == ("placed", "pick_up", LOOP)
    assert order["total_cents"] == memory["draft"]["total_cents"], "as it was read back"
    assert order["suggestion"] is None
