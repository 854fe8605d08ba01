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
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from cordboard.decision_context import why_not
from cordboard.decision_facts import NEVER, NOBODY, Facts, Offer
from cordboard.decision_pick import Pick, pick
from cordboard.decision_route import Route, choose_route
from cordboard.decision_words import entry_words
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
        possible: whether another policy could have chosen it: it can be presented now, or nothing
            can.
        chosen: whether it is the chosen one.
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
    possible: bool = False

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
            "possible": self.possible,
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
    looked = [(offer, why_not(question, facts, offer)) for offer in facts.offers]
    order = sorted((offer for offer, why in looked if not why), key=lambda o: _worth(o, facts))
    picks = {
        kind: pick(question, facts, own, random)
        for kind in KINDS
        if (own := [offer for offer in order if offer.kind == kind])
    }
    order = _with_first(order, picks)
    heads = [offer for offer in order if picks[offer.kind].chosen is offer]
    return Decision(
        id=str(UUID(int=random.getrandbits(128), version=4)),
        question=question,
        ranking=(
            *(_ranked(facts, offer, rank, picks) for rank, offer in enumerate(order, start=1)),
            *(_kept_out(facts, offer, why) for offer, why in looked if why),
        ),
        chosen=_chosen(question, looked, picks),
        route=choose_route(question, facts.policy, heads),
        explored=any(one.explored for one in picks.values()),
        context=_context(question, facts),
    )


def _worth(offer: Offer, facts: Facts) -> tuple[float, int]:
    """By expected value; of equal ones (service often has no value) as the strategy has them."""
    ranked = facts.ranked[offer.id]
    return -ranked.p * offer.value_cents, ranked.place


def _with_first(offers: list[Offer], picks: Mapping[str, Pick]) -> list[Offer]:
    """The order in which the first of each kind stands where the best of its kind stood."""
    order = list(offers)
    for kind, one in picks.items():
        to = next(at for at, offer in enumerate(order) if offer.kind == kind)
        order.remove(one.first)
        order.insert(to, one.first)
    return order


def _ranked(facts: Facts, offer: Offer, rank: int, picks: Mapping[str, Pick]) -> Entry:
    p, past, own = facts.ranked[offer.id].p, facts.past.get(offer.id, NEVER), picks[offer.kind]
    ev_cents = round(p * offer.value_cents)
    words = entry_words("eligible", offer, p, ev_cents, past)
    chance, chosen = own.chances[offer.id], own.chosen is offer
    possible = offer.id in own.possible
    return Entry(offer, p, ev_cents, past.times, "eligible", words, rank, chance, chosen, possible)


def _kept_out(facts: Facts, offer: Offer, why: str) -> Entry:
    ranked, past = facts.ranked.get(offer.id), facts.past.get(offer.id, NEVER)
    p = ranked.p if ranked else None
    ev_cents = None if p is None else round(p * offer.value_cents)
    return Entry(offer, p, ev_cents, past.times, why, entry_words(why, offer, p, ev_cents, past))


def _chosen(
    question: Question, looked: Sequence[tuple[Offer, str]], picks: Mapping[str, Pick]
) -> dict[str, int | None]:
    """What is attached, for kinds about which the strategy says anything."""
    said = {offer.kind for offer, why in looked if why != "no_strategy"} & set(question.kinds)
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
