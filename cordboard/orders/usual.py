"""What is usual for a client, at this hour of this day, out of their own history.

The score of a basket is a sum over the orders of it::

    score = sum of  like(at) * 2 ^ (-since / HALF_LIFE)

    like  = hour * day, how much an order placed at ``at`` is like one placed now
    hour  = FAR + (1 - FAR) * exp(SHARPNESS * (cos(2 pi * (at - now) / 24 h) - 1))
    day   = 1 on the same day of the week, SAME_KIND on another of the same kind (working day or
            weekend), OTHER_KIND on one of the other kind
    since = sum of ``like`` over the orders after it

divided by the sum over all orders, so that the scores of a client add up to 1. Closeness around the
clock is the kernel of the von Mises distribution, the normal one of a circle (K. V. Mardia and
P. E. Jupp, Directional Statistics, 2000, chapter 3.5.4); weighting past cases by a kernel is the
estimate of E. A. Nadaraya (Theory of Probability and its Applications 9, 1964). Forgetting is
exponential, but its clock is what was ordered since in a case like this one: whoever calls every
morning changes taste within days, whoever calls on two evenings a month within months.

The history is the model: an order counts from the moment at which it is in it. The figures were
chosen by a replay of generated histories, of other seeds than those of the published one
(``bench/usual_tune.py``, docs/orders/usual.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
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
        score: how likely, as a share of all that was ever ordered: 0 to 1.
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

    half_life: float = 2.5
    sharpness: float = 10.0
    far: float = 0.03
    same_kind: float = 0.6
    other_kind: float = 0.1


WEIGHTS = Weights()


@dataclass(slots=True)
class _Habit:
    """Orders of one basket, newest first; ``basket`` is as it was ordered last."""

    key: str
    basket: Basket
    whole: bool = False
    times: list[datetime] = field(default_factory=list)
    score: float = 0.0

    @property
    def last(self) -> datetime:
        return max(self.times)


def usual(
    history: Sequence[Past],
    now: datetime,
    most: int = 3,
    catalogue: Catalogue | None = None,
    weights: Weights = WEIGHTS,
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
        weights: what a past order counts.
    """
    habits = _habits(history, now, catalogue, weights)
    everything = sum(habit.score for habit in habits) or 1.0
    ranked = sorted(habits, key=lambda habit: habit.key)
    ranked.sort(key=lambda habit: (habit.score, habit.last), reverse=True)
    return [
        Suggestion(habit.basket, habit.score / everything, _why(habit, now))
        for habit in ranked[:most]
    ]


def likeness(at: datetime, now: datetime, weights: Weights = WEIGHTS) -> float:
    """How much one is like the other by hour and day, 0 to 1; both in one zone."""
    turn = (at.hour - now.hour) / 24 + (at.minute - now.minute) / 1440
    near = math.exp(weights.sharpness * (math.cos(2 * math.pi * turn) - 1))
    return (weights.far + (1 - weights.far) * near) * _day(at, now, weights)


def _day(at: datetime, now: datetime, weights: Weights) -> float:
    if at.weekday() == now.weekday():
        return 1.0
    alike = (at.weekday() >= 5) == (now.weekday() >= 5)
    return weights.same_kind if alike else weights.other_kind


def _habits(
    history: Sequence[Past], now: datetime, catalogue: Catalogue | None, weights: Weights
) -> list[_Habit]:
    """The history by baskets that can be ordered now, with their scores."""
    known = {basket: _usable(basket, catalogue) for basket in {past.basket for past in history}}
    orders = [(past.at.astimezone(now.tzinfo), *known[past.basket]) for past in history]
    orders.sort(key=lambda order: (order[0], order[1]), reverse=True)
    habits: dict[str, _Habit] = {}
    since = 0.0
    for at, key, basket, whole in orders:
        if not basket.lines:
            continue
        like = likeness(at, now, weights)
        habit = habits.setdefault(key, _Habit(key, basket))
        habit.whole = habit.whole or whole
        habit.times.append(at)
        habit.score += like * math.exp2(-since / weights.half_life)
        since += like
    return _without_remains(list(habits.values()))


def _usable(basket: Basket, catalogue: Catalogue | None) -> tuple[str, Basket, bool]:
    left, dropped = (basket.merged(), ()) if catalogue is None else catalogue.usable(basket)
    return left.key, left, not dropped


def _without_remains(habits: list[_Habit]) -> list[_Habit]:
    """What is left of an order counts for the likeliest whole order that has all of it."""
    whole = [habit for habit in habits if habit.whole]
    kept = list(whole)
    for habit in habits:
        if habit.whole:
            continue
        wider = [one for one in whole if _is_part(habit.basket, one.basket)]
        if wider:
            best = max(wider, key=lambda one: (one.score, one.last, one.key))
            best.times += habit.times
            best.score += habit.score
        else:
            kept.append(habit)
    return kept


def _is_part(basket: Basket, of: Basket) -> bool:
    """Whether all of the one is in the other, to be had in the same way."""
    if (basket.method, basket.location) != (of.method, of.location):
        return False
    there = {(line.product, frozenset(line.options)): line.quantity for line in of.lines}
    return all(
        there.get((line.product, frozenset(line.options)), 0) >= line.quantity
        for line in basket.lines
    )


def _why(habit: _Habit, now: datetime) -> str:
    """How often, how long ago, and when at."""
    often = len(habit.times)
    times = "once" if often == 1 else "twice" if often == 2 else f"{often} times"
    days = (now.date() - habit.last.date()).days
    ago = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    same_day = sum(at.weekday() == now.weekday() for at in habit.times)
    words = [f"ordered {times}", f"last {ago}"]
    if same_day > 1:
        words.append(f"{same_day} times on a {now:%A}")
    return ", ".join(words)
