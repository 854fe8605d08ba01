"""Who is calling: one client, several, nobody known, no number; and who wants no automation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Preference
from support.order_world import ROSA_PHONE, USUAL, Shop, client
from support.ordering import Play

FAMILY = "+13125550160"
NAMES = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo", "Kim", "Lou")


def shared(count: int, **changes: object) -> Shop:
    """A number that so many clients call from."""
    people = {
        n: replace(client(), id=n, first_name=name, **changes)  # type: ignore[arg-type]
        for n, name in enumerate(NAMES[:count], start=11)
    }
    return Shop(people, {FAMILY: list(people)})


def test_one_client_of_a_number_is_not_asked() -> None:
    play = Play()
    assert play.did(do.Choose) == [do.Choose(7)]
    assert play.said.startswith("Rosa, press 1 for your usual")


def test_three_on_one_number_are_asked() -> None:
    play = Play(shared(3), FAMILY)
    assert play.said == (
        "Who is calling? For Ann, press 1. For Ben, press 2. For Cleo, press 3. "
        "For somebody else, press pound."
    )
    assert play.press("2").did(do.Choose) == [do.Choose(12)]
    assert play.said.startswith("Ben, press 1 for your usual")


def test_twelve_on_one_number_are_named_by_pages() -> None:
    play = Play(shared(12), FAMILY)
    assert "For Ida, press 9. For more names, press star." in play.said
    assert "Jo" not in play.said
    play.press("*")
    assert play.said.startswith("Who is calling? For Jo, press 1. For Kim, press 2. For Lou")
    assert play.press("4").said.startswith("Sorry, that is not one of the choices.")
    assert play.press("*").said.startswith("Who is calling? For Ann")
    assert play.press("*", "3").did(do.Choose) == [do.Choose(22)]


def test_a_recorded_name_is_played() -> None:
    play = Play(shared(2, audio=("name",)), FAMILY)
    say = play.step.turn.say
    assert say[:4] == ("Who is calling?", "For", "audio:11:name", "press 1.")


def test_whoever_has_no_name_yet_can_be_chosen() -> None:
    shop = shared(2)
    shop.change(11, first_name="")
    assert "For a client without a name, press 1." in Play(shop, FAMILY).said


def test_one_page_has_no_more_names() -> None:
    play = Play(shared(3), FAMILY)
    assert play.press("*").said.startswith("Sorry, that is not one of the choices.")


def test_somebody_else_is_welcomed() -> None:
    play = Play(shared(3), FAMILY).press("#")
    assert play.said.startswith("Welcome to Corner Pantry. To order for the first time, press 1.")


def test_somebody_else_where_one_client_has_the_number() -> None:
    """The second of a household is enrolled, and nothing of the first goes along."""
    play = Play()
    assert "For somebody else, press pound." in play.said
    play.press("")
    assert play.said.startswith("Welcome to Corner Pantry. To order for the first time, press 1.")
    assert play.did(do.Unchoose) == [do.Unchoose()]
    assert (play.facts.client, play.memory.draft.suggested) == (None, ())
    assert play.did(do.CountZero) == []
    play.press("1", "1").record().record().press("60601", "1", "1")
    assert play.shop.enrolled[0].number == ROSA_PHONE
    assert play.facts.client is not None
    assert play.facts.client.id == 99
    play.press("1", "1")
    assert not play.over


def test_somebody_else_after_the_wrong_name_chooses_again() -> None:
    play = Play(shared(3), FAMILY).press("2", "")
    assert play.said.startswith("Who is calling? For Ann, press 1.")
    play.press("3")
    assert play.said.startswith("Cleo, press 1 for your usual")
    play.press("1", "1")
    assert len(play.shop.placed) == 1


def test_somebody_else_is_not_told_to_go_on_with_the_order_of_the_first() -> None:
    draft = Draft("0b5e2f0a-53d9-4a8e-8f3b-222222222222", USUAL)
    play = Play(Shop({7: client(draft=draft)}))
    assert "For somebody else, press pound." in play.said
    play.press("#")
    assert play.said.startswith("Welcome to Corner Pantry.")
    assert play.shop.dropped == set()
    assert play.press("0").end == do.ToPerson("asked", "")


def test_a_number_that_was_keyed_has_no_key_for_somebody_else() -> None:
    play = Play(number="").press("2", "3125550150")
    assert "somebody else" not in play.said
    assert play.press("").said.startswith("Sorry, that is not one of the choices.")


def test_zero_at_the_choice_is_a_person_and_counts_for_nobody() -> None:
    play = Play(shared(3), FAMILY).press("0")
    assert play.end == do.ToPerson("asked", "")
    assert play.did(do.CountZero) == []


def test_a_client_who_wants_no_automation_goes_straight_to_a_person() -> None:
    shop = Shop({7: client(preference=Preference(no_automation=True))})
    play = Play(shop)
    assert play.said == "Hello Rosa. I am connecting you. To order by keys again, press 7."
    assert play.wait().end == do.ToPerson("no_automation", "")


@pytest.mark.parametrize("key", ["0", "1", "*"])
def test_any_other_key_does_not_keep_that_client(key: str) -> None:
    shop = Shop({7: client(preference=Preference(no_automation=True))})
    play = Play(shop).press(key)
    assert play.end == do.ToPerson("no_automation", "")
    assert play.did(do.CountZero) == []


def test_that_client_can_turn_automation_on_again() -> None:
    shop = Shop({7: client(preference=Preference(no_automation=True))})
    play = Play(shop).press("7")
    assert play.said.startswith("All right. Rosa, press 1 for your usual")
    assert not shop.clients[7].preference.no_automation


def test_one_of_several_who_wants_no_automation() -> None:
    shop = shared(3)
    shop.change(12, preference=Preference(no_automation=True))
    play = Play(shop, FAMILY).press("2")
    assert play.said.startswith("Hello Ben. I am connecting you.")


def test_without_a_number_it_can_be_keyed() -> None:
    play = Play(number="")
    assert play.said.startswith("Welcome to Corner Pantry.")
    play.press("2", "3125550150")
    assert play.did(do.LookUp) == [do.LookUp(ROSA_PHONE)]
    assert play.did(do.Choose) == [do.Choose(7, keyed=True)]
    assert play.press("1", "1").shop.placed


def test_who_only_claimed_the_number_is_asked() -> None:
    shop = Shop(claims={7})
    play = Play(shop)
    assert play.said == ("Who is calling? For Rosa, press 1. For somebody else, press pound.")
    assert play.press("1").did(do.Choose) == [do.Choose(7)]
    assert Play(shop).press("#").said.startswith("Welcome to Corner Pantry.")


def test_who_enrolled_without_a_number_keys_it_and_is_asked() -> None:
    shop = Shop({7: client(billing=("on_account", "on_delivery"))}, claims={7})
    play = Play(shop, "").press("2", "3125550150")
    assert play.said == "Who is calling? For Rosa, press 1. For somebody else, press pound."
    play.press("1")
    assert play.did(do.Choose) == [do.Choose(7, keyed=True)]
    assert "last order" not in play.said
    play.press("1", "1")
    assert [order.billing for order in shop.placed.values()] == ["on_delivery"]


def test_the_own_number_proves_as_much_keyed() -> None:
    shop = shared(2)
    play = Play(shop, FAMILY).press("#", "2", "3125550160", "2")
    assert play.did(do.Choose) == [do.Choose(12)]
    assert "For your settings" in play.said


def test_a_keyed_number_proves_nothing() -> None:
    """Nothing is told of orders, nothing is set, and nothing goes on the client's account."""
    shop = Shop({7: client(billing=("on_account", "on_delivery"))})
    play = Play(shop, "").press("2", "3125550150")
    for offered in ("last order", "settings", "web code"):
        assert offered not in play.said
    for key in ("7", "8", "5"):
        assert play.press(key).said.startswith("That only works from your own telephone number.")
    play.press("1")
    assert "You pay when you get it." in play.said
    play.press("1")
    assert "To make this star" not in play.said
    assert play.press("9").said.startswith("Sorry")
    assert play.did(do.AssignSpeedDial) == []
    (placed,) = shop.placed.values()
    assert placed.billing == "on_delivery"


def test_zero_of_a_keyed_number_is_not_counted() -> None:
    play = Play(number="").press("2", "3125550150", "0")
    assert play.did(do.CountZero) == []


def test_nobody_tries_number_after_number() -> None:
    play = Play(number="").press("2", "3125550199")
    assert play.said.startswith("I know nobody by that number. Welcome")
    play.press("2", "3125550198", "2", "3125550197")
    assert play.end == do.ToPerson("wrong_keys", "")


def test_what_is_no_number_is_a_wrong_key() -> None:
    play = Play(number="").press("2", "123")
    assert play.said.startswith("Sorry, that is not one of the choices. Key your telephone")


def test_a_client_who_was_deleted_meanwhile() -> None:
    shop = Shop()
    shop.refuse[do.Choose] = ["unknown"]
    assert Play(shop).end == do.ToPerson("failed", "")


def test_a_keyed_number_hears_nothing_of_a_half_made_order() -> None:
    shop = Shop({7: client(draft=Draft("0b5e2f0a-53d9-4a8e-8f3b-222222222222", USUAL))})
    play = Play(shop, "").press("2", "3125550150")
    assert "half-made" not in play.said
