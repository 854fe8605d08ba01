"""The order that was placed last: what became of it; to be changed or cancelled for a while."""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.acts import Cancel
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import TWICE_S, Answered, Answers, Keys
from cordboard.orders.dialogue.where import find, place_named
from cordboard.orders.dialogue.words import contents, press
from cordboard.orders.facts import LastOrder
from cordboard.orders.phrases import money, spelled, when

CHANGE, CANCEL, BACK = "1", "2", "*"
YES, NO = "1", "2"
_PAID = "You have paid it, so it cannot be changed. Cancel it, and order anew."
_TOO_LATE = "It is being made already, so it cannot be changed any more."
#: State -> what is said of it.
_STATES = {
    "placed": "was received",
    "accepted": "is being made",
    "ready": "is ready",
    "handed_over": "was handed over",
    "cancelled": "was cancelled",
}
#: States in which it still matters when it is ready.
_COMING = ("placed", "accepted")


def _last_order(talk: Talk) -> Ask | Move:
    last = talk.client.last_order
    if last is None:
        return talk.to("main", "You have not ordered yet.")
    said = _told(talk, last)
    if not last.changeable(talk.now):
        return talk.to("main", *said)
    change = "You have paid it." if last.paid else f"To change it, {press(CHANGE)}"
    back = " and get your money back" if last.paid else ""
    ways = f"{change} To cancel it{back}, {press(CANCEL)}"
    return Ask((*said, ways, f"To go back, {press(BACK)}"), Keys())


def _told(talk: Talk, last: LastOrder) -> tuple[str, ...]:
    what = f"{contents(last.basket, talk.catalogue)}, {money(last.total_cents)}"
    state = "waits for a location" if last.needs_agent else _STATES.get(last.state, "was received")
    said = f"Order {spelled(str(last.number))}, {what}, {state}"
    place = place_named(talk, last.basket.location)
    if last.state not in _COMING or place is None or last.needs_agent:
        return (f"{said}.",)
    at = when(last.due_at.astimezone(place.zone), talk.now)
    return (f"{said}, for {place.name} {at}.",)


def _pressed(talk: Talk, digits: str) -> Move | None:
    last = talk.client.last_order
    if digits == BACK or last is None:
        return talk.to("main")
    if digits not in (CHANGE, CANCEL):
        return None
    if not last.changeable(talk.now):
        return talk.to("main", _TOO_LATE)
    if digits == CANCEL:
        return talk.to("cancel_sure")
    return talk.to("last_order", _PAID) if last.paid else _begin_change(talk, last)


def _begin_change(talk: Talk, last: LastOrder) -> Move:
    """A new order that takes the place of the old one when it is placed, and not before.

    It goes where the old one went, and its time is kept where it can still be met.
    """
    basket, _ = talk.catalogue.usable(last.basket)
    draft = replace(
        talk.memory.draft, basket=basket, suggestion=0, replaces=last.order, address=last.address
    )
    talk = replace(talk, memory=replace(talk.memory, draft=draft))
    draft = replace(draft, due_at=last.due_at if _in_time(talk, last) else None)
    return talk.to("change" if basket.lines else "settle", draft=draft, timed=True)


def _in_time(talk: Talk, last: LastOrder) -> bool:
    basket = talk.memory.basket
    return bool(basket.method) and find(talk, basket, last.due_at).place is not None


def _cancel_sure(talk: Talk) -> Ask | Move:
    last = talk.client.last_order
    if last is None:
        return talk.to("main")
    number = spelled(str(last.number))
    return Ask(
        (f"To cancel order {number}, {press(YES)} To keep it, {press(NO)}",), Keys(deaf_s=TWICE_S)
    )


def _cancel_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == YES:
        return talk.to("cancelling")
    return talk.to("main", "All right, it stays.") if digits in (NO, BACK) else None


def _cancelling(talk: Talk) -> Ask | Move:
    last = talk.client.last_order
    return Ask((), Answers(), (Cancel(last.order),)) if last else talk.to("main")


def _cancelled(talk: Talk, answer: Answered) -> Move:
    if answer.refused == "too_late":
        return talk.to("main", _TOO_LATE)
    if answer.refused:
        return talk.person("failed")
    last = talk.client.last_order
    paid = last is not None and last.paid
    back = (f"One of our people pays {money(last.total_cents)} back.",) if last and paid else ()
    return talk.to("menu", "It is cancelled.", *back)


PROMPTS = {
    "last_order": Prompt(_last_order, _pressed),
    "cancel_sure": Prompt(_cancel_sure, _cancel_pressed),
    "cancelling": Prompt(_cancelling, answered=_cancelled),
}
