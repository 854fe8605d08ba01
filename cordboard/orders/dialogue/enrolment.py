"""A new client: number to call back, name and address recorded, postcode, delivery and billing.

No card is ever asked for. What is recorded is typed later, by an agent or by the client, and with
it the e-mail address to which a link to pay goes; orders until then are paid on the spot.
"""

from __future__ import annotations

from dataclasses import replace

from cordboard.dialled_number import read_number
from cordboard.orders import postcodes
from cordboard.orders.dialogue.acts import Enrol, KeepAudio
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import NUMBER, Answered, Answers, Keys, Record, Recorded
from cordboard.orders.dialogue.who import LONGEST_NUMBER
from cordboard.orders.dialogue.words import PAY, press
from cordboard.orders.phrases import spelled

YES, OTHER = "1", "2"
#: What is recorded -> how it is asked for, and the longest answer in seconds.
_RECORDED = {
    "name": ("After the tone, say your first and last name, then press pound.", 8.0),
    "address": ("After the tone, say your street, number and city, then press pound.", 15.0),
}
#: What is recorded -> the prompt after it.
_AFTER = {"name": "enrol_address", "address": "enrol_postcode"}
#: Longest postcode that can be keyed: a ZIP code with its four further digits.
LONGEST_POSTCODE = 9
#: Delivery methods that a new client can choose.
METHODS = {"1": "pick_up", "2": "delivery"}
#: Ways to pay that a new client can choose; the account comes later.
ON_THE_SPOT, BY_LINK = "1", "2"
BILLING = {ON_THE_SPOT: "on_delivery", BY_LINK: "payment_link"}
_PAID = {
    "on_delivery": PAY["on_delivery"],
    "payment_link": "You get links to pay as soon as we know your e-mail address.",
}


def _number(talk: Talk) -> Ask | Move:
    """The number of the call, or the one that was keyed, is confirmed."""
    number = talk.memory.enrolling.number or talk.facts.number
    if not number:
        return talk.to("enrol_key")
    asked = f"May we call you at {spelled(number)}? For yes, {press(YES)}"
    return Ask((asked, f"For another number, {press(OTHER)}"), Keys())


def _number_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == OTHER:
        return talk.to("enrol_key")
    number = talk.memory.enrolling.number or talk.facts.number
    if digits != YES or not number:
        return None
    return talk.to("enrol_name", enrolling=talk.memory.enrolling.with_number(number))


def _key(_talk: Talk) -> Ask:
    return Ask(
        ("Key the number to call you at, with its area code, and pound.",),
        Keys(LONGEST_NUMBER, "#", think_s=8.0, opens=NUMBER),
    )


def _keyed(talk: Talk, digits: str) -> Move | None:
    number = read_number(digits, talk.facts.shop.country)
    if number is None:
        return None
    return talk.to("enrol_number", enrolling=talk.memory.enrolling.with_number(number.e164))


def _ask_for(what: str) -> Prompt:
    """The prompt at which ``what`` is recorded; silence is asked about once, then let be."""
    words, longest_s = _RECORDED[what]

    def recorded(talk: Talk, recording: Recorded) -> Move:
        enrolling = talk.memory.enrolling
        if not recording.silent:
            after = replace(enrolling, asked_again=False)
            return talk.to(_AFTER[what], enrolling=after, acts=(KeepAudio(what),))
        if enrolling.asked_again:
            return _without(talk, what)
        again = replace(enrolling, asked_again=True)
        return talk.to(f"enrol_{what}", "I heard nothing.", enrolling=again)

    return Prompt(
        lambda _talk: Ask((words,), Record(what, longest_s)),
        pressed=lambda talk, _digits: recorded(talk, Recorded(what, 0.0, silent=True)),
        recorded=recorded,
        silent=lambda talk: recorded(talk, Recorded(what, 0.0, silent=True)),
    )


def _without(talk: Talk, what: str) -> Move:
    after = replace(talk.memory.enrolling, asked_again=False)
    return talk.to(_AFTER[what], "All right, we will ask you later.", enrolling=after)


