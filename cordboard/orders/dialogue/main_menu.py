"""The client is known: a half-made order of before, the usual orders, and everything else."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue.acts import Act, CountZero, DropDraft, SpeakWebCode, TakeDraft
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Answered, Answers, Keys
from cordboard.orders.dialogue.where import find, zone_of
from cordboard.orders.dialogue.who import hello
from cordboard.orders.dialogue.words import contents, left_out, press, total, where_and_when
from cordboard.orders.facts import ZEROS
from cordboard.orders.phrases import spelled
from cordboard.orders.usual import usual

LIST, LAST_ORDER, SETTINGS, WEB_CODE, PERSON = "4", "5", "7", "8", "0"
GO_ON, ANEW = "1", "2"
#: Suggestions, each with a key of its own.
MOST_SUGGESTIONS = 3
#: Methods by which an order is made as soon as possible.
SOON = ("pick_up", "delivery")
#: ``*`` and one or two digits.
LONGEST_SPEED_DIAL = 3
_SPEED_DIAL = re.compile(r"\*([1-9][0-9]?)")
_BUSY = "Somebody else is busy with that order."
#: What is used instead of the client's own number proves too little for these.
_OWN_NUMBER_ONLY = "That only works from your own telephone number."


def _start(talk: Talk) -> Move:
    """An order that was left half-made comes first."""
    there = talk.client.draft is not None and talk.memory.fresh and not talk.memory.keyed
    return talk.to("resume" if there else "menu")


def _resume(talk: Talk) -> Ask | Move:
    draft = talk.client.draft
    if draft is None:
        return talk.to("menu")
    basket, _ = talk.catalogue.usable(draft.basket)
    if not basket.lines:
        return talk.to("menu", acts=(DropDraft(draft.order),))
    return Ask(
        (
            f"{hello(talk)} You have a half-made order: {contents(basket, talk.catalogue)}.",
            f"To go on with it, {press(GO_ON)} To begin anew, {press(ANEW)}",
        ),
        Keys(),
    )


def _resume_pressed(talk: Talk, digits: str) -> Move | None:
    draft = talk.client.draft
    if digits not in (GO_ON, ANEW):
        return None
    if draft is None:
        return talk.to("menu", _BUSY, fresh=False)
    if digits == ANEW:
        return talk.to("menu", acts=(*_not_zero(talk), DropDraft(draft.order)), fresh=False)
    return talk.to("taking", acts=_not_zero(talk), fresh=False, along=draft.order)


def _taking(talk: Talk) -> Ask:
    """``memory.along`` is the order: facts that are read while this call holds it do not tell."""
    return Ask((), Answers(), (TakeDraft(talk.memory.along),))


def _taken(talk: Talk, answer: Answered) -> Move:
    draft = talk.client.draft
    if answer.refused or draft is None:
        return talk.to("menu", _BUSY, along="")
    return talk.to("more", draft=replace(draft, total_cents=0), along="")


def _resume_person(talk: Talk) -> Move:
    draft = talk.client.draft
    return _to_person(talk, draft.order if draft else "")


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
    if any(talk.catalogue.usable(basket)[1] for basket in suggested):
        return talk.to("menu")
    offers = [_offer(talk, n, basket) for n, basket in enumerate(suggested, 1)]
    if talk.memory.fresh and not (offers and talk.client.first_name):
        offers.insert(0, hello(talk))
    # The usual order is heard first: whoever wants it has pressed 1 before the rest is said.
    say = (*offers, *_others(talk), f"For a person, {press(PERSON)}")
    return Ask(say, Keys(LONGEST_SPEED_DIAL, "#", opens="*"))


def _offer(talk: Talk, key: int, basket: Basket) -> str:
    about = [contents(basket, talk.catalogue), total(basket, talk.catalogue)]
    # The time of an appointment is asked, once it is taken.
    choice = find(talk, basket, None) if basket.method in SOON else None
    if choice and choice.place:
        about.append(where_and_when(basket, choice, None, talk.now))
    return f"{_begin(talk, key)} {', '.join(about)}, {press(str(key))}"


def _begin(talk: Talk, key: int) -> str:
    """Greeting and first offer in one sentence, which is to be over within eight seconds."""
    if key > 1:
        return "For"
    name = talk.client.first_name
    return f"{name}, your usual" if talk.memory.fresh and name else "Your usual"


def _others(talk: Talk) -> list[str]:
    say = [f"For the list, {press(LIST)}"]
    if talk.client.last_order and not talk.memory.keyed:
        say.append(f"For your last order, {press(LAST_ORDER)}")
    if talk.client.speed_dials:
        say.append("For a speed dial, press star, its number and pound.")
    if not talk.memory.keyed:
        say.append(f"For your settings, {press(SETTINGS)} For a web code, {press(WEB_CODE)}")
    return say


def _main_pressed(talk: Talk, digits: str) -> Move | None:
    acts = _not_zero(talk)
    suggested = talk.memory.draft.suggested
    if digits.isdecimal() and 1 <= int(digits) <= len(suggested):
        return _take(talk, suggested[int(digits) - 1], acts, int(digits))
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


def _take(talk: Talk, basket: Basket, acts: tuple[Act, ...], suggestion: int = 0) -> Move:
    """A whole order at once; it still has to be read back."""
    draft = replace(talk.memory.draft, basket=basket, suggestion=suggestion, total_cents=0)
    return talk.to("settle", draft=draft, acts=acts, fresh=False, timed=True)


def _dial(talk: Talk, number: int, acts: tuple[Act, ...]) -> Move:
    basket = talk.client.speed_dials.get(number)
    if basket is None:
        return talk.to("main", f"Star {number} is not assigned.", acts=acts, fresh=False)
    return _take(talk, basket, acts)


def _main_person(talk: Talk) -> Move:
    return _to_person(talk)


def _to_person(talk: Talk, order: str = "") -> Move:
    """0 at once is counted: who does it three times in a row wants no automation."""
    if not talk.memory.fresh or talk.memory.keyed:
        return talk.person("asked", order=order)
    move = talk.person("asked", order=order)
    said: tuple[str, ...] = ()
    if talk.client.preference.zero_at_once + 1 >= ZEROS:
        said = ("From now on, your calls go straight to a person.",)
    return replace(move, say=said, acts=(CountZero(True),))


def _not_zero(talk: Talk) -> tuple[Act, ...]:
    """Something else than 0 was the first key: it is counted from nothing again."""
    counted = talk.client.preference.zero_at_once > 0
    return (CountZero(False),) if talk.memory.fresh and counted and not talk.memory.keyed else ()


def _web_code(_talk: Talk) -> Ask:
    return Ask((), Answers(), (SpeakWebCode(),))


def _web_code_made(talk: Talk, answer: Answered) -> Move:
    if answer.refused or not answer.code:
        return talk.to("main", "Sorry, I cannot make a code now.")
    code = spelled(answer.code)
    return talk.to("main", f"Your code is {code}. Again: {code}. It is good for ten minutes.")


PROMPTS = {
    "start": Prompt(_start),
    "resume": Prompt(_resume, _resume_pressed, person=_resume_person),
    "taking": Prompt(_taking, answered=_taken),
    "menu": Prompt(_menu),
    "main": Prompt(_main, _main_pressed, person=_main_person),
    "web_code": Prompt(_web_code, answered=_web_code_made),
}
