"""A world of customers and offers whose true probabilities of acceptance are known. Pure.

The truth is deliberately not of the form that is learned: acceptance is a *rate*
(p = 1 - exp(-rate)), a product of hills over tenure and balance (each offer wants customers of some
middle), of factors of segment and product, of a joint effect of calls and product, of fatigue after
refusals, and of a temper of the customer that nobody can see. Dear offers are taken more rarely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cordboard import rules
from cordboard.attributes import ATTRIBUTES, NEVER_DAYS
from cordboard.decision_facts import Offer, OfferRule
from cordboard.encoding import Columns, Texts

Floats = NDArray[np.float64]
Json = dict[str, Any]

SEGMENTS = ("gold", "silver", "standard")
PRODUCTS = ("Fiber 300", "Fiber 600", "Mobile", "Mobile Plus", "Home Phone")
REGIONS = ("NY", "NJ", "CT", "PA")
LANGUAGES = ("en", "es")

OFFERS = 12
#: Values in cents, and the probability of acceptance of an ordinary customer at the cheapest.
CHEAPEST, DEAREST, ORDINARY = 2_000, 60_000, 0.25
#: What everybody believes of every offer before anything was learned: the schema's own defaults.
PRIOR_P, PRIOR_WEIGHT = 0.1, 20.0

#: Offers (by place) that are not for everybody.
RULES: Mapping[int, Json] = {
    1: {"attribute": "segment", "is": "in", "value": ["gold", "silver"]},
    4: {"attribute": "tenure_days", "is": ">=", "value": 365},
    7: {
        "all": [
            {"not": {"attribute": "suspended", "is": "=", "value": True}},
            {"attribute": "balance_cents", "is": "<", "value": 8000},
        ]
    },
}


@dataclass(frozen=True, slots=True)
class Taste:
    """What one offer's acceptance depends on."""

    base: float
    tenure_peak: float
    balance_peak: float
    by_segment: Floats
    by_product: Floats
    caller_product: int
    fatigue: float


@dataclass(frozen=True, slots=True)
class World:
    """Offers as ``decide`` sees them, ids from 1, and what is true of each."""

    offers: tuple[Offer, ...]
    tastes: tuple[Taste, ...]

    def truth(self, people: People) -> Floats:
        """True probabilities, customers x offers."""
        return np.stack([_probability(taste, people) for taste in self.tastes], axis=1)

    def eligible(self, people: People) -> NDArray[np.bool_]:
        """Whether the rules of each offer hold, customers x offers."""
        found = np.ones((len(people), len(self.offers)), np.bool_)
        for place, offer in enumerate(self.offers):
            for one in offer.rules:
                assert one.rule is not None
                found[:, place] &= [rules.holds(one.rule, row) for row in people.rows]
        return found

    @property
    def values(self) -> Floats:
        """Value of each offer, cents."""
        return np.array([offer.value_cents for offer in self.offers], np.float64)


@dataclass(frozen=True, slots=True)
class People:
    """Customers: what is known of them, by column and by row, and their temper, which is not."""

    columns: Columns
    rows: Sequence[Json]
    temper: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def numbers(self, name: str) -> Floats:
        """A number attribute."""
        return np.asarray(self.columns[name], np.float64)

    def codes(self, name: str) -> NDArray[np.int64]:
        """A text attribute as places in its list of words."""
        found = self.columns[name]
        assert isinstance(found, Texts)
        return np.asarray(found.codes, np.int64)


def make_world(seed: int) -> World:
    """Offers and tastes, always the same for a seed."""
    random = np.random.default_rng(seed)
    values = np.exp(random.uniform(np.log(CHEAPEST), np.log(DEAREST), OFFERS)).round(-2)
    offers = tuple(
        Offer(
            place + 1,
            f"OFFER-{place + 1}",
            "sales",
            f"Offer {place + 1}",
            value_cents=int(values[place]),
            weight=PRIOR_WEIGHT,
            rules=(OfferRule("who", rules.parse(RULES[place])),) if place in RULES else (),
        )
        for place in range(OFFERS)
    )
    return World(offers, tuple(_taste(random, value) for value in values))


