"""What is usual for a client, at this hour of this day, out of their own history.

The score of a basket is a sum over the orders of it::

    score = sum of  like(at) * 2 ^ (-since / HALF_LIFE)

    like  = hour * day, how much an order placed at ``at`` is like one placed now
    hour  = FAR + (1 - FAR) * exp(SHARPNESS * (cos(2 pi * (at - now) / 24 h) - 1))
    day   = 1 on the same day of the week, SAME_KIND on another of the same kind (working day or
            weekend), OTHER_KIND on one of the other kind
    since = sum of ``like`` over the orders after it

divided by the sum over all orders, so that the scores of a client add up to 1. The first suggestion
has the highest score; the next ones have the highest score by ``OTHERS``, figures that forget
slowly and look wider around the hour: what else this client may mean.

Closeness around the clock is the kernel of the von Mises distribution, the normal one of a circle
(K. V. Mardia and P. E. Jupp, Directional Statistics, 2000, chapter 3.5.4); weighting past cases by
a kernel is the estimate of E. A. Nadaraya (Theory of Probability and its Applications 9, 1964).
Forgetting is exponential, but its clock is what was ordered since in a case like this one: whoever
calls every morning changes taste within days, whoever calls two evenings a month within months.

The history is the model: an order counts from the moment at which it is in it. The figures were
chosen by a replay of generated histories, of other seeds than those of the published one
(``bench/usual_tune.py``, docs/orders/usual.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cordboard.orders.basket import Basket
from cordboard.orders.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Past:
    """One order of the client; ``at`` is an aware time, when it was placed."""

    basket: Basket
    at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A basket that may be wanted now.

    Attributes:
        score: how likely, as a share of all that was ordered: 0 to 1.
        why: one sentence for a person.
    """

    basket: Basket
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """What a past order counts; see the formula above.

    Attributes:
        half_life: after so many orders in a case like this one, an order counts half.
        sharpness: of an hour: 0 knows no hours, 10 is half at an hour and a half.
        far: what the opposite hour counts.
        same_kind: another day of the same kind, working day or weekend.
        other_kind: a day of the other kind.
    """

    half_life: float
    sharpness: float
    far: float
    same_kind: float
    other_kind: float


FIRST = Weights(half_life=2.5, sharpness=10, far=0.03, same_kind=0.6, other_kind=0.1)
OTHERS = Weights(half_life=10, sharpness=3, far=0.1, same_kind=0.8, other_kind=0.3)


@dataclass(frozen=True, slots=True)
class _Order:
    """A past order as it could be ordered now; ``whole`` when nothing of it was withdrawn."""

    at: datetime
    key: str
    basket: Basket
    whole: bool


def usual(
    history: Sequence[Past],
    now: datetime,
    most: int = 3,
    catalogue: Catalogue | None = None,
    first: Weights = FIRST,
    others: Weights = OTHERS,
) -> list[Suggestion]:
    """The baskets that are most likely wanted now, best first, ``most`` of them.

    Of equals the one ordered last comes first. With a catalogue only what is sold is suggested: a
    past order that lost something to it counts for what is left of it, or for a whole order that
    has all of that in it.

    Args:
        history: orders of one client, in any order.
        now: aware, in the zone of the client's location: hours and days are its.
        most: so many at most.
        catalogue: what is sold now.
        first: what a past order counts for the first suggestion.
        others: the same for the next ones.
    """
    orders = _orders(history, now, catalogue)
    habits: dict[str, list[_Order]] = {}
    for order in orders:
        habits.setdefault(order.key, []).append(order)
    scores, wider = _scores(orders, now, first), _scores(orders, now, others)
    # The latest first, and sorting is stable: so it is among equals.
    ranked = sorted(habits, key=lambda key: -scores[key])
    ranked = [*ranked[:1], *sorted(ranked[1:], key=lambda key: -wider[key])]
    return [
        Suggestion(habits[key][0].basket, scores[key], _why(habits[key], now))
        for key in ranked[:most]
    ]


def likeness(at: datetime, now: datetime, weights: Weights = FIRST) -> float:
    """How much one is like the other by hour and day, 0 to 1; both in one zone."""
    turn = (at.hour - now.hour) / 24 + (at.minute - now.minute) / 1440
    near = math.exp(weights.sharpness * (math.cos(2 * math.pi * turn) - 1))
    return (weights.far + (1 - weights.far) * near) * _day(at, now, weights)


def _day(at: datetime, now: datetime, weights: Weights) -> float:
    if at.weekday() == now.weekday():
        return 1.0
    alike = (at.weekday() >= 5) == (now.weekday() >= 5)
    return weights.same_kind if alike else weights.other_kind


def _scores(orders: Sequence[_Order], now: datetime, weights: Weights) -> dict[str, float]:
    """Key of a basket -> its share, out of orders that come latest first."""
    counts: dict[str, float] = {}
    since = 0.0
    for order in orders:
        like = likeness(order.at, now, weights)
        counted = like * math.exp2(-since / weights.half_life)
        counts[order.key] = counts.get(order.key, 0.0) + counted
        since += like
    everything = sum(counts.values()) or 1.0
    return {key: counted / everything for key, counted in counts.items()}


def _orders(history: Sequence[Past], now: datetime, catalogue: Catalogue | None) -> list[_Order]:
    """The history as it could be ordered now, the latest first."""
    known = {basket: _usable(basket, catalogue) for basket in {past.basket for past in history}}
    orders = [_Order(past.at.astimezone(now.tzinfo), *known[past.basket]) for past in history]
    orders = [order for order in orders if order.basket.lines]
    # By key too, so that it does not matter in which order the history comes.
    orders.sort(key=lambda order: (order.at, order.key), reverse=True)
    return [order if order.whole else _as_whole(order, orders) for order in orders]


def _usable(basket: Basket, catalogue: Catalogue | None) -> tuple[str, Basket, bool]:
    left, dropped = (basket.merged(), ()) if catalogue is None else catalogue.usable(basket)
    return left.key, left, not dropped


def _as_whole(rest: _Order, orders: Sequence[_Order]) -> _Order:
    """What is left of an order is one more of the latest whole one that has all of it."""
    for other in orders:
        if other.whole and _is_part(rest.basket, other.basket):
            return replace(rest, key=other.key, basket=other.basket)
    return rest


def _is_part(basket: Basket, of: Basket) -> bool:
    """Whether all of the one is in the other, to be had in the same way."""
    if (basket.method, basket.location) != (of.method, of.location):
        return False
    there = {(line.product, frozenset(line.options)): line.quantity for line in of.lines}
    return all(
        there.get((line.product, frozenset(line.options)), 0) >= line.quantity
        for line in basket.lines
    )


def _why(orders: Sequence[_Order], now: datetime) -> str:
    """How often, how long ago, and when at; of orders that come latest first."""
    same = [order for order in orders if order.whole]
    words = [_times(len(same))] if same else []
    if rest := len(orders) - len(same):
        words.append(f"{_times(rest)} with something that is not sold any more")
    words[0] = f"ordered {words[0]}"
    days = (now.date() - orders[0].at.date()).days
    ago = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    words.append(f"last {ago}")
    same_day = sum(order.at.weekday() == now.weekday() for order in orders)
    if same_day > 1:
        words.append(f"{same_day} times on a {now:%A}")
    return ", ".join(words)


def _times(often: int) -> str:
    return {1: "once", 2: "twice"}.get(often, f"{often} times")