def _postcode(_talk: Talk) -> Ask:
    return Ask(("Key your postcode, and pound.",), Keys(LONGEST_POSTCODE, "#", opens="0" + NUMBER))


def _postcode_pressed(talk: Talk, digits: str) -> Move | None:
    """Where postcodes are known it has to be one; elsewhere any digits are."""
    country = talk.facts.shop.country
    if not digits.isdecimal():
        return None
    if postcodes.covers(country):
        area = postcodes.area(country, digits)
        if area is None:
            return _unknown(talk, digits)
        digits = area.postcode
    return talk.to("enrol_sure", enrolling=replace(talk.memory.enrolling, postcode=digits))


def _unknown(talk: Talk, digits: str) -> Move:
    """Said; who keys three of them gets a person. There is no order yet to use ``retries``."""
    retries = talk.memory.retries + 1
    if retries >= MOST_POSTCODES:
        return talk.person("wrong_keys")
    said = f"There is no postcode {spelled(digits)}."
    return talk.to("enrol_postcode", said, retries=retries)


#: Postcodes that do not exist, in one enrolment.
MOST_POSTCODES = 3


def _sure(talk: Talk) -> Ask:
    code = talk.memory.enrolling.postcode
    area = postcodes.area(talk.facts.shop.country, code)
    city = f", {area.city}" if area else ""
    asked = f"{spelled(code)}{city}. If that is right, {press(YES)}"
    return Ask((asked, f"For another postcode, {press(OTHER)}"), Keys())


def _sure_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == OTHER:
        return talk.to("enrol_postcode")
    return talk.to("enrol_method") if digits == YES else None


def _method(_talk: Talk) -> Ask:
    return Ask((f"To pick up what you order, {press('1')} For delivery, {press('2')}",), Keys())


def _method_pressed(talk: Talk, digits: str) -> Move | None:
    if digits not in METHODS:
        return None
    return talk.to(
        "enrol_billing", enrolling=replace(talk.memory.enrolling, method=METHODS[digits])
    )


def _billing(talk: Talk) -> Ask | Move:
    """Asked where there is a choice: somebody takes payments by a link."""
    if not talk.facts.shop.by_link:
        return _pays(talk, ON_THE_SPOT)
    pay = f"To pay when you get it, {press(ON_THE_SPOT)} To pay on a web page, {press(BY_LINK)}"
    return Ask((pay,), Keys())


def _billing_pressed(talk: Talk, digits: str) -> Move | None:
    return _pays(talk, digits) if digits in BILLING else None


def _pays(talk: Talk, digit: str) -> Move:
    return talk.to("enrolling", enrolling=replace(talk.memory.enrolling, billing=BILLING[digit]))


def _enrolling(talk: Talk) -> Ask:
    told = talk.memory.enrolling
    act = Enrol(told.number, told.postcode, told.method, told.billing, talk.memory.count)
    return Ask((), Answers(), (act,))


def _enrolled(talk: Talk, answer: Answered) -> Move:
    """Straight to the list: nothing is usual yet. The call's number proves who it is, if any."""
    if answer.refused or talk.facts.client is None:
        return talk.person("failed")
    return talk.to(
        "category",
        "Thank you, you are a client now.",
        _PAID[talk.memory.enrolling.billing],
        "You can order at once.",
        keyed=not talk.facts.number,
        looked_up="",
        fresh=False,
        retries=0,
    )


PROMPTS = {
    "enrol_number": Prompt(_number, _number_pressed),
    "enrol_key": Prompt(_key, _keyed),
    "enrol_name": _ask_for("name"),
    "enrol_address": _ask_for("address"),
    "enrol_postcode": Prompt(_postcode, _postcode_pressed),
    "enrol_sure": Prompt(_sure, _sure_pressed),
    "enrol_method": Prompt(_method, _method_pressed),
    "enrol_billing": Prompt(_billing, _billing_pressed),
    "enrolling": Prompt(_enrolling, answered=_enrolled),
}
