"""Clients with habits that are known, and what they order in nine months. Pure.

Nothing here is of the form of the score that is measured: habits are days of the week with a chance
each and an hour that scatters normally; tastes change on a day, once or with the season. A client
has one habit or several, is a family that shares a telephone, or picks by whim whatever the hour.
Everybody orders something else now and then, or the usual with something more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cordboard.orders.basket import Basket, Line
from cordboard.orders.usual import Past

ZONE = ZoneInfo("America/Chicago")
FIRST_DAY = datetime(2026, 1, 5, tzinfo=ZONE)
DAYS = 270
WORKDAYS, FRIDAY, SATURDAY, SUNDAY = (0, 1, 2, 3, 4), 4, 5, 6
EVERY_DAY = (*WORKDAYS, SATURDAY, SUNDAY)

PRODUCTS = tuple(f"P-{number:02}" for number in range(30))
OPTIONS = ((), ("SMALL",), ("LARGE",), ("LARGE", "OAT"))


@dataclass(frozen=True, slots=True)
class Habit:
    """One thing that a client does.

    Attributes:
        tastes: (from this day on, what is ordered), by day; of several baskets one by chance.
        days: of the week.
        chance: on such a day.
        minute: of the day, about when.
        spread: standard deviation, minutes.
    """

    tastes: tuple[tuple[int, tuple[Basket, ...]], ...]
    days: tuple[int, ...]
    chance: float
    minute: int
    spread: float

    def taste(self, day: int) -> tuple[int, tuple[Basket, ...]]:
        """Since when it is so, and what is ordered."""
        return [taste for taste in self.tastes if taste[0] <= day][-1]


@dataclass(frozen=True, slots=True)
class Client:
    """Habits, and how often something else is ordered."""

    kind: str
    habits: tuple[Habit, ...]
    noise: float
    extra: float


@dataclass(frozen=True, slots=True)
class Order:
    """One order; ``after_change`` counts orders of its habit since the taste changed, from 1.

    It is 0 when the taste never changed, or the order is by noise.
    """

    past: Past
    after_change: int


def basket(random: Random, most: int = 3) -> Basket:
    """Something that somebody may order."""
    products = random.sample(PRODUCTS, random.randint(1, most))
    lines = (Line(one, random.choice(OPTIONS), random.choice((1, 1, 1, 2))) for one in products)
    return Basket(tuple(lines), random.choice(("pick_up", "pick_up", "delivery")), "LOOP")


def _habit(
    random: Random, days: Sequence[int], minutes: tuple[int, int], spread: float, chance: float
) -> Habit:
    """A habit at some minute between two, whose taste does not change."""
    always = ((0, (basket(random),)),)
    return Habit(always, tuple(days), chance, random.randint(*minutes), spread)


def _breakfast(random: Random) -> tuple[Habit, ...]:
    return (_habit(random, WORKDAYS, (390, 570), 15, random.uniform(0.4, 0.95)),)


def _breakfast_and_party(random: Random) -> tuple[Habit, ...]:
    party = _habit(random, (random.choice((FRIDAY, SATURDAY)),), (1020, 1200), 45, 0.7)
    return (*_breakfast(random), party)


def _workweek_and_weekend(random: Random) -> tuple[Habit, ...]:
    """Something else at the weekend, at about the same hours."""
    weekend = _habit(random, (SATURDAY, SUNDAY), (480, 660), 50, 0.6)
    return (*_breakfast(random), weekend)


def _family(random: Random) -> tuple[Habit, ...]:
    """Two to four people, each with days and an hour of their own."""
    return tuple(
        _habit(
            random,
            random.sample(EVERY_DAY, random.randint(1, 4)),
            (420, 1260),
            random.uniform(15, 60),
            random.uniform(0.3, 0.8),
        )
        for _ in range(random.randint(2, 4))
    )


def _seasonal(random: Random) -> tuple[Habit, ...]:
    """Two tastes that alternate with the season."""
    (habit,) = _breakfast(random)
    warm, cold = (basket(random),), (basket(random),)
    turn, length = random.randint(20, 60), random.randint(60, 100)
    tastes = [(0, cold), *((day, warm) for day in range(turn, DAYS, 2 * length))]
    tastes += [(day, cold) for day in range(turn + length, DAYS, 2 * length)]
    return (replace(habit, tastes=tuple(sorted(tastes, key=lambda taste: taste[0]))),)


def _fresh_taste(random: Random) -> tuple[Habit, ...]:
    """Each habit turns to something new, once."""
    return tuple(
        replace(habit, tastes=(*habit.tastes, (random.randint(60, 230), (basket(random),))))
        for habit in _breakfast_and_party(random)
    )


def _rare(random: Random) -> tuple[Habit, ...]:
    """About twice a month, on any evening."""
    habit = _habit(random, EVERY_DAY, (1050, 1200), 60, random.uniform(0.04, 0.12))
    return (replace(habit, tastes=((0, (basket(random), basket(random))),)),)


def _whimsical(random: Random) -> tuple[Habit, ...]:
    """One of a few, of which some are dearer than others, whatever the hour or the day."""
    often = tuple(one for count in (5, 3, 2, 1, 1) for one in [basket(random)] * count)
    habit = _habit(random, EVERY_DAY, (600, 1080), 150, random.uniform(0.2, 0.6))
    return (replace(habit, tastes=((0, often),)),)


KINDS: dict[str, Callable[[Random], tuple[Habit, ...]]] = {
    "weekday breakfast": _breakfast,
    "breakfast and a party": _breakfast_and_party,
    "workweek and weekend": _workweek_and_weekend,
    "family": _family,
    "seasonal": _seasonal,
    "change of taste": _fresh_taste,
    "twice a month": _rare,
    "by whim": _whimsical,
}


def make_clients(seed: int, each: int) -> Iterator[Client]:
    """So many clients of each kind; a seed makes the same ones each time."""
    random = Random(seed)
    for kind, make in KINDS.items():
        for _ in range(each):
            yield Client(kind, make(random), random.uniform(0.02, 0.2), random.uniform(0, 0.15))


def orders(client: Client, seed: int) -> list[Order]:
    """What this client orders, in order of time."""
    random = Random(seed)
    found = [order for habit in client.habits for order in _orders_of(habit, client, random)]
    return sorted(found, key=lambda order: order.past.at)


def _orders_of(habit: Habit, client: Client, random: Random) -> Iterator[Order]:
    counted: dict[int, int] = {}
    for day in range(DAYS):
        weekday = (FIRST_DAY + timedelta(days=day)).weekday()
        if weekday not in habit.days or random.random() >= habit.chance:
            continue
        since, baskets = habit.taste(day)
        wanted, usual = random.choice(baskets), True
        if random.random() < client.noise:
            wanted, usual = basket(random), False
        elif random.random() < client.extra:
            more = Line(random.choice(PRODUCTS), (), 1)
            wanted, usual = replace(wanted, lines=(*wanted.lines, more)), False
        if usual:
            counted[since] = counted.get(since, 0) + 1
        after = counted[since] if usual and since else 0
        yield Order(Past(wanted, _moment(habit, day, random)), after)


def _moment(habit: Habit, day: int, random: Random) -> datetime:
    minute = min(1439, max(0, round(random.gauss(habit.minute, habit.spread))))
    return FIRST_DAY + timedelta(days=day, minutes=minute)
