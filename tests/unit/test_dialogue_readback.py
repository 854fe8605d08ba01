"""Reading back, confirming, and what may come between the two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import order_id
from support.ordering import CALL, LATTE, Play, Shop

ORDER = order_id(CALL, 1)


def dearer(shop: Shop) -> None:
    """The latte costs a dollar more from now on."""
    sold = shop.clients[7].catalogue
    products = tuple(
        replace(p, price_cents=p.price_cents + 100) if p.code == "LATTE" else p
        for p in sold.products
    )
    shop.change(7, catalogue=replace(sold, products=products))


def closes(shop: Shop, *codes: str) -> None:
    shut = [replace(p, active=p.code not in codes) for p in shop.clients[7].places]
    shop.change(7, places=tuple(shut))


def test_a_price_that_changed_is_read_back_again() -> None:
    play = Play().press("1")
    dearer(play.shop)
    play.press("1")
    assert not play.shop.placed
    assert play.said.startswith("The price has changed. Latte and Bagel, 8 dollars 50 with tax")
    play.press("1")
    assert play.shop.placed[ORDER].total_cents == 850


def test_a_price_that_changes_while_the_order_is_placed() -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = ["price"]
    play.press("1")
    assert not play.shop.placed
    assert "To order, press 1." in play.said
    play.press("1")
    assert len(play.shop.placed) == 1


def test_a_location_that_closes_meanwhile_gives_way_to_another() -> None:
    play = Play().press("1")
    closes(play.shop, "LOOP")
    play.press("1")
    assert not play.shop.placed
    assert play.said.startswith("Loop takes no orders. Latte and Bagel")
    assert "at Lake View" in play.said
    play.press("1")
    assert play.shop.placed[ORDER].basket.location == "LAKE"


def test_a_location_that_refuses_is_not_asked_again() -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = ["closed"]
    play.press("1")
    assert play.said.startswith("One moment. Loop cannot take it any more. Latte and Bagel")
    assert "at Lake View" in play.said
    play.press("1")
    assert play.shop.placed[ORDER].basket.location == "LAKE"


def test_no_location_at_all_leads_to_a_person_with_the_order() -> None:
    play = Play().press("1")
    closes(play.shop, "LOOP", "LAKE", "OAK")
    assert play.press("1").end == do.ToPerson("nothing_open", ORDER)


def test_an_order_finished_elsewhere_is_not_placed_twice() -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = ["taken"]
    play.press("1")
    assert "That order has been finished elsewhere already." in play.said
    assert play.memory.draft.order == order_id(CALL, 2)


@pytest.mark.parametrize("refused", ["failed", "whatever"])
def test_a_refusal_nobody_can_mend_leads_to_a_person(refused: str) -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = [refused]
    assert play.press("1").end == do.ToPerson("failed", ORDER)


def test_it_is_not_tried_for_ever() -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = ["price"] * 9
    assert play.press("1", "1", "1").end == do.ToPerson("failed", ORDER)


def test_leaving_it_drops_the_draft() -> None:
    play = Play().press("1", "9")
    assert play.said.startswith("All right, I left it. Your usual")
    assert play.shop.dropped == {ORDER}
    assert not play.shop.drafts


def test_another_location_is_chosen_by_key() -> None:
    play = Play().press("1", "3")
    assert play.said.startswith("For Lake View, 4 miles away, in 15 minutes, press 1.")
    play.press("2")
    assert "pick-up at Oak Park" in play.said
    play.press("1")
    assert play.shop.placed[ORDER].basket.location == "OAK"


def test_another_location_where_there_is_none() -> None:
    play = Play()
    closes(play.shop, "LAKE", "OAK")
    assert play.press("1", "3").said.startswith("No other location can do that. Latte")


def test_another_time_of_today() -> None:
    play = Play().press("1", "4", "2", "1", "1730")
    assert "pick-up at Loop at 5:30 PM" in play.said
    play.press("1")
    due_at = play.shop.placed[ORDER].due_at
    assert due_at is not None
    assert f"{due_at:%H:%M %Z}" == "17:30 CST"


def test_something_is_added_to_the_usual_order() -> None:
    play = Play().press("1", "2", "1")
    assert play.said.startswith("For coffee, press 1.")
    play.press("1", "2", "", "2")
    assert play.said.startswith("Latte, Bagel and Tea, 10 dollars 15 with tax")


def test_something_is_taken_out() -> None:
    play = Play().press("1", "2", "2", "2")
    assert "You have Latte." in play.said
    play.press("2", "1")
    (placed,) = play.shop.placed.values()
    assert placed.basket == Basket((LATTE,), "pick_up", "LOOP")


def test_taking_everything_out_begins_anew() -> None:
    play = Play().press("*5", "2", "2", "1")
    assert play.said.startswith("That was all. Please choose from the list.")
    assert play.shop.dropped == {ORDER}


def test_the_way_to_pay_is_chosen() -> None:
    play = Play().press("1", "2", "4", "2")
    assert "It goes on your account." in play.said
    play.press("1")
    assert play.shop.placed[ORDER].billing == "on_account"
