"""The order of offers for many customers: by expected value, p x value, the highest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Offers kept for a customer. A call presents two or three; before them may stand what rests now.
BEST = 8

#: Customers that are sorted at once: their keys stay in the processor's cache.
BLOCK = 4096
#: Of a key, bits for the column; a float32 that is not negative has 31 of its own.
COLUMN_BITS = 16
LAST_COLUMN = (1 << COLUMN_BITS) - 1
#: ``offer_strategy.ev_cents`` is a 32-bit number: 21 million dollars.
MOST_CENTS = 2_147_000_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best offers of each customer; a row is filled from the left.

    Attributes:
        counts: offers in each row.
        columns: which offer, as the column of what was ranked.
        p: probability of each.
        ev_cents: expected value of each, whole cents.
    """

    counts: NDArray[np.int64]
    columns: NDArray[np.int64]
    p: NDArray[np.float32]
    ev_cents: NDArray[np.int32]


def rank(
    p: NDArray[np.float32],
    values: Sequence[int],
    open_: NDArray[np.bool_],
    best: int = BEST,
) -> Ranked:
    """The ``best`` open offers of each customer by p x value; of equal ones the first column first.

    Args:
        p: customers x offers.
        values: cents, one an offer.
        open_: customers x offers, whether the offer may be made to the customer.
        best: length of the lists, at most.
    """
    customers, offers = p.shape
    best = min(best, offers)
    worth = np.array(values, np.float32)
    # Equal values are told apart by the column, so that the order is one and the same each time.
    ties = LAST_COLUMN - np.arange(offers, dtype=np.int64)
    found = np.empty((customers, best), np.int64)
    for at in range(0, customers, BLOCK):
        ev = p[at : at + BLOCK] * worth
        # The bits of floats that are not negative are in the order of their values.
        keys = ev.view(np.int32).astype(np.int64)
        keys <<= COLUMN_BITS
        keys |= ties
        np.copyto(keys, -1, where=~open_[at : at + BLOCK])
        keys.sort(axis=1)
        found[at : at + BLOCK] = keys[:, : -best - 1 : -1]
    counts = (found >= 0).sum(axis=1)
    columns = LAST_COLUMN - (found & LAST_COLUMN)
    columns[found < 0] = 0
    chances = np.take_along_axis(p, columns, axis=1) if offers else p[:, :0].copy()
    cents = chances.astype(np.float64) * np.array(values, np.float64)[columns]
    np.rint(cents, out=cents)
    np.minimum(cents, MOST_CENTS, out=cents)
    return Ranked(counts, columns, chances, cents.astype(np.int32))
