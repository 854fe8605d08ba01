"""Small arithmetic on samples. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that is not below ``share`` (0 to 1) of all samples (nearest rank).

    Raises:
        ValueError: there are no samples, or the share is outside 0..1.
    """
    if not samples:
        raise ValueError("a percentile of no samples")
    if not 0 <= share <= 1:
        raise ValueError(f"share {share} is not between 0 and 1")
    rank = max(1, math.ceil(share * len(samples)))
    return sorted(samples)[rank - 1]


def share_at_most(samples: Sequence[float], bound: float) -> float:
    """Share of the samples that are not above ``bound``, 0 to 1.

    Raises:
        ValueError: there are no samples.
    """
    if not samples:
        raise ValueError("a share of no samples")
    return sum(sample <= bound for sample in samples) / len(samples)


def summary(samples: Iterable[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum, for the details of a result."""
    values = list(samples)
    return {
        "p50": round(percentile(values, 0.5), 3),
        "p99": round(percentile(values, 0.99), 3),
        "max": round(max(values), 3),
    }
