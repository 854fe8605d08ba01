"""Reading back, confirming, and what may come between the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from cordboard.hours import Hours, Schedule
from cordboard.orders.basket import Basket, Line
from cordboard.orders.dialogue import Pressed, memory_from_json
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import order_id
from cordboard.orders.places import Method
from cordboard.orders.usual import Past
from support.order_world import CALL, CHICAGO, LATTE, NOW, Shop, client
from support.ordering import Play

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


def slower(shop: Shop) -> None:
    """Everything takes half an hour from now on."""
    late = {name: Method(None, 30) for name in ("pick_up", "delivery", "appointment")}
    shop.change(7, places=tuple(replace(p, methods=late) for p in shop.clients[7].places))


SHORT = ("Latte and Bagel.", "Press 1 to order.")
WHOLE = "Latte and Bagel. 7 dollars 40 with tax, pick-up at Loop in 15 minutes. Press 1 to order."


def test_what_was_heard_out_a_moment_ago_is_not_said_twice() -> None:
    play = Play().answer("1")
    assert play.step.turn.say[:2] == SHORT
    assert play.answer("1").said.startswith("Thank you. Order 1 2 0 0 at 8:45.")
    assert play.shop.placed[ORDER].total_cents == 740


def test_the_second_suggestion_too_once_it_was_heard_out() -> None:
    assert Play().answer("2").step.turn.say[:2] == ("Tea.", "Press 1 to order.")


def test_whoever_interrupts_the_suggestion_hears_all_of_it_read_back() -> None:
    play = Play()
    greeting, *_ = play.step.turn.say
    play._hear(Pressed("1", (greeting,)))
    assert play.said.startswith(WHOLE)


def test_one_heard_suggestion_says_nothing_of_another() -> None:
    play = Play()
    play._hear(Pressed("2", play.step.turn.say[:2]))
    assert play.said.startswith("Tea. 2 dollars 75 with tax, pick-up at ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dearer, "Latte and Bagel. 8 dollars 50 with tax, pick-up at Loop in 15 minutes."),
        (slower, "Latte and Bagel. 7 dollars 40 with tax, pick-up at Loop in 30 minutes."),
        (lambda shop: closes(shop, "LOOP"), "Loop takes no orders. Latte and Bagel. 7 dollars 40"),
    ],
)
def test_what_changed_since_the_suggestion_was_heard_is_said(
    change: Callable[[Shop], None], said: str
) -> None:
    play = Play()
    change(play.shop)
    assert play.answer("1").said.startswith(said)


def test_what_was_withdrawn_since_the_suggestion_was_heard_is_left_out() -> None:
    play = Play()
    sold = play.shop.clients[7].catalogue
    products = tuple(replace(p, active=p.code != "BAGEL") for p in sold.products)
    play.shop.change(7, catalogue=replace(sold, products=products))
    play.answer("1")
    assert "I left out Bagel: we do not have it any more. Latte. 4 dollars 40 with" in play.said


def test_a_location_that_is_not_the_usual_one_is_named_again() -> None:
    shop = Shop()
    closes(shop, "LOOP")
    play = Play(shop)
    assert "at Lake View in 15 minutes" in play.step.turn.say[1]
    assert "7 dollars 40 with tax, pick-up at Lake View" in play.answer("1").said


def test_what_changes_after_a_short_read_back_is_said() -> None:
    play = Play().answer("1")
    dearer(play.shop)
    said = "The price has changed. Latte and Bagel. 8 dollars 50 with tax, pick-up at Loop"
    assert play.answer("1").said.startswith(said)
    assert not play.shop.placed


@pytest.mark.parametrize("keys", [("3", "*"), ("4", "1"), ("2", "*")])
def test_whoever_looked_for_something_else_hears_all_of_it(keys: tuple[str, ...]) -> None:
    assert Play().answer("1").press(*keys).said.startswith(WHOLE)


def test_whoever_does_not_answer_a_short_read_back_hears_all_of_it() -> None:
    assert Play().answer("1").wait().said.startswith(f"Sorry, I heard nothing. {WHOLE}")


def test_after_a_refusal_all_of_it_is_said() -> None:
    play = Play().answer("1")
    play.shop.refuse[do.Place] = ["price"]
    assert play.answer("1").said.startswith(WHOLE)


def test_the_next_order_of_a_call_was_not_heard() -> None:
    play = Play().answer("1").press("1", "*", "1")
    assert play.said.startswith(WHOLE)


def test_a_price_that_changed_is_read_back_again() -> None:
    play = Play().press("1")
    dearer(play.shop)
    play.press("1")
    assert not play.shop.placed
    assert play.said.startswith("The price has changed. Latte and Bagel. 8 dollars 50 with tax")
    play.press("1")
    assert play.shop.placed[ORDER].total_cents == 850


def test_a_price_that_changes_while_the_order_is_placed() -> None:
    play = Play().press("1")
    play.shop.refuse[do.Place] = ["price"]
    play.press("1")
    assert not play.shop.placed
    assert "Press 1 to order." in play.said
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
    assert play.said.startswith("Loop cannot take it any more. Latte and Bagel")
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
    assert play.said.startswith("All right, I left it. Press 1 for your usual")
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
    assert play.said.startswith("Latte, Bagel and Tea. 10 dollars 15 with tax")


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


@pytest.mark.parametrize(
    ("by_link", "has_email", "said"),
    [
        (True, True, "You get a link to pay."),
        (True, False, "You pay when you get it."),
        (False, True, "You pay when you get it."),
    ],
)
def test_a_link_to_pay_where_it_can_arrive(by_link: bool, has_email: bool, said: str) -> None:
    billing = ("payment_link", "on_delivery")
    shop = Shop({7: client(billing=billing, has_email=has_email)}, by_link=by_link)
    play = Play(shop).press("1")
    assert said in play.said
    play.press("1")
    (placed,) = play.shop.placed.values()
    assert placed.billing == ("payment_link" if by_link and has_email else "on_delivery")


def test_a_key_pressed_twice_confirms_nothing() -> None:
    for play in (Play().press("1"), Play().press("1", "1")):
        assert play.step.turn.then.deaf_s > 0.4  # type: ignore[union-attr]


def opens_at_seven(shop: Shop) -> None:
    """All locations are closed until seven tomorrow."""
    hours = tuple(Hours(day, 420, 480) for day in range(7))
    schedule = Schedule(CHICAGO, hours, {})
    shut = tuple(replace(place, schedule=schedule) for place in shop.clients[7].places)
    shop.change(7, places=shut)


def test_while_everything_is_closed_the_earliest_time_is_offered() -> None:
    shop = Shop()
    opens_at_seven(shop)
    play = Play(shop)
    assert play.said.startswith("Rosa, press 1 for your usual. Latte and Bagel, 7 dollars 40.")
    play.press("1")
    assert play.said.startswith(
        "No location can do that now. To have it tomorrow at 7:15 AM, press 1."
    )
    assert play.press("1").said.startswith(
        "Latte and Bagel. 7 dollars 40 with tax, pick-up at Loop tomorrow at 7:15 AM."
    )
    play.press("1")
    assert len(shop.placed) == 1


def test_while_everything_is_closed_another_time_can_be_keyed() -> None:
    shop = Shop()
    opens_at_seven(shop)
    play = Play(shop).press("1", "2", "3", "0730")
    assert "pick-up at Loop on Friday at 7:30 AM" in play.said


def test_an_order_for_when_everything_is_closed_can_be_left() -> None:
    shop = Shop()
    opens_at_seven(shop)
    play = Play(shop).press("1", "9")
    assert play.said.startswith("All right, I left it.")
    assert shop.dropped == {ORDER}


def test_a_time_that_passes_while_the_client_thinks() -> None:
    play = Play().press("1", "4", "2", "1", "0900")
    assert "at 9 AM" in play.said
    play.now += timedelta(minutes=40)
    play.press("1")
    assert not play.shop.placed
    assert play.said.startswith("No location can have it at 9 AM. To have it at 9:25 AM, press 1.")


def test_the_time_of_a_usual_appointment_is_asked() -> None:
    knives = Basket((Line("KNIVES"),), "appointment", "LOOP")
    shop = Shop({7: client(history=(Past(knives, NOW),))})
    play = Play(shop)
    assert play.said.startswith("Rosa, press 1 for your usual. Knife sharpening, 15 dollars.")
    assert play.press("1").said.startswith("For today, press 1.")


def test_a_prompt_of_another_version_leads_to_a_person() -> None:
    play = Play().press("1")
    play.memory = replace(play.memory, at="gone")
    assert play.crash().end == do.ToPerson("failed", ORDER)


def test_what_another_version_did_not_store_is_as_at_the_beginning() -> None:
    play = Play().press("1")
    stored = play.memory.as_json()
    del stored["timed"], stored["retries"]
    assert memory_from_json(stored) == replace(play.memory, timed=False, retries=0)
