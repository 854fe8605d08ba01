"""What is usual for the client, speed dials, the way to everything else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue.acts import Act, SpeakWebCode
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Answered, Answers, Keys
from cordboard.orders.dialogue.where import find, zone_of
from cordboard.orders.dialogue.who import (
    SOMEBODY_ELSE,
    has_somebody_else,
    hello,
    somebody_else,
)
from cordboard.orders.dialogue.words import (
    briefly,
    contents,
    left_out,
    press,
    terms,
    total,
    where_and_when,
)
from cordboard.orders.dialogue.zero import not_zero, to_person
from cordboard.orders.phrases import spelled
from cordboard.orders.usual import usual

LIST, LAST_ORDER, SETTINGS, WEB_CODE, PERSON = "4", "5", "7", "8", "0"
#: Suggestions, each with a key of its own.
MOST_SUGGESTIONS = 3
#: Methods by which an order is made as soon as possible.
SOON = ("pick_up", "delivery")
#: ``*`` and one or two digits.
LONGEST_SPEED_DIAL = 3
_SPEED_DIAL = re.compile(r"\*([1-9][0-9]?)")
#: What is used instead of the client's own number proves too little for these.
_OWN_NUMBER_ONLY = "That only works from your own telephone number."


def _menu(talk: Talk) -> Move:
    """What is usual at this moment, of what can be had, is offered until an order is placed.

    Where something of a usual order was withdrawn, that is said.
    """
    history, catalogue = talk.client.history, talk.catalogue
    now = talk.now.astimezone(zone_of(talk))
    offered = [_anywhere(one.basket) for one in usual(history, now, MOST_SUGGESTIONS, catalogue)]
    wanted = usual(history, now, MOST_SUGGESTIONS)
    said = [left_out(catalogue.usable(one.basket)[1]) for one in wanted]
    draft = replace(talk.memory.draft, suggested=tuple(offered))
    return talk.to("main", *dict.fromkeys(chain(*said)), draft=draft)


def _anywhere(basket: Basket) -> Basket:
    """Where a delivery is made does not matter to the client: the nearest that can."""
    return replace(basket, location="") if basket.method == "delivery" else basket


def _main(talk: Talk) -> Ask | Move:
    suggested = talk.memory.draft.suggested
    if _withdrawn(talk, suggested):
        return talk.to("menu")
    say = (*_greeting(talk), *_offers(talk, suggested), *_others(talk))
    return Ask((*say, f"For a person, {press(PERSON)}"), Keys(LONGEST_SPEED_DIAL, "#", opens="*"))


def _withdrawn(talk: Talk, suggested: Sequence[Basket]) -> bool:
    """Whether something of what is suggested has no price any more."""
    return any(talk.catalogue.usable(basket)[1] for basket in suggested)


def _greeting(talk: Talk) -> list[str]:
    """Who has the usual every day knows after two seconds that it is this key."""
    name, first = talk.client.first_name, talk.memory.fresh
    if not talk.memory.draft.suggested:
        return [hello(talk)] if first else []
    return [f"{name}, press 1 for your usual." if first and name else "Press 1 for your usual."]


def _offers(talk: Talk, suggested: Sequence[Basket]) -> list[str]:
    """Without options, where that is enough to tell one from the other; the read-back has all."""
    brief = [briefly(basket, talk.catalogue) for basket in suggested]
    whole = [contents(basket, talk.catalogue) for basket in suggested]
    # The same thing in two places has one name: the place tells one from the other.
    meant = set(zip(brief, whole, strict=True))
    alike = Counter(name for name, _ in meant)
    names = [b if alike[b] == 1 else w for b, w in zip(brief, whole, strict=True)]
    about = [
        f"{name}, {_terms(talk, basket)}" for name, basket in zip(names, suggested, strict=True)
    ]
    others = [f"For {one}, {press(str(key))}" for key, one in enumerate(about[1:], start=2)]
    return [*(f"{one}." for one in about[:1]), *others]


def _terms(talk: Talk, basket: Basket) -> str:
    """What it costs, where and when; the time of an appointment is asked, once it is taken."""
    soon = basket.method in SOON
    where = where_and_when(basket, find(talk, basket, None), None, talk.now) if soon else ""
    return terms(total(basket, talk.catalogue), where)


def _heard(talk: Talk, number: int) -> str:
    """Price, place and time of a suggestion, if they were heard just now and are still the same."""
    suggested = talk.memory.draft.suggested
    if _withdrawn(talk, suggested):
        return ""
    offer = _offers(talk, suggested)[number - 1]
    return _terms(talk, suggested[number - 1]) if offer in talk.heard else ""


def _others(talk: Talk) -> list[str]:
    say = [f"For the list, {press(LIST)}"]
    if talk.client.last_order and not talk.memory.keyed:
        say.append(f"For your last order, {press(LAST_ORDER)}")
    if talk.client.speed_dials:
        say.append("For a speed dial, press star, its number and pound.")
    if not talk.memory.keyed:
        say.append(f"For your settings, {press(SETTINGS)} For a web code, {press(WEB_CODE)}")
    if has_somebody_else(talk):
        say.append(f"For somebody else, {press(SOMEBODY_ELSE)}")
    return say


def _main_pressed(talk: Talk, digits: str) -> Move | None:
    if not digits and has_somebody_else(talk):
        # The pound key alone.
        return somebody_else(talk)
    acts = not_zero(talk)
    suggested = talk.memory.draft.suggested
    if digits.isdecimal() and 1 <= int(digits) <= len(suggested):
        heard = _heard(talk, int(digits))
        return _take(talk, suggested[int(digits) - 1], acts, int(digits), heard)
    if number := _SPEED_DIAL.fullmatch(digits):
        return _dial(talk, int(number[1]), acts)
    if digits == LIST:
        return talk.to("category", acts=acts, fresh=False)
    if digits in (SETTINGS, WEB_CODE, LAST_ORDER):
        return _own(talk, digits, acts)
    return None


def _own(talk: Talk, digits: str, acts: tuple[Act, ...]) -> Move | None:
    """What only a call from the client's own number may do."""
    if talk.memory.keyed:
        return talk.to("main", _OWN_NUMBER_ONLY, fresh=False)
    if digits == LAST_ORDER:
        there = talk.client.last_order is not None
        return talk.to("last_order", acts=acts, fresh=False) if there else None
    return talk.to("settings" if digits == SETTINGS else "web_code", acts=acts, fresh=False)


