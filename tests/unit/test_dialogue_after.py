"""After an order, and about the last one: speed dials, change, cancel; and settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cordboard.orders.basket import Basket, Line
from cordboard.orders.dialogue import Record
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import order_id
from support.order_world import CALL, NOW, USUAL, Shop, client, last_order
from support.ordering import Play


def placed() -> Play:
    return Play().press("1", "1")


def test_an_order_becomes_a_speed_dial() -> None:
    play = placed()
    assert "To make this star 1, key 1 and pound." in play.said
    play.press("12")
    assert play.did(do.AssignSpeedDial) == [do.AssignSpeedDial(12, "Latte and Bagel", USUAL)]
    assert play.said == "Star 12 orders this from now on. Goodbye."
    assert isinstance(play.end, do.Hangup)


def test_the_first_free_speed_dial_is_offered() -> None:
    dials = {n: Basket((Line("TEA"),), "pick_up", "LOOP") for n in (1, 2, 4)}
    play = Play(Shop({7: client(speed_dials=dials)})).press("1", "1")
    assert "To make this star 3, key 3 and pound." in play.said


def test_what_is_a_speed_dial_is_not_made_one_again() -> None:
    play = Play(Shop({7: client(speed_dials={5: USUAL})})).press("*5", "1")
    assert play.memory.at == "done"
    assert "To make this star" not in play.said
    assert play.said.endswith("For another order, press star. Or just hang up.")


@pytest.mark.parametrize("keys", ["00", "05x", "#"])
def test_no_such_speed_dial(keys: str) -> None:
    assert placed().press(keys).said.startswith("Sorry")


def test_pound_or_silence_after_an_order_says_goodbye() -> None:
    assert placed().press("").said == "Goodbye."
    assert placed().wait().said == "Goodbye."


def test_another_order_in_the_same_call() -> None:
    play = placed().press("*", "2", "1")
    assert list(play.shop.placed) == [order_id(CALL, 1), order_id(CALL, 2)]
    assert play.shop.placed[order_id(CALL, 2)].suggestion == 2


def test_a_person_after_an_order_gets_no_draft() -> None:
    assert placed().press("0").end == do.ToPerson("asked", "")


def recent(**changes: object) -> Shop:
    return Shop({7: client(last_order=last_order(**changes))})


def test_the_last_order_is_told() -> None:
    play = Play(recent()).press("5")
    assert play.said.startswith(
        "Order 1 1 9 9, Latte and Bagel, 7 dollars 40, was received, for Loop at 8:40 AM. "
        "To change it, press 1. To cancel it, press 2."
    )


def test_the_last_order_is_cancelled_once_that_is_confirmed() -> None:
    shop = recent()
    play = Play(shop).press("5", "2")
    assert play.said.startswith("To cancel order 1 1 9 9, press 1. To keep it, press 2.")
    assert not shop.cancelled
    play.press("1")
    assert shop.cancelled == {last_order().order}
    assert play.said.startswith("It is cancelled. ")


def test_it_can_be_kept() -> None:
    play = Play(recent()).press("5", "2", "2")
    assert play.said.startswith("All right, it stays.")
    assert play.did(do.Cancel) == []


def test_too_late_to_cancel() -> None:
    shop = recent()
    shop.refuse[do.Cancel] = ["too_late"]
    play = Play(shop).press("5", "2", "1")
    assert play.said.startswith("It is being made already, so it cannot be changed any more.")


@pytest.mark.parametrize("until", [None, NOW - timedelta(seconds=1)])
def test_after_its_window_it_is_told_and_no_more(until: object) -> None:
    play = Play(recent(state="ready", change_until=until)).press("5")
    assert play.said.startswith("Order 1 1 9 9, Latte and Bagel, 7 dollars 40, is ready. Press 1")


def test_the_window_closes_while_the_client_thinks() -> None:
    play = Play(recent()).press("5")
    play.now += timedelta(minutes=6)
    assert play.press("1").said.startswith("It is being made already")


def test_the_last_order_is_changed_by_one_that_replaces_it() -> None:
    shop = recent()
    play = Play(shop).press("5", "1", "1", "1", "2", "", "2")
    assert play.said.startswith("Latte, Bagel and Tea. 10 dollars 15 with tax")
    assert not shop.cancelled
    play.press("1")
    order = shop.placed[order_id(CALL, 1)]
    assert order.replaces == last_order().order
    assert shop.cancelled == {last_order().order}


def test_a_change_that_comes_too_late_is_a_further_order_once_confirmed() -> None:
    play = Play(recent()).press("5", "1", "*")
    play.shop.refuse[do.Place] = ["too_late"]
    play.press("1")
    assert "cannot be changed any more. This is a further one." in play.said
    assert not play.shop.placed
    play.press("1")
    assert play.shop.placed[order_id(CALL, 1)].replaces == ""


def test_a_paid_order_is_cancelled_but_not_changed() -> None:
    shop = recent(paid=True)
    play = Play(shop).press("5")
    assert "You have paid it. To cancel it and get your money back, press 2." in play.said
    assert "To change it" not in play.said
    assert play.press("1").said.startswith("You have paid it, so it cannot be changed.")
    assert not play.memory.draft.replaces
    play.press("2", "1")
    assert shop.cancelled == {last_order().order}
    assert play.said.startswith("It is cancelled. One of our people pays 7 dollars 40 back. ")


def test_a_change_of_what_is_paid_meanwhile_is_a_further_order_once_confirmed() -> None:
    play = Play(recent()).press("5", "1", "*")
    play.shop.refuse[do.Place] = ["paid"]
    play.press("1")
    assert "is paid by now, so it stays as it is. This is a further one." in play.said
    assert not play.shop.placed
    play.press("1")
    assert play.shop.placed[order_id(CALL, 1)].replaces == ""


def test_the_time_of_a_changed_order_is_kept_where_it_can_be() -> None:
    later = NOW + timedelta(hours=9)
    play = Play(recent(due_at=later)).press("5", "1", "*", "1")
    assert play.shop.placed[order_id(CALL, 1)].due_at == later
    play = Play(recent(due_at=NOW + timedelta(minutes=5))).press("5", "1", "*")
    assert "in 15 minutes" in play.said


def test_who_never_ordered_has_no_last_order() -> None:
    play = Play()
    assert "last order" not in play.said
    assert play.press("5").said.startswith("Sorry")


def test_no_automation_is_set_by_key() -> None:
    shop = Shop()
    play = Play(shop).press("7", "1")
    assert play.said.startswith("From now on, your calls go straight to a person.")
    assert shop.clients[7].preference.no_automation
    assert Play(shop).wait().end == do.ToPerson("no_automation", "")


def test_speed_dials_are_read_out() -> None:
    assert Play().press("7", "2").said.startswith("Star 5: 6 Bagel. Press 1 for your usual")
    play = Play(Shop({7: client(speed_dials={})})).press("7", "2")
    assert play.said.startswith("You have no speed dials yet.")


def test_the_own_name_is_recorded() -> None:
    play = Play().press("7", "3")
    assert play.step.turn.then == Record("name", 5.0)
    play.record()
    assert play.shop.audio == ["name"]
    assert play.said.startswith("Thank you.")


def test_silence_is_not_kept_as_a_name() -> None:
    play = Play().press("7", "3").record(silent=True)
    assert play.shop.audio == []
    assert play.said.startswith("I heard nothing")


def test_back_from_settings() -> None:
    assert "your usual" in Play().press("7", "*").said.lower()
