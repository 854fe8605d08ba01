"""Answered presentations, in the order of time, and their division into learning and judging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Shares of the examples, oldest first: to learn from, to calibrate with, to judge by.
LEARN, CALIBRATE = 0.70, 0.15

#: Less than this and nothing can be said: answered presentations in all, and of each answer.
FEWEST, FEWEST_OF_EACH = 300, 20
#: Accepted, and not accepted, that the part to calibrate with and the part to judge by must have.
FEWEST_JUDGED = 5


@dataclass(frozen=True, slots=True)
class Example:
    """One presentation that was answered.

    Attributes:
        at: when it was presented.
        offer: id of the offer.
        accepted: whether it was taken; "later" is not.
        features: the customer's attributes as they were then.
    """

    at: datetime
    offer: int
    accepted: bool
    features: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """Examples divided by time: each later part begins when the one before has ended."""

    learn: Sequence[Example]
    calibrate: Sequence[Example]
    judge: Sequence[Example]


def answers(examples: Sequence[Example]) -> NDArray[np.float64]:
    """1 for each that was accepted, else 0."""
    return np.array([one.accepted for one in examples], np.float64)


def divide(examples: Sequence[Example]) -> Parts:
    """The oldest to learn from, the newest to judge by. Nothing later teaches about earlier."""
    ordered = sorted(examples, key=lambda one: one.at)
    first = int(len(ordered) * LEARN)
    second = int(len(ordered) * (LEARN + CALIBRATE))
    return Parts(ordered[:first], ordered[first:second], ordered[second:])


def too_little(examples: Sequence[Example]) -> str | None:
    """What is missing before anything can be learned, in a sentence; None when there is enough."""
    taken = sum(one.accepted for one in examples)
    refused = len(examples) - taken
    if len(examples) < FEWEST:
        return (
            f"{len(examples)} answered presentations are too few to learn from:"
            f" {FEWEST} are needed, {FEWEST - len(examples)} more."
        )
    if min(taken, refused) < FEWEST_OF_EACH:
        which, count = ("not accepted", refused) if refused < taken else ("accepted", taken)
        return (
            f"Of {len(examples)} answered presentations {count} were {which}:"
            f" {FEWEST_OF_EACH} are needed to tell who takes an offer from who does not."
        )
    parts = divide(examples)
    for name, part in (("calibrate with", parts.calibrate), ("judge by", parts.judge)):
        taken = sum(one.accepted for one in part)
        if min(taken, len(part) - taken) < FEWEST_JUDGED:
            return (
                f"The part of time to {name} ({_days(part)}) has {taken} accepted of {len(part)}:"
                f" {FEWEST_JUDGED} accepted and {FEWEST_JUDGED} not accepted are needed."
            )
    return None


def _days(part: Sequence[Example]) -> str:
    return f"{part[0].at:%Y-%m-%d} to {part[-1].at:%Y-%m-%d}"
