"""An order that another location makes is told to the client who calls, before everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue import Silence
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Moved, Preference
from support.order_world import LATTE, NOW, Shop, client
from support.ordering import Play

ORDER = "0b5e2f0a-53d9-4a8e-8f3b-111111111111"
MOVED = Moved(ORDER, 1199, "LAKE", NOW + timedelta(minutes=15))
SAID = "Your order 1 1 9 9 is made elsewhere now. It is for Lake View, 1 Adams, at 8:45 AM."


def test_it_is_said_first_and_then_the_call_goes_on() -> None:
    play = Play(Shop({7: client(moved=MOVED)}))
    assert play.said == SAID
    play.wait()
    assert play.shop.told == [(ORDER, "LAKE")]
    assert play.said.startswith("Rosa, press 1 for your usual")
    play.press("1", "1")
    assert len(play.shop.placed) == 1


@pytest.mark.parametrize("heard", [(), (0,), (1,)])
def test_who_did_not_hear_all_of_it_is_called_all_the_same(heard: tuple[int, ...]) -> None:
    """A sentence could not be made, or not be played: nothing is said of it to the caller."""
    play = Play(Shop({7: client(moved=MOVED)}))
    play._hear(Silence(tuple(play.step.turn.say[n] for n in heard)))
    assert play.said.startswith("Rosa, press 1 for your usual")
    assert play.shop.told == []


def test_moved_once_more_while_it_was_said_was_not_heard() -> None:
    play = Play(Shop({7: client(moved=MOVED)}))
    play.shop.change(7, moved=replace(MOVED, location="OAK"))
    assert play.wait().shop.told == []


def test_who_interrupts_goes_on_and_is_called_all_the_same() -> None:
    play = Play(Shop({7: client(moved=MOVED)})).press("1")
    assert play.said.startswith("Rosa, press 1 for your usual")
    assert play.shop.told == []
    assert not play.shop.placed


def test_zero_is_a_person_and_counts_for_nothing() -> None:
    play = Play(Shop({7: client(moved=MOVED)})).press("0")
    assert play.end == do.ToPerson("asked", "")
    assert (play.shop.told, play.shop.zeros) == ([], [])


def test_who_wants_no_automation_hears_it_on_the_way_to_a_person() -> None:
    shop = Shop({7: client(moved=MOVED, preference=Preference(no_automation=True))})
    play = Play(shop)
    assert play.said == SAID
    play.wait()
    assert play.said.startswith("Hello Rosa. I am connecting you.")
    assert shop.told == [(ORDER, "LAKE")]


def test_a_half_made_order_comes_after_it() -> None:
    before = Draft("0b5e2f0a-53d9-4a8e-8f3b-222222222222", Basket((LATTE,)))
    play = Play(Shop({7: client(moved=MOVED, draft=before)})).wait()
    assert play.said.startswith("Hello Rosa. You have a half-made order")


def test_somebody_else_has_not_heard_it() -> None:
    play = Play(Shop({7: client(moved=MOVED)})).press("#")
    assert play.said.startswith("Welcome to Corner Pantry.")
    assert play.shop.told == []


def test_a_keyed_number_hears_nothing_of_it() -> None:
    play = Play(Shop({7: client(moved=MOVED)}), "").press("2", "3125550150")
    assert play.said.startswith("Rosa, press 1 for your usual")


def test_after_a_crash_it_is_said_again() -> None:
    play = Play(Shop({7: client(moved=MOVED)})).crash()
    assert play.said == SAID
    play.shop.change(7, moved=None)  # told meanwhile, by a person
    assert play.crash().said.startswith("Rosa, press 1 for your usual")
