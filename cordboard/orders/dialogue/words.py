"""Sentences of the dialogue: short, and what is offered before the key that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Dropped
from cordboard.orders.catalogue import Why as NotSold
from cordboard.orders.phrases import in_about, items, money, when
from cordboard.orders.places import Choice, Place, Why
from cordboard.orders.pricing import price

METHODS = {"pick_up": "To pick it up", "delivery": "For delivery", "appointment": "For a visit"}
PAY = {
    "on_delivery": "You pay when you get it.",
    "on_account": "It goes on your account.",
    "payment_link": "You get a link to pay.",
}
_WHY_NOT = {
    Why.INACTIVE: "takes no orders",
    Why.NOT_AT: "cannot take it",
    Why.METHOD: "does not offer that",
    Why.PRODUCTS: "does not have all of it",
    Why.AREA: "is too far away",
    Why.CLOSED: "is closed then",
    Why.TOO_SOON: "cannot make it so soon",
    Why.FULL: "is too busy",
}
#: Lines of an order that are named one after another.
MOST_NAMED = 8
#: And how long they may be together, characters: half a minute.
LONGEST_NAMES = 400
_KEYS = {"*": "star", "#": "pound"}


def press(key: str) -> str:
    """``press 1.``"""
    return f"press {_KEYS.get(key, key)}."


def total(basket: Basket, catalogue: Catalogue) -> str:
    """What it costs with tax.

    Raises:
        Unpriceable: something in it is not sold.
    """
    return money(price(basket, catalogue).total_cents)


def left_out(dropped: Sequence[Dropped]) -> tuple[str, ...]:
    """What cannot be ordered any more, each said once."""
    said = [
        f"I left out {one.name}: that is more than we sell at once."
        if one.why is NotSold.QUANTITY
        else f"I left out {one.name}: we do not have it any more."
        for one in dropped
    ]
    return tuple(dict.fromkeys(said))


def where_and_when(
    basket: Basket, choice: Choice, due_at: datetime | None, now: datetime, address: str = ""
) -> str:
    """``pick-up at Loop in 15 minutes``; nothing when no location can serve.

    ``address`` is where it is delivered, when that has to be said.
    """
    if choice.place is None or choice.ready_at is None:
        return ""
    at = when(choice.ready_at, now) if due_at else soon(choice.ready_at, now)
    name = choice.place.name
    if basket.method == "delivery":
        return f"delivered by {name} to {address}, {at}" if address else f"delivered by {name} {at}"
    return f"pick-up at {name} {at}" if basket.method == "pick_up" else f"at {name} {at}"


def terms(cost: str, where: str) -> str:
    """``10 dollars 63, pick-up at Loop in 15 minutes``; the cost alone when there is no place."""
    return f"{cost}, {where}" if where else cost


def soon(at: datetime, now: datetime) -> str:
    """``in 15 minutes``, to five minutes."""
    return in_about(at, now).replace("in about", "in")


def cannot(place: Place, why: Why) -> str:
    """``Loop is closed then.``"""
    return f"{place.name} {_WHY_NOT[why]}."


def contents(basket: Basket, catalogue: Catalogue) -> str:
    """What is in it, in words; of much what fits into a breath, and how many more lines."""
    first, *others = _breaths(basket, catalogue)
    left = len(basket.lines) - len(first)
    named = items(replace(basket, lines=tuple(first)), catalogue)[:LONGEST_NAMES]
    return f"{named}, and {left} more {'items' if left > 1 else 'item'}" if others else named


def whole(basket: Basket, catalogue: Catalogue) -> tuple[str, ...]:
    """All that is in it, a sentence a breath: speech is cut after 800 characters."""
    breaths = _breaths(basket, catalogue)
    said = [items(replace(basket, lines=tuple(lines)), catalogue) for lines in breaths]
    return tuple(f"{one[:LONGEST_NAMES]}." for one in said)


def _breaths(basket: Basket, catalogue: Catalogue) -> list[list[Line]]:
    """The lines, a few together."""
    breaths: list[list[Line]] = [[]]
    length = 0
    for line in basket.lines:
        length += len(catalogue.name(line)) + len(", ")
        if breaths[-1] and (len(breaths[-1]) == MOST_NAMED or length > LONGEST_NAMES):
            breaths.append([])
            length = len(catalogue.name(line))
        breaths[-1].append(line)
    return breaths


def briefly(basket: Basket, catalogue: Catalogue) -> str:
    """The same without options: enough to know an order by that one has often."""
    lines = tuple(replace(line, options=()) for line in basket.lines)
    return contents(replace(basket, lines=lines), catalogue)
