"""A customer, five offers and a question, for tests of the rules of deciding."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from cordboard.decision import Decision, Entry, Question, decide
from cordboard.decision_facts import Facts, Offer, Ranked

NOW = 1_800_000_000_000
DAY = 24 * 3600 * 1000
GOLD = {"attribute": "segment", "is": "=", "value": "gold"}

FIBER = Offer(1, "FIBER", "sales", "Fiber", value_cents=18000)
MESH = Offer(2, "MESH", "sales", "Mesh", value_cents=9600)
TV = Offer(3, "TV", "sales", "TV", value_cents=12000)
CARE = Offer(4, "CARE", "service", "Care", value_cents=6000)
ROUTER = Offer(5, "ROUTER", "service", "Router")
P = {1: 0.1, 2: 0.4, 3: 0.2, 4: 0.3, 5: 0.5}

FACTS = Facts(
    customer=7,
    attributes={"segment": "gold", "balance_cents": 1200},
    offers=(FIBER, MESH, TV, CARE, ROUTER),
    build=3,
    ranked={id_: Ranked(place, p) for place, (id_, p) in enumerate(P.items(), start=1)},
)
FREE = {"desk": {"free": 2, "skills": {"fiber": 1}, "wait_s": 0}}
BUSY = {"desk": {"free": 0, "skills": {}, "wait_s": 300, "skill_waits": {"fiber": 40}}}
ELSEWHERE = {**BUSY, "sales-desk": {"free": 1}}
ASKED = Question("c1", 7, "halyard", group="desk", resources=FREE, at_ms=NOW)


def decided(
    question: Question = ASKED, facts: Facts = FACTS, *, seed: int = 1, **changed: Any
) -> Decision:
    """What is decided for a question like this."""
    return decide(replace(question, **changed), facts, Random(seed))


def with_offer(offer: Offer, **changed: Any) -> Facts:
    """The facts with that offer changed."""
    other = replace(offer, **changed)
    return replace(FACTS, offers=tuple(other if o is offer else o for o in FACTS.offers))


def entry(decision: Decision, offer: Offer) -> Entry:
    """What the ranking says of an offer."""
    return next(e for e in decision.ranking if e.offer.id == offer.id)


def codes(decision: Decision) -> list[str]:
    """Of what is offered, best first."""
    return [e.offer.code for e in decision.ranking if e.offered]
