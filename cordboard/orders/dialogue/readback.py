"""The order is read back, confirmed, and placed; or something about it is changed.

What was read back is in the draft (location, price, way to pay, time): a confirmation counts only
while that is how things are. Otherwise what has changed is said, and it is read back anew.

What a regular heard with the suggestion a moment ago is not said twice while it holds: price,
place and time. The lines are, since their options were not.
"""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.acts import Place
from cordboard.orders.dialogue.checkout import leave
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import TWICE_S, Answered, Answers, Keys
from cordboard.orders.dialogue.where import address_said, billing_of, find, place_named
from cordboard.orders.dialogue.words import PAY, cannot, press, terms, where_and_when, whole
from cordboard.orders.draft import Draft
from cordboard.orders.phrases import money
from cordboard.orders.places import Choice
from cordboard.orders.pricing import price

CONFIRM, CHANGE, PLACE, TIME, LEAVE = "1", "2", "3", "4", "9"
#: Key -> the prompt at which it is changed.
CHANGES = {CHANGE: "change", PLACE: "places", TIME: "time"}
#: Times that an order may fail to be placed as it was read back.
MOST_RETRIES = 3


def _readback(talk: Talk) -> Ask | Move:
    draft, now_ = talk.memory.draft, _as_it_is(talk)
    if now_ is None:
        return talk.to("settle")
    if now_ != draft:
        said = _changed(talk, now_)
        offered = "" if said else talk.memory.offered
        return talk.to("readback", *said, draft=now_, offered=offered)
    return Ask(
        (
            *whole(draft.basket, talk.catalogue),
            *_terms(talk),
            f"Press {CONFIRM} to order.",
            PAY[draft.billing],
            f"To change it, {press(CHANGE)} For another location, {press(PLACE)}",
            f"For another time, {press(TIME)} To leave it, {press(LEAVE)}",
        ),
        Keys(deaf_s=TWICE_S),
    )


def _terms(talk: Talk) -> tuple[str, ...]:
    """Price, place and time, unless they were heard just now; all of it once nothing was keyed."""
    draft = talk.memory.draft
    choice = find(talk, draft.basket, draft.due_at)
    address = address_said(talk, draft.basket)
    where = where_and_when(draft.basket, choice, draft.due_at, talk.now, address)
    cost = money(draft.total_cents)
    if talk.memory.offered == terms(cost, where) and not talk.memory.misses:
        return ()
    return (f"{terms(f'{cost} with tax', where)}.",)


def _as_it_is(talk: Talk) -> Draft | None:
    """The draft with location, price and way to pay as they are now; None: it cannot be made."""
    draft = talk.memory.draft
    usable, dropped = talk.catalogue.usable(draft.basket)
    if dropped or usable != draft.basket or not usable.lines or not usable.method:
        return None
    choice = find(talk, usable, draft.due_at)
    if choice.place is None:
        return None
    ways = billing_of(talk)
    return replace(
        draft,
        basket=replace(usable, location=choice.place.code),
        total_cents=price(usable, talk.catalogue).total_cents,
        billing=draft.billing if draft.billing in ways else ways[0],
    )


def _changed(talk: Talk, now_: Draft) -> tuple[str, ...]:
    """What is other than it was wanted, or read back before."""
    before, said = talk.memory.draft, []
    if before.total_cents and before.total_cents != now_.total_cents:
        said.append("The price has changed.")
    said += _elsewhere(talk, find(talk, before.basket, before.due_at))
    return tuple(said)


def _elsewhere(talk: Talk, choice: Choice) -> list[str]:
    """Why it is not the location that was wanted."""
    code = talk.memory.basket.location or talk.client.preference.location
    place, why = place_named(talk, code), choice.turned_down.get(code)
    return [cannot(place, why)] if place and why else []


def _pressed(talk: Talk, digits: str) -> Move | None:
    if digits == CONFIRM:
        same = _as_it_is(talk) == talk.memory.draft
        return talk.to("placing" if same else "readback")
    if digits == LEAVE:
        return leave(talk, "menu", "All right, I left it.")
    return talk.to(CHANGES[digits], offered="") if digits in CHANGES else None


def _placing(talk: Talk) -> Ask:
    """Nothing is said meanwhile: it takes less time than the words for it."""
    return Ask((), Answers(), (Place(talk.memory.draft),))


def _placed(talk: Talk, answer: Answered) -> Move:
    if answer.refused:
        return _refused(talk, answer)
    draft = talk.memory.draft
    basket = replace(draft.basket, location=answer.location or draft.basket.location)
    ordered = replace(draft, basket=basket, due_at=answer.due_at or draft.due_at)
    memory = talk.memory.anew(talk.facts.call)
    return Move(replace(memory, at="done", ordered=ordered, number=answer.number))


def _refused(talk: Talk, answer: Answered) -> Move:
    """Said, and read back as it is now; not for ever."""
    memory = replace(talk.memory, retries=talk.memory.retries + 1, offered="")
    talk = replace(talk, memory=memory)
    if memory.retries >= MOST_RETRIES or answer.refused not in REFUSALS:
        return talk.person("failed")
    return REFUSALS[answer.refused](talk)


def _price_refused(talk: Talk) -> Move:
    """The facts have the new prices by now: ``_readback`` says so."""
    return talk.to("readback")


def _closed_refused(talk: Talk) -> Move:
    """That location is not asked again in this order."""
    place = place_named(talk, talk.memory.basket.location)
    said = (f"{place.name} cannot take it any more.",) if place else ()
    not_at = (*talk.memory.not_at, talk.memory.basket.location)
    memory = talk.memory.with_basket(location="")
    return Move(replace(memory, at="settle", not_at=not_at), said)


def _taken_refused(talk: Talk) -> Move:
    memory = talk.memory.anew(talk.facts.call)
    said = "That order has been finished elsewhere already."
    return Move(replace(memory, at="menu"), (said,))


def _late_refused(talk: Talk) -> Move:
    """The order that this one was to replace is on its way; whoever wants both orders anew."""
    memory = talk.memory.with_draft(replaces="")
    said = "Your last order is being made, it cannot be changed any more. This is a further one."
    return Move(replace(memory, at="readback"), (said,))


def _paid_refused(talk: Talk) -> Move:
    """The order that this one was to replace was paid meanwhile: nobody pays twice unasked."""
    memory = talk.memory.with_draft(replaces="")
    said = "Your last order is paid by now, so it stays as it is. This is a further one."
    return Move(replace(memory, at="readback"), (said,))


REFUSALS = {
    "price": _price_refused,
    "closed": _closed_refused,
    "taken": _taken_refused,
    "too_late": _late_refused,
    "paid": _paid_refused,
}

PROMPTS = {
    "readback": Prompt(_readback, _pressed),
    "placing": Prompt(_placing, answered=_placed),
}
