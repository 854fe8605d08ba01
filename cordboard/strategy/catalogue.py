"""What a build must know of a subscriber's offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from cordboard import propensity
from cordboard.rules import Rule


@dataclass(frozen=True, slots=True)
class NamedRule:
    """An active rule of an offer; ``rule`` is None when what is stored says none (any more)."""

    name: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer.

    Attributes:
        prior: id and prior probability, as the model wants them.
        code: for people.
        value_cents: net present value of one that is accepted, cents.
        kind: ``sales`` or ``service``.
        channels: where it may be presented: ``agent``, ``ivr``, ``web``, ``chat``.
        active: whether it may be made at all.
        valid_from: first day, where the subscriber is; None is open.
        valid_to: last day.
        cooldown_days: it rests for so long after it was presented.
        max_exposures: presented so often it is not offered again; 0 is no limit.
        rules: all must hold.
    """

    prior: propensity.Offer
    code: str
    value_cents: int
    kind: str = "sales"
    channels: tuple[str, ...] = ("agent", "web", "chat")
    active: bool = True
    valid_from: date | None = None
    valid_to: date | None = None
    cooldown_days: int = 30
    max_exposures: int = 5
    rules: tuple[NamedRule, ...] = ()

    @property
    def id(self) -> int:
        """``offer.id``."""
        return self.prior.id

    def is_valid(self, day: date) -> bool:
        """Whether ``day`` is one of its days."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The offers of a subscriber, by id, on one day.

    Attributes:
        subscriber: ``subscriber.id``.
        offers: all of them, also those that cannot be made now.
        exclusions: pairs of ids; whoever accepted one of the two is not offered the other.
        today: the date where the subscriber is.
    """

    subscriber: int
    offers: tuple[Offer, ...]
    exclusions: tuple[tuple[int, int], ...]
    today: date

    @property
    def live(self) -> tuple[int, ...]:
        """Places in ``offers`` of those that may be made today."""
        return tuple(
            place
            for place, offer in enumerate(self.offers)
            if offer.active and offer.is_valid(self.today)
        )


def rivals(offers: Sequence[Offer]) -> tuple[NDArray[np.int64], ...]:
    """Places of the offers that compete with each other: of one kind, presented in one channel.

    A contact shows offers of a kind that its channel can present, so each such set has its best
    ones, whatever is worth more elsewhere. Sets that are the same are there once.
    """
    found: dict[tuple[str, str], list[int]] = {}
    for place, offer in enumerate(offers):
        # Without a channel it is told to the subscriber's own systems alone.
        for channel in offer.channels or ("",):
            found.setdefault((offer.kind, channel), []).append(place)
    distinct = dict.fromkeys(map(tuple, found.values()))
    return tuple(np.array(places, np.int64) for places in distinct)
