"""Which offer of a kind comes first: the best one, or deliberately another. No I/O.

Whatever the way, :func:`choose` answers with the choice the probability with which each offer would
have been chosen, which is stored: an off-line estimate of another policy divides by it.

``none``
    The best by expected value.
``epsilon``
    With probability ``explore_share`` any one, all alike; else the best. An offer other than the
    best is chosen with probability share / n, the best with 1 - share + share / n.
``thompson``
    Each probability of acceptance is drawn from what is known of it, and the best by drawn
    probability x value is chosen (W. R. Thompson, "On the likelihood that one unknown probability
    exceeds another in view of the evidence of two samples", Biometrika 25, 1933; O. Chapelle and
    L. Li, "An empirical evaluation of Thompson sampling", NIPS 2011). What is known is
    Beta(p w, (1 - p) w): p of the strategy for this customer, which is prior and model together,
    and w presentations on which it stands, those of the prior (``prior_weight``) and those that
    the model has seen of that offer.

For Thompson the probability of a choice has no closed form. :data:`DRAWS` draws are made, each
offer's share of wins among them is counted, and the choice is made *with these shares*: so what is
stored is the probability with which it was chosen, and not an estimate of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random, SystemRandom

#: Draws of Thompson sampling for one decision.
DRAWS = 200
#: A probability that stands on less than this is drawn as if it stood on this much.
LEAST_WEIGHT = 1.0
#: Beta needs both parameters above 0.
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that may be chosen: its probability, what that stands on, and its value in cents."""

    p: float
    weight: float
    value_cents: int


def choose(
    way: str, share: float, candidates: Sequence[Candidate], random: Random
) -> tuple[int, list[float]]:
    """Which of the candidates comes first, and with which probability each would have.

    Args:
        way: ``none``, ``epsilon`` or ``thompson``.
        share: of decisions that explore, for ``epsilon``, 0 to 1.
        candidates: at least one, best by expected value first.
        random: where chance comes from.

    Raises:
        ValueError: there is no such way.
    """
    if way == "none":
        return 0, _only_first(len(candidates))
    if way == "epsilon":
        return _epsilon(share, len(candidates), random)
    if way == "thompson":
        return _thompson(candidates, random)
    raise ValueError(f"no way to explore: {way[:40]!r}; one of none, epsilon, thompson")


def get_ready() -> None:
    """Load what Thompson sampling needs: a tenth of a second that no call should wait for."""
    _thompson([Candidate(0.5, LEAST_WEIGHT, 1)] * 2, SystemRandom())


def _only_first(count: int) -> list[float]:
    return [1.0] + [0.0] * (count - 1)


def _epsilon(share: float, count: int, random: Random) -> tuple[int, list[float]]:
    chances = [share / count] * count
    chances[0] += 1 - share
    chosen = random.randrange(count) if random.random() < share else 0
    return chosen, chances


def _thompson(candidates: Sequence[Candidate], random: Random) -> tuple[int, list[float]]:
    if len(candidates) == 1:
        return 0, [1.0]
    # Who only imports this module, as every page does, does not pay for numpy's start.
    import numpy as np

    weights = np.array([max(one.weight, LEAST_WEIGHT) for one in candidates])
    p = np.clip([one.p for one in candidates], _EDGE, 1 - _EDGE)
    values = np.array([one.value_cents for one in candidates])
    draw = np.random.default_rng(random.getrandbits(64))
    worth = draw.beta(p * weights, (1 - p) * weights, size=(DRAWS, len(candidates))) * values
    wins = np.bincount(worth.argmax(axis=1), minlength=len(candidates)).tolist()
    chosen = random.choices(range(len(candidates)), weights=wins)[0]
    return chosen, [won / DRAWS for won in wins]
