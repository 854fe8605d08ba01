"""What to offer in one contact, and where the call goes. No I/O.

    decision = decide(question, facts, random)

1. Of the offers, those that are not for this customer, or not for this contact, are kept out, each
   with its reason (:mod:`cordboard.decision_context`).
2. The others are ranked by expected value: p of the stored strategy × the value that the offer has
   now. Of each kind one is chosen, the best or deliberately another (:mod:`cordboard.exploration`).
   What nobody can present now is not chosen while there is something that can be presented.
3. The call goes where the best of the chosen ones can be presented now
   (:mod:`cordboard.decision_route`).

The chosen offer of a kind stands before the others of its kind in the ranking, unless it was chosen
only because nobody can present what stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from cordboard.decision_context import why_not
from cordboard.decision_facts import NOBODY, Facts, Offer, Past, Policy
from cordboard.decision_route import Route, choose_route, route_for
from cordboard.decision_words import entry_words
from cordboard.exploration import Candidate, choose
from cordboard.question import KINDS, Question

__all__ = ["Decision", "Entry", "Facts", "Question", "Route", "decide"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An offer that was looked at.

    Attributes:
        offer: as it was.
        p: probability of acceptance; None when the strategy has none.
        ev_cents: p × value; None as p.
        exposures: how often this customer was presented it before.
        why: ``eligible``, or what keeps it out.
        words: the same in a sentence.
        rank: from 1; None when it is kept out.
        chance: probability with which it is the chosen one of its kind; None when it is kept out.
        chosen: whether it is.
    """

    offer: Offer
    p: float | None
    ev_cents: int | None
    exposures: int
    why: str
    words: str
    rank: int | None = None
    chance: float | None = None
    chosen: bool = False

    @property
    def offered(self) -> bool:
        """Whether nothing keeps it out."""
        return self.why == "eligible"

    def as_json(self) -> dict[str, Any]:
        """As it is stored, and shown on the desk."""
        offer = self.offer
        return {
            "rank": self.rank,
            "offer": offer.id,
            "code": offer.code,
            "kind": offer.kind,
            "title": offer.title,
            "url": offer.url,
            "channels": list(offer.channels),
            "group": offer.group or None,
            "skill": offer.skill or None,
            "p": self.p,
            "value_cents": offer.value_cents,
            "ev_cents": self.ev_cents,
            "exposures": self.exposures,
            "chance": self.chance,
            "chosen": self.chosen,
            "state": "offered" if self.offered else "kept_out",
            "why": self.why,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What one contact gets; :meth:`as_json` is the stored record.

    Attributes:
        id: a random UUID.
        question: what was asked.
        ranking: every offer that was looked at: the ranked ones first, then those kept out.
        chosen: kind -> offer (id) that is attached to the call, None when nothing of that kind may
            be offered. A kind that is missing stays as it is: it was not asked for, or there is no
            strategy for it.
        route: where the call goes.
        explored: whether an offer was chosen that is not the best.
        context: what else it was decided by.
    """

    id: str
    question: Question
    ranking: tuple[Entry, ...]
    chosen: Mapping[str, int | None]
    route: Route
    explored: bool
    context: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The record."""
        asked = self.question
        return {
            "id": self.id,
            "call": asked.call,
            "subscriber": asked.subscriber,
            "customer": asked.customer,
            "channel": asked.channel,
            "at_ms": asked.at_ms,
            "ranking": [entry.as_json() for entry in self.ranking],
            "chosen": dict(self.chosen),
            "context": dict(self.context),
            "resources": {group: dict(seen) for group, seen in asked.resources.items()},
            "route": self.route.as_json(),
            "explored": self.explored,
        }


def decide(question: Question, facts: Facts, random: Random) -> Decision:
    """Decide; the same question, facts and state of ``random`` give the same decision."""
    if not question.customer or facts.customer != question.customer:
        facts = NOBODY
    looked = [_look(question, facts, offer) for offer in facts.offers]
    ranked = sorted((e for e in looked if e.offered), key=lambda e: _order(e, facts))
    picks = {
        kind: _pick(question, facts.policy, own, random)
        for kind in KINDS
        if (own := [entry for entry in ranked if entry.offer.kind == kind])
    }
    ranking = _in_order(ranked, picks)
    heads = [entry.offer for entry in ranking if entry.chosen]
    kept_out = [entry for entry in looked if not entry.offered]
    return Decision(
        id=str(UUID(int=random.getrandbits(128), version=4)),
        question=question,
        ranking=(*ranking, *kept_out),
        chosen=_chosen(question, looked, picks),
        route=choose_route(question, facts.policy, heads),
        explored=any(pick.explored for pick in picks.values()),
        context=_context(question, facts),
    )


def _look(question: Question, facts: Facts, offer: Offer) -> Entry:
    why = why_not(question, facts, offer) or "eligible"
    ranked, past = facts.ranked.get(offer.id), facts.past.get(offer.id, Past())
    p = ranked.p if ranked else None
    ev_cents = None if p is None else round(p * offer.value_cents)
    words = entry_words(why, offer, p, ev_cents, past)
    return Entry(offer, p, ev_cents, past.times, why, words)


def _order(entry: Entry, facts: Facts) -> tuple[float, int]:
    """By expected value; of equal ones (service often has no value) as the strategy has them."""
    return -(entry.p or 0.0) * entry.offer.value_cents, facts.ranked[entry.offer.id].place


@dataclass(frozen=True, slots=True)
class _Pick:
    """Of one kind: which offer goes first in the ranking, which is chosen, each one's chance."""

    first: Offer
    chosen: Offer
    chances: dict[int, float]
    explored: bool


def _pick(question: Question, policy: Policy, own: Sequence[Entry], random: Random) -> _Pick:
    """Choose among the offers of a kind, best first."""
    candidates = [Candidate(e.p or 0.0, e.offer.weight, e.offer.value_cents) for e in own]
    at, chances = choose(policy.exploration, policy.explore_share, candidates, random)
    offers = [entry.offer for entry in own]
    can = [_presentable(question, policy, offer) for offer in offers]
    best = can.index(True) if True in can else 0
    if True in can:
        # Whatever would have been chosen and cannot be presented leaves its turn to the best.
        lost = sum(chance for chance, able in zip(chances, can, strict=True) if not able)
        chances = [chance if able else 0.0 for chance, able in zip(chances, can, strict=True)]
        chances[best] += lost
    chosen = at if can[at] or True not in can else best
    return _Pick(
        first=offers[at],
        chosen=offers[chosen],
        chances=dict(zip((offer.id for offer in offers), chances, strict=True)),
        explored=chosen != best,
    )


def _presentable(question: Question, policy: Policy, offer: Offer) -> bool:
    """Whether it can be presented now; outside calls whoever shows the list presents it."""
    return question.channel != "phone" or route_for(question, policy, offer) is not None


def _in_order(ranked: list[Entry], picks: Mapping[str, _Pick]) -> list[Entry]:
    """The ranking with its ranks: the first of each kind stands where its best one stood."""
    order = list(ranked)
    for kind, pick in picks.items():
        own = [at for at, entry in enumerate(order) if entry.offer.kind == kind]
        to = own[0]
        found = next(at for at in own if order[at].offer is pick.first)
        order.insert(to, order.pop(found))
    return [
        _placed(entry, rank, picks[entry.offer.kind]) for rank, entry in enumerate(order, start=1)
    ]


def _placed(entry: Entry, rank: int, pick: _Pick) -> Entry:
    chosen = entry.offer is pick.chosen
    return replace(entry, rank=rank, chance=pick.chances[entry.offer.id], chosen=chosen)


def _chosen(
    question: Question, looked: Sequence[Entry], picks: Mapping[str, _Pick]
) -> dict[str, int | None]:
    """What is attached, for kinds about which the strategy says anything."""
    said = {e.offer.kind for e in looked if e.why != "no_strategy"} & set(question.kinds)
    return {
        kind: picks[kind].chosen.id if kind in picks else None for kind in KINDS if kind in said
    }


def _context(question: Question, facts: Facts) -> dict[str, Any]:
    return {
        "kinds": list(question.kinds),
        "reason": question.reason,
        "group": question.group,
        "outage": facts.failure or None,
        "build": facts.build or None,
        "exploration": facts.policy.exploration,
    }
