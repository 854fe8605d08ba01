"""A new client is welcomed and enrolled by keys and recordings."""

from __future__ import annotations

import pytest

from cordboard.orders.dialogue import Record
from cordboard.orders.dialogue import acts as do
from support.order_world import ROSA_PHONE, Shop, client
from support.ordering import Play

NEW_PHONE = "+13125550177"


def enrolling(number: str = NEW_PHONE) -> Play:
    return Play(number=number).press("1")


def at_postcode() -> Play:
    return enrolling().press("1").record().record()


def test_a_new_client_is_enrolled_and_orders() -> None:
    play = Play(number=NEW_PHONE)
    assert play.said.startswith("Welcome to Corner Pantry. To order for the first time, press 1.")
    play.press("1")
    assert play.said.startswith("May we call you at 1 3 1 2 5 5 5 0 1 7 7? For yes, press 1.")
    play.press("1")
    assert play.step.turn.then == Record("name", 8.0)
    play.record()
    assert play.step.turn.then == Record("address", 15.0)
    play.record()
    assert play.said == "Key your postcode, and pound."
    play.press("60601")
    assert play.said.startswith("6 0 6 0 1, Chicago. If that is right, press 1.")
    play.press("1")
    assert play.said == "To pick up what you order, press 1. For delivery, press 2."
    play.press("2")
    assert play.shop.audio == ["name", "address"]
    assert play.shop.enrolled == [do.Enrol(NEW_PHONE, "60601", "delivery", "on_delivery")]
    assert play.said.startswith(
        "Thank you, you are a client now. You pay when you get it. You can order at once. For"
    )

    play.press("1", "2", "", "2")
    assert play.said == "For delivery, press 1. To pick it up, press 2."
    play.press("1", "1")
    assert "delivered by Loop" in play.said
    assert "You pay when you get it." in play.said
    play.press("1")
    assert len(play.shop.placed) == 1


@pytest.mark.parametrize(
    ("key", "billing", "said"),
    [
        ("1", "on_delivery", "You pay when you get it."),
        ("2", "payment_link", "You get links to pay as soon as we know your e-mail address."),
    ],
)
def test_how_to_pay_is_asked_where_there_is_a_choice(key: str, billing: str, said: str) -> None:
    play = Play(Shop(by_link=True), number=NEW_PHONE).press("1", "1").record().record()
    play.press("60601", "1", "1")
    assert play.said == "To pay when you get it, press 1. To pay on a web page, press 2."
    assert play.press("3").said.startswith("Sorry, that is not one of the choices.")
    play.press(key)
    assert [enrolled.billing for enrolled in play.shop.enrolled] == [billing]
    assert said in play.said


def test_another_number_to_call_back() -> None:
    play = enrolling().press("2", "7735550123")
    assert play.said.startswith("May we call you at 1 7 7 3 5 5 5 0 1 2 3?")
    play.press("1")
    assert play.memory.enrolling.number == "+17735550123"


def test_without_a_number_one_is_keyed() -> None:
    play = enrolling("")
    assert play.said.startswith("Key the number to call you at")
    assert play.press("7735550123").said.startswith("May we call you at 1 7 7 3")


@pytest.mark.parametrize(("number", "keyed"), [("", True), (NEW_PHONE, False)])
def test_who_enrolled_without_a_number_has_proved_none(number: str, keyed: bool) -> None:
    play = enrolling(number).press(*(["7735550123"] if keyed else []), "1").record().record()
    play.press("60601", "1", "1", "1")
    assert len(play.shop.enrolled) == 1
    assert play.memory.keyed is keyed


def test_who_enrols_after_another_number_was_keyed_is_not_one_of_its_clients() -> None:
    """Two have the keyed number; the call's own number has nobody but the new client."""
    shop = Shop({7: client(), 8: client(id=8, first_name="Ben")}, {ROSA_PHONE: [7, 8]})
    play = Play(shop, NEW_PHONE).press("2", "3125550150")
    assert "For Ben, press 2." in play.said
    play.press("#", "1", "1").record().record().press("60601", "1", "1")
    assert play.memory.looked_up == ""
    play.press("*")
    assert "For somebody else, press pound." in play.said
    assert play.press("").said.startswith("Welcome to Corner Pantry.")
    assert play.did(do.Choose) == []


@pytest.mark.parametrize("keys", ["12", "5550123", "0000000000", ""])
def test_a_number_nobody_can_have(keys: str) -> None:
    assert enrolling("").press(keys).said.startswith("Sorry, that is not one of the choices. Key")


def test_a_silent_recording_is_asked_again_once() -> None:
    play = enrolling().press("1").record(silent=True)
    assert play.said.startswith("I heard nothing. After the tone, say your first")
    play.record(silent=True)
    assert play.said.startswith("All right, we will ask you later. After the tone, say your street")
    assert play.shop.audio == []
    play.record(silent=True).record()
    assert play.shop.audio == ["address"]


def test_a_postcode_that_does_not_exist_is_said() -> None:
    play = at_postcode().press("00000")
    assert play.said.startswith("There is no postcode 0 0 0 0 0. Key your postcode")
    play.press("60601", "2", "60614")
    assert play.said.startswith("6 0 6 1 4, Chicago.")


def test_three_postcodes_that_do_not_exist_lead_to_a_person() -> None:
    play = at_postcode().press("00000", "00001", "00002")
    assert play.end == do.ToPerson("wrong_keys", "")


def test_four_further_digits_are_no_matter() -> None:
    assert at_postcode().press("606011234").said.startswith("6 0 6 0 1, Chicago.")


def test_zero_in_a_recording_is_a_person() -> None:
    assert enrolling().press("1", "0").end == do.ToPerson("asked", "")


def test_an_enrolment_that_fails_leads_to_a_person() -> None:
    play = at_postcode().press("60601", "1")
    play.shop.refuse[do.Enrol] = ["failed"]
    assert play.press("1").end == do.ToPerson("failed", "")


def test_a_crash_in_the_middle_goes_on_where_it_was() -> None:
    play = at_postcode().press("60601").crash()
    assert play.said.startswith("6 0 6 0 1, Chicago.")
    play.press("1", "1", "1")
    assert play.shop.enrolled == [do.Enrol(NEW_PHONE, "60601", "pick_up", "on_delivery")]
