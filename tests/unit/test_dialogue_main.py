"""The main prompt of an order call: the usual order, speed dials, half-made orders, a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cordboard.orders.basket import Basket, Line
from cordboard.orders.dialogue import Answers, Keys, Pressed, again, hear
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft, order_id
from cordboard.orders.facts import Preference
from cordboard.orders.usual import Past
from support.order_world import CALL, LATTE, NOW, USUAL, Shop, client, last_order
from support.ordering import Play

ORDER = order_id(CALL, 1)
BEFORE = "0b5e2f0a-53d9-4a8e-8f3b-222222222222"


def test_the_usual_order_takes_two_keys() -> None:
    play = Play()
    assert play.step.turn.say[:2] == (
        "Rosa, press 1 for your usual.",
        "Latte and Bagel, 7 dollars 40, pick-up at Loop in 15 minutes.",
    )

    play.press("1")
    assert "Latte and Bagel. 7 dollars 40 with tax" in play.said
    assert "Press 1 to order." in play.said
    assert not play.shop.placed

    play.press("1")
    placed = play.shop.placed[ORDER]
    assert placed.basket == USUAL
    assert (placed.total_cents, placed.billing, placed.suggestion) == (740, "on_delivery", 1)
    assert placed.suggested[0] == USUAL
    assert "Order 1 2 0 0 at 8:45" in play.said

    play.wait()
    assert isinstance(play.end, do.Hangup)


def test_the_key_of_the_usual_order_is_the_first_thing_to_be_heard() -> None:
    """Whoever has it every day presses 1 after two seconds; the others hear what it is."""
    turn = Play().step.turn
    assert len(turn.say[0].split()) <= 6
    assert len(turn.say[1].split()) <= 13
    assert isinstance(turn.then, Keys)
    assert turn.then.barge_in


def test_options_are_said_where_they_tell_orders_apart() -> None:
    oat = replace(USUAL, lines=(replace(LATTE, options=("OAT",)), USUAL.lines[1]))
    play = Play(Shop({7: client(history=(Past(oat, NOW),))}))
    assert play.step.turn.say[1].startswith("Latte and Bagel, 7 dollars 95,")
    assert play.press("1").said.startswith("Latte with oat milk and Bagel. 7 dollars 95 with tax")
    play = Play(Shop({7: client(history=(Past(oat, NOW), Past(USUAL, NOW)))}))
    assert "Latte with oat milk and Bagel, 7 dollars 95" in play.said


def test_options_are_left_out_where_the_place_tells_orders_apart() -> None:
    oat = replace(USUAL, lines=(replace(LATTE, options=("OAT",)), USUAL.lines[1]))
    lake = replace(oat, location="LAKE")
    say = Play(Shop({7: client(history=(Past(lake, NOW), *[Past(oat, NOW)] * 2))})).step.turn.say
    assert say[1] == "Latte and Bagel, 7 dollars 95, pick-up at Loop in 15 minutes."
    assert say[2].startswith("For Latte and Bagel, 7 dollars 95, pick-up at Lake View")


def test_locations_are_called_as_people_say_it() -> None:
    shop = Shop()
    named = (replace(p, name=f"Corner Pantry {p.name}") for p in shop.clients[7].places)
    shop.change(7, places=tuple(named))
    assert "pick-up at Loop in 15 minutes" in Play(shop).said


def test_the_second_suggestion_is_noted_as_such() -> None:
    play = Play().press("2", "1")
    (placed,) = play.shop.placed.values()
    assert placed.suggestion == 2
    assert placed.basket.lines == (Line("TEA"),)


def test_a_suggestion_that_there_is_not_is_a_wrong_key() -> None:
    play = Play().press("3")
    assert play.said.startswith("Sorry, that is not one of the choices. ")


def test_a_speed_dial_is_read_back_and_placed() -> None:
    play = Play().press("*5")
    assert play.said.startswith("6 Bagel. 18 dollars with tax, pick-up at Loop")
    play.press("1")
    assert play.shop.placed[ORDER].suggestion == 0


def test_a_speed_dial_that_is_not_assigned_is_said() -> None:
    play = Play().press("*7")
    assert play.said.startswith("Star 7 is not assigned. Press 1 for your usual")


def test_speed_dials_are_1_to_99() -> None:
    assert "is not assigned" in Play().press("*99").said
    for wrong in ("*0", "*05", "*", "**"):
        assert Play().press(wrong).said.startswith("Sorry, that is not"), wrong


def test_zero_leads_to_a_person() -> None:
    play = Play().press("0")
    assert play.end == do.ToPerson("asked", "")


def test_zero_takes_the_half_made_order_along() -> None:
    play = Play().press("1", "0")
    assert play.end == do.ToPerson("asked", ORDER)
    assert play.shop.drafts[ORDER].basket == USUAL


def test_zero_at_once_is_counted_and_the_third_is_said() -> None:
    shop = Shop({7: client(preference=Preference(zero_at_once=1))})
    play = Play(shop).press("0")
    assert (shop.zeros, "From now on" in play.said) == ([True], False)

    shop.change(7, preference=Preference(zero_at_once=2))
    play = Play(shop).press("0")
    assert play.said.startswith("From now on, your calls go straight to a person.")
    assert isinstance(play.end, do.ToPerson)


def test_another_first_key_counts_from_nothing_again() -> None:
    shop = Shop({7: client(preference=Preference(zero_at_once=2))})
    play = Play(shop).press("4", "0")
    assert shop.zeros == [False]
    assert "From now on" not in play.said


def test_silence_is_no_first_key() -> None:
    """Who waits and then presses 0 has not pressed it at once after hearing nothing of use."""
    shop = Shop({7: client(preference=Preference(zero_at_once=2))})
    Play(shop).wait().press("0")
    assert shop.zeros == [True]


def test_three_times_nothing_leads_to_a_person() -> None:
    play = Play().wait()
    assert play.said.startswith("Sorry, I heard nothing. ")
    assert play.wait(2).end == do.ToPerson("silence", "")


def test_three_wrong_keys_lead_to_a_person() -> None:
    assert Play().press("6", "6", "6").end == do.ToPerson("wrong_keys", "")


def test_a_right_key_forgives_wrong_ones() -> None:
    play = Play().press("6", "6", "4", "9", "9")
    assert not play.over


def test_a_half_made_order_is_gone_on_with() -> None:
    draft = Draft(BEFORE, Basket((LATTE,)))
    play = Play(Shop({7: client(draft=draft)}))
    assert play.said.startswith("Hello Rosa. You have a half-made order: Latte. To go on")
    play.press("1")
    assert play.did(do.TakeDraft) == [do.TakeDraft(BEFORE)]
    assert "You have Latte. To finish, press 2." in play.said
    play.press("2", "1", "1", "1")
    assert list(play.shop.placed) == [BEFORE]


def test_a_change_that_was_begun_is_no_lost_order() -> None:
    standing = last_order()
    draft = Draft(BEFORE, Basket((LATTE,)), replaces=standing.order)
    said = Play(Shop({7: client(draft=draft, last_order=standing)})).said
    number = " ".join(str(standing.number))
    assert f"You had begun to change order {number}, which still stands, into: Latte." in said
    another = replace(standing, order=CALL)
    said = Play(Shop({7: client(draft=draft, last_order=another)})).said
    assert "You had begun to change an order: Latte." in said


def test_a_half_made_order_can_be_left_for_a_new_one() -> None:
    play = Play(Shop({7: client(draft=Draft(BEFORE, Basket((LATTE,))))})).press("2")
    assert play.shop.dropped == {BEFORE}
    assert "Press 1 for your usual." in play.said
    play.press("1", "1")
    assert list(play.shop.placed) == [ORDER]


def test_a_half_made_order_goes_along_to_a_person() -> None:
    play = Play(Shop({7: client(draft=Draft(BEFORE, Basket((LATTE,))))})).press("0")
    assert play.end == do.ToPerson("asked", BEFORE)


def test_a_half_made_order_that_somebody_else_took() -> None:
    shop = Shop({7: client(draft=Draft(BEFORE, Basket((LATTE,))))})
    shop.refuse[do.TakeDraft] = ["taken"]
    play = Play(shop).press("1")
    assert play.said.startswith("Somebody else is busy with that order. Press 1 for your usual")
    assert play.press("0").end == do.ToPerson("asked", "")


def test_what_was_withdrawn_is_said_and_left_out() -> None:
    shop = Shop()
    sold = shop.clients[7].catalogue
    products = tuple(replace(p, active=p.code != "BAGEL") for p in sold.products)
    shop.change(7, catalogue=replace(sold, products=products))
    play = Play(shop)
    assert "I left out Bagel: we do not have it any more." in play.said
    assert "Rosa, press 1 for your usual. Latte, 4 dollars 40, pick-up" in play.said


def test_nothing_usual_leads_to_the_list() -> None:
    play = Play(Shop({7: client(history=())}))
    assert play.said.startswith("Hello Rosa. For the list, press 4.")


def test_the_usual_order_elsewhere_while_its_location_is_full() -> None:
    shop = Shop()
    full = tuple(
        replace(p, open_orders=20) if p.code == "LOOP" else p for p in shop.clients[7].places
    )
    shop.change(7, places=full)
    play = Play(shop).press("1")
    assert play.said.startswith("Loop is too busy. Latte and Bagel.")
    assert "pick-up at Lake View" in play.said


def test_a_crash_says_the_turn_again_and_places_nothing_twice() -> None:
    play = Play().crash().press("1").crash()
    assert "Press 1 to order." in play.said
    play.press("1").crash()
    assert "Order 1 2 0 0" in play.said
    assert len(play.shop.placed) == 1


def test_the_web_code_is_spelled_twice() -> None:
    play = Play().press("8")
    assert play.said.startswith("Your code is 1 2 3 4 5 6. Again: 1 2 3 4 5 6.")


def test_what_is_usual_counts_from_the_next_order_of_the_same_call() -> None:
    play = Play().press("1", "1")
    teas = tuple(replace(past, at=play.now - timedelta(1)) for past in play.facts.client.history)  # type: ignore[union-attr]
    play.shop.change(7, history=tuple(past for past in teas if past.basket != USUAL))
    assert "Press 1 for your usual. Tea," in play.press("*").said


def test_a_half_made_order_that_is_gone_by_the_time_of_the_key() -> None:
    play = Play(Shop({7: client(draft=Draft(BEFORE, Basket((LATTE,))))}))
    play.shop.change(7, draft=None)
    assert play.press("1").said.startswith(
        "Somebody else is busy with that order. Press 1 for your usual"
    )


def test_a_crash_while_a_half_made_order_is_taken() -> None:
    play = Play(Shop({7: client(draft=Draft(BEFORE, Basket((LATTE,))))}))
    step = hear(play.memory, Pressed("1"), play.facts, play.now)
    assert step.turn.then == Answers()
    gone = replace(play.facts, client=client(draft=None))
    assert again(step.memory, gone, play.now).acts == (do.TakeDraft(BEFORE),)


def test_a_half_made_order_that_was_whole_is_not_asked_when() -> None:
    play = Play(Shop({7: client(draft=Draft(BEFORE, USUAL))})).press("1", "2")
    assert play.said.startswith("Latte and Bagel. 7 dollars 40 with tax")
