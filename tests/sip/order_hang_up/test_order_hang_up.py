"""Wherever a client hangs up, nothing is half-ordered, and the next call offers to go on."""

from __future__ import annotations

import pytest

from support.database import Json
from support.regulars import CROISSANTS, FLAT_WHITE, Regular, Shop

Answers = tuple[tuple[str, str], ...]

LIST: Answers = (("main", "4"),)
GOODS: Answers = (*LIST, ("category", "2"))
QUANTITY: Answers = (*GOODS, ("goods", "3"))
MORE: Answers = (*QUANTITY, ("quantity", "#"))
METHOD: Answers = (*MORE, ("more", "2"))
TIME: Answers = (*METHOD, ("method", "1"))
DAY: Answers = (*TIME, ("time", "2"))
READBACK: Answers = (("main", "1"),)
CHANGE: Answers = (*READBACK, ("readback", "2"))

#: Prompt -> what leads there; nothing is in the order yet.
NOT_BEGUN: dict[str, Answers] = {
    "main": (),
    "category": LIST,
    "goods": GOODS,
    "option": (*LIST, ("category", "1"), ("goods", "1")),
    "quantity": QUANTITY,
    "settings": (("main", "7"),),
    "my_name": (("main", "7"), ("settings", "3")),
}
#: The same; something is.
BEGUN: dict[str, Answers] = {
    "more": MORE,
    "method": METHOD,
    "time": TIME,
    "day": DAY,
    "clock": (*DAY, ("day", "2")),
    "readback": READBACK,
    "closed": READBACK,
    "places": (*READBACK, ("readback", "3")),
    "change": CHANGE,
    "take_out": (*CHANGE, ("change", "2")),
    "billing": (*CHANGE, ("change", "4")),
}
#: The same, for somebody new who has recorded nothing yet.
STRANGER: dict[str, Answers] = {
    "new": (),
    "key_number": (("new", "2"),),
    "enrol_number": (("new", "1"),),
    "enrol_name": (("new", "1"), ("enrol_number", "1")),
}
#: The same, once name and address are recorded.
RECORDED: dict[str, Answers] = {
    "enrol_postcode": (),
    "enrol_sure": (("enrol_postcode", "60601#"),),
    "enrol_method": (("enrol_postcode", "60601#"), ("enrol_sure", "1")),
    "enrol_billing": (("enrol_postcode", "60601#"), ("enrol_sure", "1"), ("enrol_method", "1")),
}


@pytest.fixture
def rosa(shop: Shop) -> Regular:
    """A regular, to whom a link to pay can be sent."""
    rosa = shop.client("Rosa", FLAT_WHITE, FLAT_WHITE)
    shop.given.changed("customer", {"id": rosa.id}, email="rosa@example.com")
    return rosa


def leaves_at(shop: Shop, number: str, prompt: str, answers: Answers) -> Json:
    """Somebody calls, comes to this prompt, and hangs up."""
    call = shop.dial(number)
    call.goes(*answers)
    call.hears(prompt)
    return call.leaves("abandoned_ivr")


def states(rosa: Regular) -> list[str]:
    return [order["state"] for order in rosa.orders()]


def test_during_the_welcome(shop: Shop, rosa: Regular) -> None:
    call = shop.call(rosa)
    call.leaves("abandoned_ivr")
    assert states(rosa) == []


@pytest.mark.parametrize("prompt", NOT_BEGUN)
def test_before_anything_is_in_the_order(shop: Shop, rosa: Regular, prompt: str) -> None:
    record = leaves_at(shop, rosa.number, prompt, NOT_BEGUN[prompt])
    assert record["customer"], "it is known who called"
    assert states(rosa) == []
    leaves_at(shop, rosa.number, "main", ())


@pytest.mark.parametrize("prompt", BEGUN)
def test_with_something_in_the_order(shop: Shop, rosa: Regular, prompt: str) -> None:
    if prompt == "closed":
        shop.all_closed()
    leaves_at(shop, rosa.number, prompt, BEGUN[prompt])
    (begun,) = rosa.orders()
    assert (begun["state"], begun["placed_at"]) == ("draft", None)

    leaves_at(shop, rosa.number, "resume", ())
    again = shop.call(rosa)
    again.goes(("resume", "1"))
    assert again.hears("more")["draft"]["order"] == str(begun["id"]), "it is offered once more"
    again.leaves("abandoned_ivr")
    assert states(rosa) == ["draft"]


