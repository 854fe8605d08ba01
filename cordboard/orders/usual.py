"""What is usual for a client, at this hour of this day, out of their own history.

The score of a basket is a sum over the orders of it::

    score = sum of  2 ^ (-age / HALF_LIFE)  *  hour(at, now)  *  day(at, now)

    hour = FAR + (1 - FAR) * exp(SHARPNESS * (cos(2 pi * (at - now) / 24 h) - 1))
    day  = 1 on the same day of the week, SAME_KIND on one of the same kind (working day or
           weekend), OTHER_KIND on another

divided by the sum over all orders, so that the scores of a client add up to 1. Recency is
exponential forgetting; closeness around the clock is the kernel of the von Mises distribution, the
normal one of a circle (K. V. Mardia and P. E. Jupp, Directional Statistics, 2000, chapter 3.5.4).
A kernel of each past case times its age is a Nadaraya-Watson estimate of the chance that this
basket is the one wanted now (E. A. Nadaraya, Theory of Probability and its Applications 9, 1964).

The history is the model: an order counts from the moment at which it is in it. The figures were
chosen by the replay of generated histories, seeds other than those that it publishes
(``bench/p_usual.py``, docs/orders/usual.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cordboard.orders.basket import Basket
from cordboard.orders.catalogue import Catalogue

DAY = timedelta(days=1)


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
        half_life_days: an order so old counts half.
        sharpness: of an hour: 0 knows no hours, 10 is half at 2 hours and a half.
        far: what the opposite hour counts.
        same_kind: another day of the same kind, working day or weekend.
        other_kind: a day of the other kind.
    """

    half_life_days: float = 20.0
    sharpness: float = 12.0
    far: float = 0.03
    same_kind: float = 0.4
    other_kind: float = 0.1


WEIGHTS = Weights()


@dataclass(slots=True)
class _Habit:
    """Orders of one basket; ``basket`` is as it was ordered last."""

    key: str
    basket: Basket
    whole: bool
    last: datetime
    times: list[datetime] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    def add(self, other: _Habit) -> None:
        self.times += other.times
        self.counts += other.counts
        self.last = max(self.last, other.last)

    @property
    def total(self) -> float:
        # Exact, so that it does not matter in which order the history comes.
        return math.fsum(self.counts)


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
    ranked = sorted(habits, key=lambda habit: habit.key)
    ranked.sort(key=lambda habit: (habit.total, habit.last), reverse=True)
    everything = math.fsum(habit.total for habit in habits) or 1.0
    return [
        Suggestion(habit.basket, habit.total / everything, _why(habit, now))
        for habit in ranked[:most]
    ]


def count(at: datetime, now: datetime, weights: Weights = WEIGHTS) -> float:
    """What an order placed at ``at`` counts at ``now``, 0 to 1; both in one zone."""
    age = max(0.0, (now - at) / DAY)
    turn = (at.hour - now.hour) / 24 + (at.minute - now.minute) / 1440
    near = math.exp(weights.sharpness * (math.cos(2 * math.pi * turn) - 1))
    hour = weights.far + (1 - weights.far) * near
    return math.exp2(-age / weights.half_life_days) * hour * _day(at, now, weights)


def _day(at: datetime, now: datetime, weights: Weights) -> float:
    if at.weekday() == now.weekday():
        return 1.0
    alike = (at.weekday() >= 5) == (now.weekday() >= 5)
    return weights.same_kind if alike else weights.other_kind


def _habits(
    history: Sequence[Past], now: datetime, catalogue: Catalogue | None, weights: Weights
) -> list[_Habit]:
    """The history by baskets that can be ordered now."""
    habits: dict[str, _Habit] = {}
    known: dict[Basket, tuple[str, Basket, bool]] = {}
    for past in history:
        if past.basket not in known:
            known[past.basket] = _usable(past.basket, catalogue)
        key, basket, whole = known[past.basket]
        if not basket.lines:
            continue
        at = past.at.astimezone(now.tzinfo)
        habit = habits.setdefault(key, _Habit(key, basket, whole, at))
        habit.times.append(at)
        habit.counts.append(count(at, now, weights))
        habit.whole = habit.whole or whole
        if at > habit.last:
            habit.last, habit.basket = at, basket
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
            max(wider, key=lambda one: (one.total, one.last, one.key)).add(habit)
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
