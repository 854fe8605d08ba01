"""At each prompt: star goes a step back, and what is not offered is a wrong key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Option, Product
from cordboard.orders.dialogue import Answered, Pressed, again, hear
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft
from cordboard.orders.usual import Past
from support.order_world import LATTE, NOW, USUAL, Shop, client, last_order
from support.ordering import Play

#: Keys that lead to a prompt whose name follows.
TO_MORE = ("4", "1", "2", "")
WAYS = [
    ((), "main"),
    (("4",), "category"),
    (("4", "1"), "goods"),
    (("4", "1", "1"), "option"),
    (("4", "1", "2"), "quantity"),
    (TO_MORE, "more"),
    ((*TO_MORE, "3"), "take_out"),
    ((*TO_MORE, "2"), "method"),
    ((*TO_MORE, "2", "1"), "time"),
    ((*TO_MORE, "2", "1", "2"), "day"),
    ((*TO_MORE, "2", "1", "2", "1"), "clock"),
    (("1",), "readback"),
    (("1", "2"), "change"),
    (("1", "2", "4"), "billing"),
    (("1", "3"), "places"),
    (("1", "1"), "done"),
    (("5",), "last_order"),
    (("5", "2"), "cancel_sure"),
    (("7",), "settings"),
    (("7", "3"), "my_name"),
]
BACK = {
    "category": "main",
    "goods": "category",
    "option": "goods",
    "quantity": "goods",
    "take_out": "more",
    "method": "more",
    "time": "more",
    "day": "more",
    "clock": "day",
    "change": "readback",
    "billing": "readback",
    "places": "readback",
    "last_order": "main",
    "cancel_sure": "main",
    "settings": "main",
}
#: Prompts at which star means something else, or nothing.
NO_WAY_BACK = {"main", "more", "readback", "done", "my_name"}


def at(keys: tuple[str, ...]) -> Play:
    return Play(Shop({7: client(last_order=last_order())})).press(*keys)


@pytest.mark.parametrize(("keys", "name"), WAYS)
def test_the_way_there_and_back(keys: tuple[str, ...], name: str) -> None:
    play = at(keys)
    assert play.memory.at == name
    if name not in NO_WAY_BACK:
        assert play.press("*").memory.at == BACK[name]


@pytest.mark.parametrize(("keys", "name"), [way for way in WAYS if way[1] != "my_name"])
def test_a_key_that_is_not_offered(keys: tuple[str, ...], name: str) -> None:
    play = at(keys).press("##")
    assert play.memory.at == name
    assert play.said.startswith("Sorry, that is not one of the choices.")
    assert play.press("##", "##").end.why == "wrong_keys"  # type: ignore[union-attr]


@pytest.mark.parametrize(("keys", "name"), WAYS)
def test_zero_is_a_person_everywhere(keys: tuple[str, ...], name: str) -> None:
    play = at(keys)
    kept = set(play.shop.drafts)
    end = play.press("0").end
    assert isinstance(end, do.ToPerson)
    assert {end.order} - {""} == kept


@pytest.mark.parametrize(
    ("steps", "name"),
    [(0, "enrol_number"), (3, "enrol_sure"), (4, "enrol_method")],
)
def test_a_wrong_key_while_enrolling(steps: int, name: str) -> None:
    play = Play(number="+13125550177").press("1")
    for step in ("1", "record", "60601", "1")[:steps]:
        play = play.record().record() if step == "record" else play.press(step)
    assert play.memory.at == name
    assert play.press("7").said.startswith("Sorry, that is not one of the choices.")


def test_a_postcode_of_stars_is_none() -> None:
    play = Play(number="+13125550177").press("1", "1").record().record()
    assert play.press("*1").said.startswith("Sorry")


def test_pages_of_options_and_of_what_is_taken_out() -> None:
    syrups = tuple(Option("Syrup", f"SYRUP-{n}", f"syrup {n}") for n in range(1, 11))
    shop = Shop()
    sold = shop.clients[7].catalogue
    cola = Product("COLA", "COFFEE", "Cola", 200, options=syrups)
    lines = tuple(Line(f"CHEESE-{n}") for n in range(1, 11))
    dials = {1: Basket(lines, "pick_up", "LOOP")}
    shop.change(7, catalogue=replace(sold, products=(cola, *sold.products)), speed_dials=dials)

    play = Play(shop).press("4", "1", "1", "9")
    assert play.said.startswith("Syrup. For syrup 9, press 1.")
    assert play.press("2", "").memory.basket.lines[0].options == ("SYRUP-10",)

    play = Play(shop).press("*1", "2", "2", "9")
    assert play.said.startswith("What shall I take out? For Cheese 9, press 1.")
    assert len(play.press("1").memory.basket.lines) == 9


def test_one_way_to_pay_is_said() -> None:
    play = Play(Shop({7: client(billing=("on_delivery",))})).press("1", "2", "4")
    assert play.said.startswith("There is one way to pay. You pay when you get it. Latte")


def test_a_half_made_order_of_which_nothing_is_sold_any_more_is_dropped() -> None:
    draft = Draft("0b5e2f0a-53d9-4a8e-8f3b-222222222222", Basket((Line("GONE"),)))
    play = Play(Shop({7: client(draft=draft)}))
    assert "Your usual" in play.said or "your usual" in play.said
    assert play.shop.dropped == {draft.order}


def test_a_speed_dial_of_which_nothing_is_sold_any_more() -> None:
    dials = {1: Basket((Line("GONE"),), "pick_up", "LOOP")}
    play = Play(Shop({7: client(speed_dials=dials)})).press("*1")
    assert play.said.startswith(
        "I left out GONE: we do not have it any more. Please choose from the list. For coffee"
    )


def test_more_than_is_sold_at_once_is_left_out() -> None:
    many = Basket((Line("TEA", (), 9), LATTE), "pick_up", "LOOP")
    play = Play(Shop({7: client(speed_dials={1: many})})).press("*1")
    assert play.said.startswith("I left out Tea: that is more than we sell at once. Latte.")


def test_a_suggestion_withdrawn_while_it_is_offered() -> None:
    play = Play()
    sold = play.shop.clients[7].catalogue
    products = tuple(replace(p, active=p.code != "TEA") for p in sold.products)
    play.shop.change(7, catalogue=replace(sold, products=products))
    assert "For Tea" not in play.wait().said


def test_no_code_for_the_web_can_be_made() -> None:
    play = Play()
    play.shop.refuse[do.SpeakWebCode] = ["failed"]
    assert play.press("8").said.startswith("Sorry, I cannot make a code now.")


def test_a_cancellation_that_fails_leads_to_a_person() -> None:
    play = at(("5", "2"))
    play.shop.refuse[do.Cancel] = ["failed"]
    assert play.press("1").end == do.ToPerson("failed", "")


def test_an_order_that_waits_for_a_location() -> None:
    last = last_order(needs_agent=True)
    play = Play(Shop({7: client(last_order=last)})).press("5")
    assert "7 dollars 40, waits for a location. To change it" in play.said


def test_keys_before_an_answer_ask_for_the_act_again() -> None:
    """It is done once, by its order's id; the caller is heard after it."""
    play = Play().press("1")
    placing = hear(play.memory, Pressed("1"), play.facts, play.now)
    step = hear(placing.memory, Pressed("0"), play.facts, play.now)
    assert step.acts == placing.acts == (do.Place(play.memory.draft),)
    assert step.turn.then == placing.turn.then


