"""The order of offers for many customers: by expected value, p x value, the highest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Offers kept for a customer, of each set of rivals. A contact presents one or two of a kind;
#: before them may stand what rests now.
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
        left_out: customers x what was ranked: open, but not among the best.
    """

    counts: NDArray[np.int64]
    columns: NDArray[np.int64]
    p: NDArray[np.float32]
    ev_cents: NDArray[np.int32]
    left_out: NDArray[np.bool_]


def rank(
    p: NDArray[np.float32],
    values: Sequence[int],
    open_: NDArray[np.bool_],
    rivals: Sequence[NDArray[np.int64]],
    best: int = BEST,
) -> Ranked:
    """The ``best`` open offers among each set of rivals, by p x value; a list for each customer.

    Of equal ones the first column comes first.

    Args:
        p: customers x offers.
        values: cents, one an offer.
        open_: customers x offers, whether the offer may be made to the customer.
        rivals: columns that compete with each other; each offer is in one set at least.
        best: offers of each set in a list, at most.
    """
    customers, offers = p.shape
    worth = np.array(values, np.float32)
    width = min(offers, sum(min(best, len(columns)) for columns in rivals))
    found = np.empty((customers, width), np.int64)
    left_out = np.zeros((customers, offers), np.bool_)
    for at in range(0, customers, BLOCK):
        block = slice(at, at + BLOCK)
        keys = _keys(p[block] * worth, open_[block])
        found[block] = _best_of(keys, rivals, best, left_out[block])[:, : -width - 1 : -1]
    return _ranked(found, p, values, left_out)


def _keys(ev: NDArray[np.float32], open_: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Numbers in the order of what is expected, each with its column; -1 where it is not open."""
    # The bits of floats that are not negative are in the order of their values.
    keys = ev.view(np.int32).astype(np.int64)
    keys <<= COLUMN_BITS
    # Equal values are told apart by the column, so that the order is one and the same each time.
    keys |= LAST_COLUMN - np.arange(ev.shape[1], dtype=np.int64)
    np.copyto(keys, -1, where=~open_)
    return keys


def _ranked(
    found: NDArray[np.int64],
    p: NDArray[np.float32],
    values: Sequence[int],
    left_out: NDArray[np.bool_],
) -> Ranked:
    """What the best keys of each customer, the highest first, stand for."""
    columns = LAST_COLUMN - (found & LAST_COLUMN)
    columns[found < 0] = 0
    chances = np.take_along_axis(p, columns, axis=1) if p.shape[1] else p[:, :0].copy()
    cents = chances.astype(np.float64) * np.array(values, np.float64)[columns]
    np.rint(cents, out=cents)
    np.minimum(cents, MOST_CENTS, out=cents)
    counts = (found >= 0).sum(axis=1)
    return Ranked(counts, columns, chances, cents.astype(np.int32), left_out)


def _best_of(
    keys: NDArray[np.int64],
    rivals: Sequence[NDArray[np.int64]],
    best: int,
    left_out: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The best keys of each set together, least first; what is in no set's best is marked."""
    if all(len(columns) <= best for columns in rivals):
        return np.sort(keys, axis=1)
    left_out[:] = keys >= 0
    parts = []
    for columns in rivals:
        own = keys[:, columns]
        first = np.sort(own, axis=1)[:, -best:] if len(columns) > best else own
        parts.append(first)
        left_out[:, columns] &= own < first.min(axis=1, keepdims=True)
    found = np.concatenate(parts, axis=1)
    found.sort(axis=1)
    if sum(map(len, rivals)) > keys.shape[1]:
        # Whoever is among the best of several sets stands there several times.
        found[:, 1:][found[:, 1:] == found[:, :-1]] = -1
        found.sort(axis=1)
    return found
