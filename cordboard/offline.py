"""What another policy would have been worth, estimated from what was logged. No I/O.

A presentation was chosen with probability c (``chance``), and brought r cents. A policy that would
have chosen the same with probability q gives it the weight w = q / c. Over n presentations:

``ips``
    Inverse propensity scoring, sum(w r) / n, unbiased when every offer that the policy would choose
    had a chance (D. G. Horvitz and D. J. Thompson, "A generalization of sampling without
    replacement from a finite universe", JASA 47, 1952). Its standard error is that of a mean.
``self-normalised``
    sum(w r) / sum(w): a little biased, steadier when much is accepted (A. Swaminathan and
    T. Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015). Its
    standard error is sqrt(sum(w² (r - estimate)²)) / sum(w), by the delta method (A. B. Owen,
    "Monte Carlo theory, methods and examples", 2013, equation 9.8).

Intervals are the estimate ± 1.96 standard errors (95 %). The effective sample size is
(sum w)² / sum(w²) (L. Kish, "Survey Sampling", 1965): so many equally weighted presentations would
tell as much.

What a policy would have chosen and never had a chance cannot be judged by any weight: its share of
the policy's choices is told (``unsupported``), and the rest is all that the estimate speaks of. An
estimate that stands on little, or speaks of a part only, is marked as such and not hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Standard errors on each side of a 95 % interval.
SIDE = 1.96
#: With less than this an interval says nothing, since a mean of so few is not normal.
FEWEST = 50.0
#: Nor with fewer accepted: none among a hundred has an interval of no width, and is no proof.
FEWEST_ACCEPTED = 5
#: A policy of whose choices more than this share had no chance is not judged by the rest.
MOST_UNSUPPORTED = 0.05


@dataclass(frozen=True, slots=True)
class Alternative:
    """An offer that could have been chosen in a presentation's contact.

    Attributes:
        offer: id.
        p: probability of acceptance as it was believed then.
        value_cents: what one that is accepted is worth.
        p_now: as the model in use believes it now; None without a model.
        had_chance: whether the policy of then might have chosen it.
    """

    offer: int
    p: float
    value_cents: float
    p_now: float | None = None
    had_chance: bool = True


@dataclass(frozen=True, slots=True)
class Logged:
    """One presentation of the offer that the policy of its time had chosen.

    Attributes:
        offer: which it was.
        chance: with which it was chosen, above 0, at most 1.
        accepted: whether it was taken.
        alternatives: what could have been chosen, this offer among them.
    """

    offer: int
    chance: float
    accepted: bool
    alternatives: Sequence[Alternative]

    @property
    def reward(self) -> float:
        """What it brought, cents."""
        value = next(one.value_cents for one in self.alternatives if one.offer == self.offer)
        return value if self.accepted else 0.0


def read_logged(row: Mapping[str, Any], p_now: Mapping[int, float]) -> Logged | None:
    """A presentation as the database has it, with the ranking of its decision.

    ``row`` has ``offer_id``, ``chance``, ``accepted`` and ``ranking``: entries as in
    ``cordboard/decision.py``, of the kind of the presented offer. Those that are ``possible`` could
    have been chosen instead, by another policy if not by that one. None: the presented one is not
    among them.
    """
    alternatives = [
        Alternative(
            offer=one["offer"],
            p=one["p"] or 0.0,
            value_cents=one["value_cents"],
            p_now=p_now.get(one["offer"]),
            had_chance=bool(one["chance"]),
        )
        # A ranking begins with what was chosen: in that order, whoever takes the first of equals
        # would follow what was done, and not a mind of their own.
        for one in sorted(row["ranking"], key=lambda entry: int(entry["offer"]))
        if one.get("possible") or one["chance"]
    ]
    if not any(one.offer == row["offer_id"] and one.had_chance for one in alternatives):
        return None
    return Logged(row["offer_id"], row["chance"], bool(row["accepted"]), alternatives)


#: Offer -> probability with which a policy chooses it; whoever is missing has 0.
Choice = Mapping[int, float]
Chooser = Callable[[Sequence[Alternative]], Choice]


def by_value(alternatives: Sequence[Alternative]) -> Choice:
    """Always the dearest."""
    return _best(alternatives, lambda one: one.value_cents)


def by_p(alternatives: Sequence[Alternative]) -> Choice:
    """Always the likeliest, whatever it is worth."""
    return _best(alternatives, lambda one: one.p)


def by_expected_value(alternatives: Sequence[Alternative]) -> Choice:
    """The policy of then without exploration."""
    return _best(alternatives, lambda one: one.p * one.value_cents)


def by_model_now(alternatives: Sequence[Alternative]) -> Choice:
    """Expected value by the model in use now; by what was believed then where it says nothing."""
    return _best(
        alternatives, lambda one: (one.p if one.p_now is None else one.p_now) * one.value_cents
    )


def at_random(alternatives: Sequence[Alternative]) -> Choice:
    """Any, all alike."""
    return {one.offer: 1 / len(alternatives) for one in alternatives}


def _best(alternatives: Sequence[Alternative], worth: Callable[[Alternative], float]) -> Choice:
    """The one that is worth most; of equals the first."""
    return {max(alternatives, key=worth).offer: 1.0}


#: The policies that are compared, by name.
POLICIES: Mapping[str, Chooser] = {
    "model": by_model_now,
    "expected_value": by_expected_value,
    "p": by_p,
    "value": by_value,
    "random": at_random,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its 95 % interval, cents a presentation."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a policy would have been worth.

    Attributes:
        ips: by inverse propensity scoring.
        self_normalised: the same divided by the mean weight.
        effective: effective sample size, presentations.
        n: presentations that were looked at.
        matched: those in which the policy might have chosen what was chosen.
        accepted: those of the matched that were accepted.
        unsupported: share of the policy's choices that never had a chance.
    """

    ips: Interval
    self_normalised: Interval
    effective: float
    n: int
    matched: int
    accepted: int
    unsupported: float

    @property
    def supported(self) -> bool:
        """Whether it speaks of what the policy would have chosen, and not of a part of it."""
        return self.unsupported <= MOST_UNSUPPORTED

    @property
    def enough(self) -> bool:
        """Whether it stands on enough presentations, and on enough acceptances."""
        return self.effective >= FEWEST and self.accepted >= FEWEST_ACCEPTED

    @property
    def sure(self) -> bool:
        """Whether it is to be believed."""
        return self.supported and self.enough


