"""Where a delivery goes: home, or to the address of a half-made or changed order, which is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Address, Draft, order_id
from cordboard.orders.usual import Past
from support.order_world import CALL, LATTE, NOW, Shop, client, last_order
from support.ordering import Play

#: Rosa lives in the Loop, which is too far for the location of Oak Park, and the other way round.
HOME = Address("1 Adams", "Chicago", "60601")
FRIEND = Address("5 Elm Street", "Oak Park", "60302")
TO_FRIEND = "delivered by Oak Park to 5 Elm Street, Oak Park, in 45 minutes"
DELIVERY = Basket((LATTE,), "delivery", "LOOP")
BEGUN = "0b5e2f0a-53d9-4a8e-8f3b-222222222222"
ORDER = order_id(CALL, 1)


def begun(address: Address | None = FRIEND, basket: Basket = DELIVERY) -> Shop:
    """Rosa has begun this on a page."""
    home = {"street": HOME.street, "city": HOME.city, "postcode": HOME.postcode}
    return Shop({7: client(draft=Draft(BEGUN, basket, address=address), **home)})


def changing(address: Address | None = FRIEND) -> Play:
    """Rosa begins to change an order that was delivered there, and leaves it as it is."""
    last = last_order(basket=replace(DELIVERY, location="OAK"), address=address)
    return Play(Shop({7: client(last_order=last)})).press("5", "1", "*")


def test_the_address_of_a_half_made_order_decides_the_location_and_is_said() -> None:
    play = Play(begun()).press("1", "2")
    assert play.said.startswith(
        f"Loop is too far away. Latte. 4 dollars 40 with tax, {TO_FRIEND}. Press 1 to order."
    )
    play.press("1")
    placed = play.shop.placed[BEGUN]
    assert (placed.address, placed.basket.location) == (FRIEND, "OAK")


@pytest.mark.parametrize("address", [HOME, None])
def test_home_is_not_said(address: Address | None) -> None:
    play = Play(begun(address)).press("1", "2")
    assert "Latte. 4 dollars 40 with tax, delivered by Loop in 45 minutes." in play.said
    assert play.press("1").shop.placed[BEGUN].address == address


def test_who_fetches_it_is_served_near_home() -> None:
    play = Play(begun(basket=replace(DELIVERY, method="pick_up", location=""))).press("1", "2")
    assert "pick-up at Loop in 15 minutes" in play.said


def test_by_another_method_it_is_fetched_near_home_and_delivered_there_again() -> None:
    play = Play(begun()).press("1", "2", "2", "3", "1")
    assert "pick-up at Oak Park in 15 minutes" in play.said
    assert TO_FRIEND in play.press("2", "3", "2").said


def test_an_address_can_be_delivered_to_although_no_home_is_known() -> None:
    shop = begun()
    shop.change(7, postcode="", street="", city="")
    assert TO_FRIEND in Play(shop).press("1", "2").said


def test_nobody_delivers_there() -> None:
    play = Play(begun(Address("1 Ocean Drive", "Miami Beach", "33139"))).press("1", "2")
    assert play.said.startswith("No location can do that. Please choose another way.")


def test_a_changed_order_goes_where_it_went_and_says_so() -> None:
    play = changing()
    assert TO_FRIEND in play.said
    play.press("1")
    placed = play.shop.placed[ORDER]
    assert (placed.address, placed.replaces) == (FRIEND, last_order().order)


def test_the_time_of_a_changed_order_is_that_of_a_location_near_the_address() -> None:
    last = last_order(basket=replace(DELIVERY, location="OAK"), address=FRIEND)
    last = replace(last, due_at=NOW.replace(hour=23))
    play = Play(Shop({7: client(last_order=last)})).press("5", "1", "*")
    assert "delivered by Oak Park to 5 Elm Street, Oak Park, at 5:30 PM" in play.said


@pytest.mark.parametrize("refused", ["paid", "too_late"])
def test_a_further_order_says_again_where_it_goes(refused: str) -> None:
    play = changing()
    play.shop.refuse[do.Place] = [refused]
    play.press("1")
    assert "This is a further one. Latte." in play.said
    assert TO_FRIEND in play.said
    assert play.press("1").shop.placed[ORDER].address == FRIEND


def test_the_usual_goes_home_wherever_the_last_one_went() -> None:
    last = last_order(basket=DELIVERY, address=FRIEND)
    shop = Shop({7: client(last_order=last, history=(Past(DELIVERY, NOW),))})
    play = Play(shop)
    assert "delivered by Loop in 45 minutes" in play.said
    play.press("1", "1")
    assert shop.placed[ORDER].address is None


def test_what_was_begun_anew_goes_home() -> None:
    shop = begun()
    shop.change(7, history=(Past(DELIVERY, NOW),))
    play = Play(shop).press("2", "1", "1")
    assert [order.address for order in play.shop.placed.values()] == [None]


def test_after_a_crash_it_goes_there_still() -> None:
    play = Play(begun()).press("1", "2").crash()
    assert TO_FRIEND in play.said


def test_a_long_address_is_cut() -> None:
    play = Play(begun(replace(FRIEND, street="Long " * 24))).press("1", "2")
    assert max(len(text) for text in play.step.turn.say) < 250
