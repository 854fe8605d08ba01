"""The one place of scikit-learn: a regularised logistic regression over customers and offers.

The log-odds of offer o for customer x are ``a + b_o + (w + v_o) . x``: w is common to all offers,
so that few presentations of one offer are enough to begin with, and v_o is how this offer differs.
A ridge holds w to ``common``, v_o to ``own`` and b_o to ``level`` standard deviations around 0, the
same as a Gaussian prior on each (T. Hastie, R. Tibshirani and J. Friedman, "The Elements of
Statistical Learning", 2nd ed., 3.4.1 and 4.4.4). scikit-learn has one strength for all columns;
columns multiplied by their standard deviation give each its own.
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
RIDGES = (Ridge(0.1, 0.03), Ridge(0.3, 0.1), Ridge(0.3, 0.3), Ridge(1.0, 1.0))


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


def fit(matrix: NDArray[Any], offer_ids: NDArray[np.int64], accepted: Floats, ridge: Ridge) -> Fit:
    """Fit to examples: a row of the matrix, an offer and an answer (0 or 1) each."""
    offers, places = np.unique(offer_ids, return_inverse=True)
    x = matrix.astype(np.float64)
    own = ridge.own if len(offers) > 1 else 0.0
    columns = sp.hstack(
        [
            sp.csr_matrix(x * ridge.common),
            _indicator(places, len(offers)) * ridge.level,
            _by_offer(x * own, places, len(offers)),
        ],
        format="csr",
    )
    model = LogisticRegression(C=1.0, solver="lbfgs", tol=1e-4, max_iter=2000)
    model.fit(columns, accepted)
    coefficients = model.coef_[0]
    width = x.shape[1]
    common = coefficients[:width] * ridge.common
    levels = coefficients[width : width + len(offers)] * ridge.level
    own_weights = coefficients[width + len(offers) :].reshape(len(offers), width) * own
    return Fit(
        tuple(int(offer) for offer in offers),
        model.intercept_[0] + levels,
        common + own_weights,
    )


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
