"""Replays the orders of clients in order of time: who would have suggested what was ordered? Pure.

Each policy sees what a client ordered before, newest 200 as in the product, and never what comes.
The first order of a client has nothing before it and is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from bench.usual_world import Client, make_clients, orders
from cordboard.orders.basket import Basket
from cordboard.orders.usual import FIRST, OTHERS, Past, Weights, usual

NEWEST = 200
#: Orders after a change of taste that are looked at by themselves.
AFTER_CHANGE = 12

#: Keys of baskets, best first, at most three.
Policy = Callable[[Sequence[Past], datetime], list[str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One order: who ordered, and at which place of its suggestions each policy had it.

    Attributes:
        kind: of the client.
        seen: whether the client ever ordered this before.
        after_change: orders of this habit since its taste changed, from 1; 0 is not at all.
        places: policy -> 1 to 3; 0 is not among them.
    """

    kind: str
    seen: bool
    after_change: int
    places: dict[str, int]


@lru_cache(maxsize=100_000)
def key(basket: Basket) -> str:
    """``Basket.key``, which is asked for again and again."""
    return basket.key


def ours(
    history: Sequence[Past], now: datetime, first: Weights = FIRST, others: Weights = OTHERS
) -> list[str]:
    """The product's own suggestions."""
    return [key(one.basket) for one in usual(history, now, first=first, others=others)]


def most_frequent(history: Sequence[Past], _now: datetime) -> list[str]:
    """What was ordered most often ever; of equals what was ordered last."""
    keys = [key(past.basket) for past in history]
    counts, last = Counter(keys), {one: place for place, one in enumerate(keys)}
    return sorted(counts, key=lambda one: (counts[one], last[one]), reverse=True)[:3]


def ordered_last(history: Sequence[Past], _now: datetime) -> list[str]:
    """The three latest things that differ."""
    return list(dict.fromkeys(key(past.basket) for past in reversed(history)))[:3]


POLICIES: dict[str, Policy] = {"ours": ours, "frequent": most_frequent, "last": ordered_last}


def with_weights(first: Weights, others: Weights) -> dict[str, Policy]:
    """Ours with other figures, alone."""
    return {"ours": partial(ours, first=first, others=others)}


def replay(seed: int, each: int, policies: dict[str, Policy] = POLICIES) -> list[Shown]:
    """All orders of a world with so many clients of each kind."""
    return [
        shown
        for number, client in enumerate(make_clients(seed, each))
        for shown in _replay_client(client, 1_000 * seed + number, policies)
    ]


def _replay_client(client: Client, seed: int, policies: dict[str, Policy]) -> Iterator[Shown]:
    history: list[Past] = []
    for order in orders(client, seed):
        past = order.past
        if history:
            newest, ordered = history[-NEWEST:], key(past.basket)
            places = {
                name: _place(policy(newest, past.at), ordered) for name, policy in policies.items()
            }
            seen = any(key(one.basket) == ordered for one in newest)
            yield Shown(client.kind, seen, order.after_change, places)
        history.append(past)


def _place(suggested: Sequence[str], ordered: str) -> int:
    return suggested.index(ordered) + 1 if ordered in suggested else 0


def share(shown: Sequence[Shown], name: str, first: int) -> float:
    """Of these orders, how many were among the ``first`` suggestions of a policy: 0 to 1."""
    return sum(1 <= one.places[name] <= first for one in shown) / len(shown) if shown else 0.0
