"""The one place of scikit-learn: a regularised logistic regression over customers and offers.

The log-odds of offer o for customer x are ``a + b_o + (w + v_o) . x``: w is common to all offers,
so that few presentations of one offer are enough to begin with, and v_o is how this offer differs.
A ridge holds w to ``common``, v_o to ``own`` and b_o to ``level`` standard deviations around 0, the
same as a Gaussian prior on each (T. Hastie, R. Tibshirani and J. Friedman, "The Elements of
Statistical Learning", 2nd ed., 3.4.1 and 4.4.4). scikit-learn has one strength for all columns;
columns multiplied by their standard deviation give each its own.

Most attributes tell nothing about most offers, and with many offers their weights are mostly noise.
So the fit is repeated: an attribute whose weights came out large gets more room, one whose weights
came out small gets less, while the mean room stays. That is the adaptive ridge of Y. Grandvalet
("Least absolute shrinkage is equivalent to quadratic penalization", ICANN 1998), for groups of
columns; each repetition begins where the last one ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ridge:
    """Standard deviations of the priors around 0, in log-odds for one column's unit."""

    common: float
    own: float
    level: float = 2.0


#: What is tried; the best on the part of time to calibrate with is taken.
RIDGES = (Ridge(0.1, 0.03), Ridge(0.3, 0.1), Ridge(0.3, 0.3))
#: How often the room of each attribute is fitted to what it tells.
REPEATS = 3
#: Least and most room of an attribute, as a multiple of the ridge.
LEAST, MOST = 0.1, 3.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Log-odds are ``intercepts[o] + weights[o] . x``; o counts in the order of ``offers``."""

    offers: tuple[int, ...]
    intercepts: Floats
    weights: Floats

    def log_odds(self, matrix: NDArray[Any], offer_ids: NDArray[np.int64]) -> Floats:
        """Of each row of the matrix with its own offer; one that was never seen has 0."""
        places = {offer: place for place, offer in enumerate(self.offers)}
        chosen = np.array([places.get(int(offer), -1) for offer in offer_ids], np.int64)
        found = self.intercepts[chosen] + np.einsum("ij,ij->i", matrix, self.weights[chosen])
        return np.where(chosen >= 0, found, 0.0)


def fit(
    matrix: NDArray[Any],
    offer_ids: NDArray[np.int64],
    accepted: Floats,
    groups: NDArray[np.int64],
    ridge: Ridge,
) -> Fit:
    """Fit to examples: a row of the matrix, an offer and an answer (0 or 1) each.

    ``groups`` has the attribute of each column of the matrix, as a number.
    """
    offers, places = np.unique(offer_ids, return_inverse=True)
    x = matrix.astype(np.float64)
    problem = _Problem(x, places, len(offers), accepted, ridge.level)
    common = np.full(x.shape[1], ridge.common)
    # With one offer there is nothing to differ from.
    own = np.full(x.shape[1], ridge.own if len(offers) > 1 else 0.0)
    found = problem.solve(common, own, None)
    for _ in range(REPEATS):
        common = _room(found.common, groups) * ridge.common
        if len(offers) > 1:
            own = _room(found.own, groups) * ridge.own
        found = problem.solve(common, own, found)
    return Fit(
        tuple(int(offer) for offer in offers),
        found.intercept + found.levels,
        found.common + found.own,
    )


def _room(weights: Floats, groups: NDArray[np.int64]) -> Floats:
    """For each column the root mean square of its attribute's weights, against that of all."""
    squares = np.atleast_2d(weights**2).mean(axis=0)
    columns = np.bincount(groups)
    means = np.bincount(groups, squares) / np.maximum(columns, 1)
    room = np.sqrt(means / max(float(squares.mean()), 1e-12))
    found: Floats = np.clip(room, LEAST, MOST)[groups]
    return found


@dataclass(frozen=True, slots=True)
class _Weights:
    """A solution in the units of the matrix; ``own`` is offers x columns."""

    intercept: float
    levels: Floats
    common: Floats
    own: Floats


class _Problem:
    """The examples, to be solved with this or that room for each column."""

    def __init__(
        self, x: Floats, places: NDArray[np.int64], offers: int, accepted: Floats, level: float
    ) -> None:
        self._x, self._places, self._offers = x, places, offers
        self._accepted, self._level = accepted, level
        self._levels = _indicator(places, offers) * level

    def solve(self, common: Floats, own: Floats, start: _Weights | None) -> _Weights:
        """The best weights when these are their standard deviations; ``start`` only saves time."""
        columns = sp.hstack(
            [
                sp.csr_matrix(self._x * common),
                self._levels,
                _by_offer(self._x * own, self._places, self._offers),
            ],
            format="csr",
        )
        model = LogisticRegression(C=1.0, solver="lbfgs", tol=1e-5, max_iter=2000, warm_start=True)
        if start is not None:
            model.coef_ = self._scaled(start, common, own)
            model.intercept_ = np.array([start.intercept])
        model.fit(columns, self._accepted)
        found, width = model.coef_[0], self._x.shape[1]
        return _Weights(
            float(model.intercept_[0]),
            found[width : width + self._offers] * self._level,
            found[:width] * common,
            found[width + self._offers :].reshape(self._offers, width) * own,
        )

    def _scaled(self, start: _Weights, common: Floats, own: Floats) -> Floats:
        """The weights in the units of the scaled columns; those without room stay at 0."""
        parts = (
            _divided(start.common, common),
            start.levels / self._level,
            _divided(start.own, own).ravel(),
        )
        return np.concatenate(parts)[None, :]


def _divided(weights: Floats, room: Floats) -> Floats:
    found: Floats = np.divide(weights, room, out=np.zeros_like(weights), where=room > 0)
    return found


def _indicator(places: NDArray[np.int64], offers: int) -> sp.csr_matrix:
    """A column for each offer: 1 where it was the one presented."""
    count = len(places)
    return sp.csr_matrix((np.ones(count), (np.arange(count), places)), shape=(count, offers))


def _by_offer(x: Floats, places: NDArray[np.int64], offers: int) -> sp.csr_matrix:
    """The columns once for each offer: the customer's at the one presented, else 0."""
    count, width = x.shape
    columns = places[:, None] * width + np.arange(width)
    starts = np.arange(count + 1) * width
    return sp.csr_matrix((x.ravel(), columns.ravel(), starts), shape=(count, offers * width))
