"""How good probabilities are, measured on answers that nobody learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

Floats = NDArray[np.float64]
Json = dict[str, Any]

#: Groups of the tables of calibration and lift.
GROUPS = 10
#: A probability is never taken for certain, so that the log loss stays finite.
CERTAIN = 1e-6


def log_loss(p: Floats, accepted: Floats) -> float:
    """Mean of -ln of the probability that was given to what happened; less is better."""
    p = np.clip(p, CERTAIN, 1 - CERTAIN)
    return float(-(accepted * np.log(p) + (1 - accepted) * np.log(1 - p)).mean())


def measures(p: Floats, accepted: Floats) -> Json:
    """AUC (0.5 is chance, and what it is called when all answers are alike), log loss, Brier."""
    alike = accepted.min() == accepted.max()
    return {
        "auc": 0.5 if alike else float(roc_auc_score(accepted, p)),
        "log_loss": log_loss(p, accepted),
        "brier": float(((p - accepted) ** 2).mean()),
    }


def calibration(p: Floats, accepted: Floats) -> list[Json]:
    """Ten groups of equal size by rising p: what was said, what happened, of how many."""
    return [
        {"p": float(p[at].mean()), "rate": float(accepted[at].mean()), "n": len(at)}
        for at in _groups(p)
    ]


def lift(p: Floats, accepted: Floats) -> list[Json]:
    """Ten groups of equal size by falling p: accepted of how many, and that against the mean."""
    base = float(accepted.mean())
    return [
        {
            "group": number,
            "n": len(at),
            "rate": float(accepted[at].mean()),
            "lift": float(accepted[at].mean() / base) if base > 0 else None,
        }
        for number, at in enumerate(reversed(_groups(p)), start=1)
    ]


def _groups(p: Floats) -> list[NDArray[np.int64]]:
    """Places of the values in rising order, in groups that differ by one at most."""
    order = np.argsort(p, kind="stable")
    return [at for at in np.array_split(order, GROUPS) if len(at)]