def _take(
    talk: Talk, basket: Basket, acts: tuple[Act, ...], suggestion: int = 0, heard: str = ""
) -> Move:
    """A whole order at once; it still has to be read back."""
    draft = replace(talk.memory.draft, basket=basket, suggestion=suggestion, total_cents=0)
    return talk.to("settle", draft=draft, acts=acts, fresh=False, timed=True, offered=heard)


def _dial(talk: Talk, number: int, acts: tuple[Act, ...]) -> Move:
    basket = talk.client.speed_dials.get(number)
    if basket is None:
        return talk.to("main", f"Star {number} is not assigned.", acts=acts, fresh=False)
    return _take(talk, basket, acts)


def _web_code(_talk: Talk) -> Ask:
    return Ask((), Answers(), (SpeakWebCode(),))


def _web_code_made(talk: Talk, answer: Answered) -> Move:
    if answer.refused or not answer.code:
        return talk.to("main", "Sorry, I cannot make a code now.")
    code = spelled(answer.code)
    return talk.to("main", f"Your code is {code}. Again: {code}. It is good for ten minutes.")


PROMPTS = {
    "menu": Prompt(_menu),
    "main": Prompt(_main, _main_pressed, person=to_person),
    "web_code": Prompt(_web_code, answered=_web_code_made),
}