@pytest.mark.parametrize(
    ("prompt", "rest"), [("more", (("method", "1"), ("time", "1"))), ("readback", ())]
)
def test_the_next_call_goes_on_to_the_end(
    shop: Shop, rosa: Regular, prompt: str, rest: Answers
) -> None:
    leaves_at(shop, rosa.number, prompt, BEGUN[prompt])
    again = shop.call(rosa)
    again.goes(("resume", "1"), ("more", "2"), *rest, ("readback", "1"))
    again.hears("done")
    again.leaves("automated")
    assert states(rosa) == ["placed"]


def test_once_it_is_placed_it_stays(shop: Shop, rosa: Regular) -> None:
    """Whatever the client then looks at; a change counts when it is confirmed, and not before."""
    first = shop.call(rosa)
    first.goes(("main", "1"), ("readback", "1"))
    first.hears("done")
    first.leaves("automated")
    last = ("main", "5")
    leaves_at(shop, rosa.number, "last_order", (last,))
    leaves_at(shop, rosa.number, "cancel_sure", (last, ("last_order", "2")))
    assert states(rosa) == ["placed"]
    leaves_at(shop, rosa.number, "change", (last, ("last_order", "1")))
    assert states(rosa) == ["placed", "draft"]
    leaves_at(shop, rosa.number, "resume", ())


def test_among_those_who_share_a_number(shop: Shop, rosa: Regular) -> None:
    ben = shop.client("Ben", CROISSANTS, number=rosa.number)
    record = leaves_at(shop, rosa.number, "who", ())
    assert record["customer"] is None, "nobody said who it is"
    assert states(rosa) == states(ben) == []
    leaves_at(shop, rosa.number, "readback", (("who", "1"), *READBACK))
    assert states(rosa) == ["draft"]
    leaves_at(shop, rosa.number, "main", (("who", "2"),))
    leaves_at(shop, rosa.number, "resume", (("who", "1"),))


@pytest.mark.parametrize("prompt", STRANGER)
def test_somebody_new(shop: Shop, prompt: str) -> None:
    number = shop.number()
    leaves_at(shop, number, prompt, STRANGER[prompt])
    is_nobody(shop, number)


def test_somebody_new_whose_number_is_withheld(shop: Shop) -> None:
    before = shop.database.value("SELECT count(*) FROM enrolment")
    leaves_at(shop, "", "enrol_key", (("new", "1"),))
    assert shop.database.value("SELECT count(*) FROM enrolment") == before


def test_whoever_wants_a_person_and_does_not_wait(shop: Shop) -> None:
    gwen = shop.client("Gwen", FLAT_WHITE, no_automation=True)
    leaves_at(shop, gwen.number, "straight", ())
    assert states(gwen) == []


@pytest.mark.parametrize("prompt", RECORDED)
def test_somebody_new_who_has_recorded_name_and_address(shop: Shop, prompt: str) -> None:
    number = shop.number()
    call = shop.dial(number)
    call.goes(*STRANGER["enrol_name"])
    for spoken in ("enrol_name", "enrol_address"):
        call.says_at(spoken, seconds=0.5)
    call.goes(*RECORDED[prompt])
    call.hears(prompt)
    call.leaves("abandoned_ivr")
    is_nobody(shop, number)


def test_somebody_new_in_the_middle_of_a_recording(shop: Shop) -> None:
    number = shop.number()
    call = shop.dial(number)
    call.goes(*STRANGER["enrol_name"])
    call.hears("enrol_name")
    call.records()
    call.caller.media.speak(440)
    call.leaves("abandoned_ivr")
    is_nobody(shop, number)


def is_nobody(shop: Shop, number: str) -> None:
    """The number is no client's, no recording stays, and the next call begins anew."""
    assert not shop.database.rows("SELECT FROM customer_phone WHERE number = %s", number)
    assert not shop.database.rows("SELECT FROM enrolment WHERE number = %s", number)
    assert shop.given.switch.recordings() == []
    leaves_at(shop, number, "new", ())