def estimate(log: Sequence[Logged], chooser: Chooser) -> Estimate | None:
    """Estimate a policy's value a presentation; None without presentations."""
    if not log:
        return None
    choices = [chooser(one.alternatives) for one in log]
    weights = [
        choice.get(one.offer, 0.0) / one.chance for one, choice in zip(log, choices, strict=True)
    ]
    rewards = [one.reward for one in log]
    total, squares = math.fsum(weights), math.fsum(w * w for w in weights)
    return Estimate(
        ips=_mean([w * r for w, r in zip(weights, rewards, strict=True)]),
        self_normalised=_ratio(weights, rewards, total),
        effective=total * total / squares if squares else 0.0,
        n=len(log),
        matched=sum(w > 0 for w in weights),
        accepted=sum(w > 0 and one.accepted for w, one in zip(weights, log, strict=True)),
        unsupported=math.fsum(map(_without_chance, log, choices)) / len(log),
    )


def _without_chance(one: Logged, choice: Choice) -> float:
    """How likely the policy chooses what the policy of then could not."""
    return math.fsum(choice.get(a.offer, 0.0) for a in one.alternatives if not a.had_chance)


def as_it_was(log: Sequence[Logged]) -> Interval | None:
    """What was really brought a presentation; None without presentations."""
    return _mean([one.reward for one in log]) if log else None


def _mean(values: Sequence[float]) -> Interval:
    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1) if n > 1 else 0.0
    return _interval(mean, math.sqrt(variance / n))


def _ratio(weights: Sequence[float], rewards: Sequence[float], total: float) -> Interval:
    if not total:
        return Interval(0.0, 0.0, 0.0)
    pairs = list(zip(weights, rewards, strict=True))
    found = math.fsum(w * r for w, r in pairs) / total
    error = math.sqrt(math.fsum((w * (r - found)) ** 2 for w, r in pairs)) / total
    return _interval(found, error)


def _interval(estimate: float, error: float) -> Interval:
    return Interval(estimate, estimate - SIDE * error, estimate + SIDE * error)
