"""A full order from the list: category, goods, options, quantity, method, time, place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cordboard.orders.basket import Basket, Line
from cordboard.orders.dialogue import Keys
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import order_id
from support.order_world import CALL, NOW, Shop, client
from support.ordering import Play

ORDER = order_id(CALL, 1)


def at_list(shop: Shop | None = None) -> Play:
    return Play(shop or Shop()).press("4")


def test_a_whole_order_from_the_list() -> None:
    play = at_list()
    assert play.said == (
        "For coffee, press 1. For bread, press 2. For cheese, press 3. For services, press 4."
    )
    play.press("1")
    assert play.said.startswith("For Latte, 4 dollars 40, press 1. For Tea, 2 dollars 75, press 2.")
    play.press("1")
    assert play.said.startswith("Milk. For whole milk, press 1. For oat milk, 50 cents more")
    play.press("2")
    assert play.said.startswith("How many Latte? Key the number and pound.")
    play.press("2")
    assert play.said.startswith("You have 2 Latte with oat milk. To finish, press 2.")
    assert play.shop.drafts[ORDER].basket.lines == (Line("LATTE", ("OAT",), 2),)
    play.press("1", "2", "1", "", "2")
    assert play.said == "To pick it up, press 1. For delivery, press 2."
    play.press("2")
    assert play.said.startswith("As soon as possible, press 1. For another time, press 2.")
    play.press("1")
    assert play.said.startswith(
        "2 Latte with oat milk and Bagel. 12 dollars 90 with tax, delivered by Loop in 45 minutes."
    )
    play.press("1")
    placed = play.shop.placed[ORDER]
    assert placed.basket.method == "delivery"
    assert (placed.total_cents, placed.suggestion) == (1290, 0)
    assert placed.suggested


def test_long_categories_have_pages() -> None:
    play = at_list().press("3")
    assert "For Cheese 8, 5 dollars and 8 cents, press 8. For more, press 9." in play.said
    assert "Cheese 9" not in play.said
    assert play.press("9").said.startswith("For Cheese 9")
    assert play.press("9").said.startswith("For Cheese 17")
    assert play.press("3").said.startswith("Sorry")
    play.press("2", "")
    assert "You have Cheese 18." in play.said


def test_after_the_last_page_the_first_comes_again() -> None:
    assert at_list().press("3", "9", "9", "9").said.startswith("For Cheese 1,")


def test_one_page_has_no_next() -> None:
    assert at_list().press("1", "9").said.startswith("Sorry")


def test_star_goes_a_step_back() -> None:
    play = at_list().press("1", "*")
    assert play.said.startswith("For coffee, press 1.")
    assert "your usual" in play.press("*").said.lower()
    assert at_list().press("1", "1", "*").said.startswith("For Latte")
    assert at_list().press("1", "2", "*").said.startswith("For Latte")


def test_options_without_a_choice_are_not_asked() -> None:
    assert at_list().press("2", "1").said.startswith("How many Bagel?")


def test_what_is_sold_once_is_not_counted() -> None:
    assert "You have Party tray." in at_list().press("2", "2").said


def test_no_more_than_is_sold_at_once() -> None:
    play = at_list().press("1", "2", "4")
    assert play.said.startswith("You can have 3 at most. How many Tea?")
    play.press("3", "1", "1", "2")
    assert play.said.startswith("You have as many Tea as we sell at once.")


def test_a_quantity_of_nothing_is_none() -> None:
    assert at_list().press("2", "1", "00").said.startswith("Sorry")


def test_a_service_is_by_appointment_at_a_time() -> None:
    play = at_list().press("4", "1", "", "2")
    assert play.said.startswith("For today, press 1. For tomorrow, press 2. For Friday, press 3.")
    play.press("3")
    assert isinstance(play.step.turn.then, Keys)
    assert play.press("1015").said.startswith("Knife sharpening. 15 dollars with tax, at Loop on")
    play.press("1")
    placed = play.shop.placed[ORDER]
    assert placed.basket.method == "appointment"
    assert placed.due_at is not None
    assert f"{placed.due_at:%a %H:%M}" == "Fri 10:15"


def test_goods_and_a_visit_do_not_mix() -> None:
    play = at_list().press("4", "1", "", "1", "1", "2", "", "2")
    assert "Goods and a visit cannot be ordered together." in play.said
    assert play.press("1").said.startswith("You have Tea.")


def test_delivery_needs_an_address() -> None:
    play = at_list(Shop({7: client(postcode="")})).press("1", "2", "", "2")
    assert play.said.startswith("As soon as possible")


def test_the_method_asked_for_is_said_first() -> None:
    shop = Shop()
    shop.change(7, preference=replace(shop.clients[7].preference, method="delivery"))
    play = at_list(shop).press("1", "2", "", "2")
    assert play.said == "For delivery, press 1. To pick it up, press 2."


def test_only_methods_that_a_location_offers() -> None:
    shop = Shop()
    only = tuple(
        replace(p, methods={"pick_up": p.methods["pick_up"]}) for p in shop.clients[7].places
    )
    shop.change(7, places=only)
    assert at_list(shop).press("1", "2", "", "2").said.startswith("As soon as possible")


def test_too_far_away_for_delivery() -> None:
    shop = Shop({7: client(postcode="90210")})
    play = at_list(shop).press("1", "2", "", "2", "2", "1")
    assert play.said.startswith("No location can do that. Please choose another way.")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("700", "at 7 PM"),
        ("0700", "is past"),
        ("1900", "at 7 PM"),
        ("9", "at 9 AM"),
        ("12", "at noon"),
        ("25", "is past"),
        ("1960", "is past"),
        ("835", "at 8:35 PM"),
    ],
)
def test_times_of_today(keys: str, said: str) -> None:
    """It is half past eight; a quarter of an hour is what the shop needs."""
    play = at_list().press("1", "2", "", "2", "1", "2", "1", keys)
    if said == "is past":
        assert play.said.startswith("Sorry, that is not one of the choices. Key the time")
    else:
        assert said in play.said


def test_a_time_at_which_everything_is_closed() -> None:
    play = at_list().press("1", "2", "", "2", "1", "2", "2", "830")
    assert "tomorrow at 8:30 AM" in play.said
    shop = Shop()
    tomorrow = NOW.date() + timedelta(days=1)
    full: dict[str, Any] = {"later_orders": {tomorrow: 20}}
    shop.change(7, places=tuple(replace(p, **full) for p in shop.clients[7].places))
    play = at_list(shop).press("1", "2", "", "2", "1", "2", "2", "830")
    assert play.said.startswith("Loop is too busy. Please key another time.")


def test_everything_full_leads_to_a_person() -> None:
    shop = Shop()
    shop.change(7, places=tuple(replace(p, open_orders=20) for p in shop.clients[7].places))
    play = at_list(shop).press("1", "2", "", "2", "1", "1")
    assert play.end == do.ToPerson("nothing_open", ORDER)


def test_a_product_withdrawn_while_it_is_chosen() -> None:
    play = at_list().press("1", "1")
    sold = play.shop.clients[7].catalogue
    products = tuple(replace(p, active=p.code != "LATTE") for p in sold.products)
    play.shop.change(7, catalogue=replace(sold, products=products))
    play.press("1")
    assert "We do not have it any more. For coffee" in play.said


def test_an_empty_list_leads_to_a_person() -> None:
    shop = Shop()
    sold = shop.clients[7].catalogue
    shop.change(7, catalogue=replace(sold, products=()), history=())
    assert at_list(shop).end == do.ToPerson("nothing_open", "")


def test_many_lines_are_summed_up_but_for_the_read_back() -> None:
    lines = tuple(Line(f"CHEESE-{n}") for n in range(1, 13))
    shop = Shop()
    shop.change(7, speed_dials={1: Basket(lines, "pick_up", "LOOP")})
    play = Play(shop).press("*1")
    assert "and Cheese 8. Cheese 9, Cheese 10, Cheese 11 and Cheese 12. 60 dollars 78" in play.said
    assert "and Cheese 8, and 4 more items." in play.press("2", "2", "*").said
