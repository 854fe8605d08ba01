"""Makes probabilities honest on time that the fit has not seen: a slope and a shift of log-odds.

This is J. Platt's scaling ("Probabilistic outputs for support vector machines", 1999), fitted by
Newton's method with a Gaussian prior of standard deviation ``TRUST`` around "as it is" (slope 1,
shift 0), so that a few hundred answers do not bend a good model. Two parameters fold into intercept
and weights, so that whoever applies the model knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRUST = 0.5
STEPS = 50
#: Beyond this log-odds a probability is 0 or 1 to all intents.
FARTHEST = 30.0


@dataclass(frozen=True, slots=True)
class Scaling:
    """Calibrated log-odds are ``slope x log-odds + shift``."""

    slope: float = 1.0
    shift: float = 0.0

    def of(self, log_odds: Floats) -> Floats:
        """The probabilities."""
        return logistic(self.slope * log_odds + self.shift)


def logistic(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x))."""
    found: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -FARTHEST, FARTHEST)))
    return found


def calibrate(log_odds: Floats, accepted: Floats) -> Scaling:
    """The scaling that fits best; a slope below 0 (worse than chance) becomes 0: the mean alone."""
    columns = np.stack([log_odds, np.ones_like(log_odds)], axis=1)
    prior, precision = np.array([1.0, 0.0]), np.eye(2) / TRUST**2
    found = prior.copy()
    for _ in range(STEPS):
        p = logistic(columns @ found)
        gradient = columns.T @ (p - accepted) + precision @ (found - prior)
        curvature = (columns * (p * (1 - p))[:, None]).T @ columns + precision
        step = np.linalg.solve(curvature, gradient)
        # Far from the optimum a whole step can overshoot.
        found -= step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    if found[0] < 0:
        rate = float(np.clip(accepted.mean(), 1e-4, 1 - 1e-4))
        return Scaling(0.0, float(np.log(rate / (1 - rate))))
    return Scaling(float(found[0]), float(found[1]))
