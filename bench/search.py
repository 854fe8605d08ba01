"""Finding the highest rate that holds. Pure: whoever calls says how a rate is tried."""

from __future__ import annotations

import math
from collections.abc import Callable

#: A first guess that holds (or not) is followed by one this much higher (or lower).
STRIDE = 1.5
#: The search ends when the lowest rate that failed is within this factor of the highest that held.
RESOLUTION = 1.06


def highest_rate(
    holds: Callable[[float], bool], *, first: float, least: float = 0.5, stride: float = STRIDE
) -> float:
    """The highest rate for which ``holds`` was true, within ``RESOLUTION``; 0 when none was.

    Strides up or down from ``first`` until one rate held and a higher one failed, then halves the
    gap. A rate that failed is not tried again, so that a lucky second try counts for nothing.

    Args:
        holds: tries a rate, calls per second.
        first: where to begin, best near the answer.
        least: below this the search gives up.
        stride: factor of the first steps.
    """
    held, failed = 0.0, 0.0
    rate = first
    while rate >= least and not (held and failed and failed / held < RESOLUTION):
        if holds(rate):
            held = rate
        else:
            failed = rate
        rate = _next(held, failed, stride)
    return held


def _next(held: float, failed: float, stride: float) -> float:
    if not failed:
        return held * stride
    if not held:
        return failed / stride
    return math.sqrt(held * failed)