def test_an_answer_nobody_asked_for_is_no_answer() -> None:
    play = Play()
    step = hear(play.memory, Answered(number=5), play.facts, play.now)
    assert step.memory.at == "main"
    assert step.memory.misses == 1


def test_again_says_the_same() -> None:
    play = Play().press("1")
    step = again(play.memory, play.facts, play.now)
    assert step.turn == play.step.turn
    assert step.acts == ()


def test_what_is_usual_elsewhere_is_another_order() -> None:
    """The same goods at two locations are two habits, each with its own place and key."""
    at_lake = replace(USUAL, location="LAKE")
    history = (Past(USUAL, NOW), Past(at_lake, NOW))
    play = Play(Shop({7: client(history=history)}))
    assert {b.location for b in play.memory.draft.suggested} == {"LOOP", "LAKE"}


def test_however_much_is_ordered_its_price_is_heard() -> None:
    """Speech is cut after 800 characters; nothing that is said comes near."""
    shop = Shop()
    sold = shop.clients[7].catalogue
    long = tuple(replace(p, name=f"{p.name} {'x' * 110}"[:120]) for p in sold.products)
    lines = tuple(Line(f"CHEESE-{n}") for n in range(1, 19))
    dials = {1: Basket(lines, "pick_up", "LOOP")}
    shop.change(7, catalogue=replace(sold, products=long), speed_dials=dials)
    play = Play(shop).press("*1")
    assert max(len(text) for text in play.step.turn.say) <= 450
    assert "Cheese 18" in play.said, "all of it is read back"
    assert "91 dollars 71 with tax" in play.said
    play.press("2", "2", "*")
    assert "You have Cheese 1" in play.said
    assert "and 15 more items." in play.said
