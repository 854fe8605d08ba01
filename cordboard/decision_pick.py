"""Of the offers of one kind: which one is chosen, and how likely each would have been. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from cordboard.decision_facts import Facts, Offer
from cordboard.decision_route import route_for
from cordboard.exploration import Candidate, choose
from cordboard.question import Question


@dataclass(frozen=True, slots=True)
class Pick:
    """What was picked of one kind.

    Attributes:
        first: the offer that goes before the others of its kind in the ranking.
        chosen: the offer that the contact gets: ``first``, unless nobody can present that now.
        chances: offer id -> probability with which it would have been the chosen one.
        possible: ids of those that could be the chosen one: what can be presented now, or all of
            them when nothing can.
        explored: whether another than the best was chosen.
    """

    first: Offer
    chosen: Offer
    chances: dict[int, float]
    possible: frozenset[int]
    explored: bool


def pick(question: Question, facts: Facts, offers: Sequence[Offer], random: Random) -> Pick:
    """Choose among the offers of a kind.

    Args:
        question: the contact.
        facts: what is known; each of the offers has its place in the strategy.
        offers: at least one, best by expected value first.
        random: where chance comes from.
    """
    policy = facts.policy
    candidates = [Candidate(facts.ranked[o.id].p, o.weight, o.value_cents) for o in offers]
    at, chances = choose(policy.exploration, policy.explore_share, candidates, random)
    can = [_presentable(question, facts, offer) for offer in offers]
    best = can.index(True) if True in can else 0
    if True in can:
        # Whatever would have been chosen and cannot be presented leaves its turn to the best.
        lost = sum(chance for chance, able in zip(chances, can, strict=True) if not able)
        chances = [chance if able else 0.0 for chance, able in zip(chances, can, strict=True)]
        chances[best] += lost
    chosen = at if can[at] or True not in can else best
    return Pick(
        first=offers[at],
        chosen=offers[chosen],
        chances=dict(zip((offer.id for offer in offers), chances, strict=True)),
        possible=frozenset(
            o.id for o, able in zip(offers, can, strict=True) if able or True not in can
        ),
        explored=chosen != best,
    )


def _presentable(question: Question, facts: Facts, offer: Offer) -> bool:
    """Whether it can be presented now; outside calls whoever shows the list presents it."""
    return question.channel != "phone" or route_for(question, facts.policy, offer) is not None