def _taste(random: np.random.Generator, value: float) -> Taste:
    return Taste(
        base=ORDINARY * (CHEAPEST / value) ** 0.8 * random.uniform(0.5, 1.8),
        tenure_peak=random.uniform(4.5, 8.0),
        balance_peak=random.uniform(0, 12_000),
        by_segment=random.lognormal(0, 0.5, len(SEGMENTS)),
        by_product=random.lognormal(0, 0.7, len(PRODUCTS)),
        caller_product=int(random.integers(len(PRODUCTS))),
        fatigue=random.uniform(0.6, 0.95),
    )


def _probability(taste: Taste, people: People) -> Floats:
    tenure = np.log1p(people.numbers("tenure_days"))
    hills = 0.3 + 1.4 * np.exp(-(((tenure - taste.tenure_peak) / 1.2) ** 2))
    balance = (people.numbers("balance_cents") - taste.balance_peak) / 4_000
    hills *= 0.5 + np.exp(-(balance**2))
    product = people.codes("product")
    calls_much = (people.numbers("calls_30d") >= 2) & (product == taste.caller_product)
    rate = (
        taste.base
        * hills
        * taste.by_segment[people.codes("segment")]
        * taste.by_product[product]
        * np.where(calls_much, 2.0, 1.0)
        * taste.fatigue ** people.numbers("declined_90d")
        * np.exp(0.3 * people.temper)
    )
    return np.minimum(1 - np.exp(-rate), 0.95)


def make_people(count: int, random: np.random.Generator) -> People:
    """Customers drawn at random; every attribute has a value, most of them tell nothing."""
    purchases = random.poisson(1.5, count)
    shown = random.poisson(1.0, count)
    numbers: dict[str, Any] = {
        "tenure_days": np.minimum(random.lognormal(6.5, 1.2, count), 9_000).astype(np.int64),
        "accounts": 1 + random.poisson(0.2, count),
        "suspended": random.random(count) < 0.04,
        "balance_cents": random.normal(5_000, 4_000, count).astype(np.int64),
        "calls_30d": 1 + random.poisson(0.7, count),
        "service_calls_90d": random.poisson(0.5, count),
        "web_visits_30d": random.poisson(1.0, count),
        "purchases_365d": purchases,
        "purchase_cents_365d": (purchases * random.lognormal(8, 0.6, count)).astype(np.int64),
        "days_since_purchase": np.where(purchases, random.integers(0, 365, count), NEVER_DAYS),
        "presented_90d": shown,
        "accepted_365d": random.poisson(0.2, count),
        "declined_90d": random.binomial(shown, 0.6),
        "days_since_presented": np.where(shown, random.integers(0, 90, count), NEVER_DAYS),
    }
    words = {
        "segment": _words(random, SEGMENTS, (0.1, 0.25, 0.65), count),
        "language": _words(random, LANGUAGES, (0.9, 0.1), count),
        "region": _words(random, REGIONS, (0.4, 0.3, 0.2, 0.1), count),
        "product": _words(random, PRODUCTS, (0.3, 0.2, 0.25, 0.15, 0.1), count),
    }
    columns: Columns = {name: {**numbers, **words}[name] for name in ATTRIBUTES}
    return People(columns, _rows(columns), random.normal(0, 1, count))


def _words(
    random: np.random.Generator, among: tuple[str, ...], shares: tuple[float, ...], count: int
) -> Texts:
    return Texts(random.choice(len(among), count, p=shares), among)


def _rows(columns: Columns) -> list[Json]:
    lists = {
        name: [values.words[code] for code in values.codes]
        if isinstance(values, Texts)
        else values.tolist()
        for name, values in columns.items()
    }
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
