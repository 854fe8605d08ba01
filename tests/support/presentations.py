"""Presentations whose answers follow a truth that the tests know and the training is never told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from cordboard.propensity import Offer
from cordboard.training.encode import Types
from cordboard.training.examples import Example

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TYPES: Types = {
    "segment": "text",
    "tenure_days": "number",
    "balance_cents": "number",
    "suspended": "flag",
}
OFFERS = [Offer(1, 0.1, 20), Offer(2, 0.1, 20), Offer(3, 0.1, 20)]


def truth(offer: int, features: dict[str, Any]) -> float:
    """Probability that is never told: offers want different customers."""
    years = features["tenure_days"] / 365
    gold = features["segment"] == "gold"
    log_odds = {
        1: -2.5 + 2.0 * gold,
        2: -3.0 + 0.25 * min(years, 8),
        3: -1.5 - 1.5 * gold - features["balance_cents"] / 10_000,
    }[offer]
    return 1 / (1 + math.exp(-log_odds))


def examples(count: int, seed: int = 1, offers: Sequence[int] = (1, 2, 3)) -> list[Example]:
    random = Random(seed)
    found = []
    for number in range(count):
        features = {
            "segment": random.choices(["standard", "silver", "gold"], [6, 2, 2])[0],
            "tenure_days": random.randrange(4000),
            "balance_cents": random.randrange(-2_000, 12_000),
            "suspended": random.random() < 0.05,
        }
        offer = random.choice(offers)
        accepted = random.random() < truth(offer, features)
        at = BEGIN + timedelta(minutes=number)
        found.append(Example(at, offer, accepted, features))
    return found
