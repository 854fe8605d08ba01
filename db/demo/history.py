"""A past of the crowd: what was presented to whom, by which chance, and what they answered.

There is a fixed truth behind the answers (``_taste``), so that `cordboard train` finds something on
the demo world. The named customers have no such past: their offers are open, as the README says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cordboard import rules
from cordboard.attributes import ATTRIBUTES, NEVER_DAYS
from db.demo.catalogue import OFFERS, Offer
from db.demo.crowd import NAMED
from db.demo.tables import Tables

Json = dict[str, Any]

#: Days back that the past goes, and contacts of a customer in it, at most.
DAYS, CONTACTS = 300, 11
#: So much was explored in that time, and of offers that nobody explored the best was presented.
EXPLORED = 0.5
#: An offer is presented to a customer so often at most, so many days apart.
TIMES, APART = 3, 32
#: Since a refusal of so many days ago the customer may be asked again.
FORGIVEN = 60
#: Agents who presented, by subscriber (rows of ``user_account``).
AGENTS = {1: (1, 2, 3, 4), 2: (7, 8)}
#: Days from the beginning in which no cool-down ends: a young world changes by what is done in it.
QUIET = 0.25


@dataclass(frozen=True, slots=True)
class Open:
    """An offer with its rules read."""

    id: int
    offer: Offer
    rules: tuple[rules.Rule, ...]


@dataclass(slots=True)
class Past:
    """What a customer was shown so far: offer -> days ago, and its latest answer."""

    shown: dict[int, list[float]] = field(default_factory=dict)
    answers: dict[int, tuple[float, str]] = field(default_factory=dict)

    def open_for(self, offer: int, days: float) -> bool:
        """Whether it may be presented so many days ago."""
        before = self.shown.get(offer, [])
        taken = self.answers.get(offer, (0, ""))[1] == "accepted"
        return not taken and len(before) < TIMES and all(one - days >= APART for one in before)

    def attributes(self, days: float) -> Json:
        """What these presentations say of the customer at that time."""
        ago = [one - days for times in self.shown.values() for one in times]
        answered = [(when - days, answer) for when, answer in self.answers.values()]
        return {
            "presented_90d": sum(one <= 90 for one in ago),
            "accepted_365d": sum(answer == "accepted" for _, answer in answered),
            "declined_90d": sum(a == "declined" and when <= 90 for when, a in answered),
            "days_since_presented": int(min(ago, default=NEVER_DAYS)),
        }


@dataclass(frozen=True, slots=True)
class Contact:
    """A call in which something can be presented.

    Attributes:
        customer: who called.
        subscriber: whom.
        days: how long ago.
        at: the time of that.
        attributes: what was known of the customer before it.
        among: offers that may be presented.
    """

    customer: int
    subscriber: int
    days: float
    at: datetime
    attributes: Json
    among: Sequence[Open]

    @property
    def decision(self) -> UUID:
        """Id of what is decided in it, the same each time."""
        return uuid5(NAMESPACE_URL, f"cordboard:demo:{self.customer}:{self.days}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The offer chosen, the best one, and by which chance each would have been."""

    chosen: Open
    best: Open
    chances: Mapping[int, float]


def fill(conn: Connection[Any]) -> None:
    """Exposures with their decisions and outcomes, for customers whose attributes are computed."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM customer_feature ORDER BY customer_id").fetchall()
    tables, random = Tables(), Random(1882)  # noqa: S311 - the same past each time
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for row in rows:
        if row["customer_id"] > len(NAMED):
            _add_customer(tables, row, random, now)
    tables.copy_to(conn)


def _add_customer(tables: Tables, row: Json, random: Random, now: datetime) -> None:
    customer, subscriber = row["customer_id"], row["subscriber_id"]
    known = {name: row[name] for name in ATTRIBUTES}
    past = Past()
    # From long ago to lately, so that what was answered before counts.
    contacts = [random.uniform(1, DAYS) for _ in range(random.randrange(CONTACTS + 1))]
    for days in sorted(contacts, reverse=True):
        then = _then(known, past, days, random)
        kind = "sales" if random.random() < 0.7 else "service"
        among = [one for one in _OPEN[subscriber, kind] if _may(one, then, past, days)]
        if among:
            contact = Contact(customer, subscriber, days, now - timedelta(days=days), then, among)
            _present(tables, contact, past, random)
    for offer, (days, answer) in sorted(past.answers.items()):
        if answer == "accepted" or (answer == "declined" and days < FORGIVEN):
            tables.add(
                "customer_offer",
                customer_id=customer,
                offer_id=offer,
                status=answer,
                updated_at=now - timedelta(days=days),
            )


def _then(known: Json, past: Past, days: float, random: Random) -> Json:
    """The customer's attributes before a call so many days ago; what nobody kept is made up."""
    return {
        **known,
        "tenure_days": max(known["tenure_days"] - int(days), 0),
        "balance_cents": max(known["balance_cents"] + random.randrange(-3000, 3000), 0),
        "calls_30d": (random.random() < 0.3) + (random.random() < 0.1),
        "service_calls_90d": int(random.random() < 0.25),
        **past.attributes(days),
    }


def _may(one: Open, attributes: Json, past: Past, days: float) -> bool:
    return past.open_for(one.id, days) and all(rules.holds(rule, attributes) for rule in one.rules)


def _present(tables: Tables, contact: Contact, past: Past, random: Random) -> None:
    """An offer is chosen, presented and (mostly) answered."""
    choice = _choose(contact.among, random)
    chosen = choice.chosen
    if 0 <= chosen.offer.cooldown_days - contact.days < QUIET:
        contact = replace(contact, at=contact.at - timedelta(days=QUIET))
    answer = _answer(chosen.offer, contact.attributes, random)
    _add_decision(tables, contact, choice, past)
    _add_exposure(tables, contact, choice, answer, random)
    past.shown.setdefault(chosen.id, []).append(contact.days)
    if answer:
        past.answers[chosen.id] = (contact.days, answer)


def _choose(among: Sequence[Open], random: Random) -> Choice:
    best = max(among, key=lambda one: one.offer.prior_p * one.offer.value_cents)
    explores = random.random() < EXPLORED
    chosen = random.choice(among) if explores else best
    chances = {one.id: EXPLORED / len(among) + (1 - EXPLORED) * (one is best) for one in among}
    return Choice(chosen, best, chances)


def _add_decision(tables: Tables, contact: Contact, choice: Choice, past: Past) -> None:
    tables.add(
        "decision",
        id=contact.decision,
        subscriber_id=contact.subscriber,
        customer_id=contact.customer,
        channel="phone",
        at=contact.at,
        ranking=Jsonb(_ranking(contact.among, choice, past)),
        context=Jsonb({"exploration": "epsilon"}),
        explored=choice.chosen is not choice.best,
    )


def _add_exposure(
    tables: Tables, contact: Contact, choice: Choice, answer: str | None, random: Random
) -> None:
    tables.add(
        "exposure",
        customer_id=contact.customer,
        offer_id=choice.chosen.id,
        decision_id=contact.decision,
        channel="agent",
        agent_id=random.choice(AGENTS[contact.subscriber]),
        rank=1,
        chance=choice.chances[choice.chosen.id],
        p=choice.chosen.offer.prior_p,
        features=Jsonb(contact.attributes),
        at=contact.at,
        outcome=answer,
        outcome_at=contact.at + timedelta(minutes=4) if answer else None,
    )


def _ranking(among: Sequence[Open], choice: Choice, past: Past) -> list[Json]:
    """As ``cordboard/decision.py`` stores it: the chosen one first, then by expected value."""
    rest = sorted(
        (one for one in among if one is not choice.chosen),
        key=lambda one: -one.offer.prior_p * one.offer.value_cents,
    )
    return [
        {
            "rank": rank,
            "offer": one.id,
            "code": one.offer.code,
            "kind": one.offer.kind,
            "title": one.offer.title,
            "p": one.offer.prior_p,
            "value_cents": one.offer.value_cents,
            "ev_cents": round(one.offer.prior_p * one.offer.value_cents),
            "exposures": len(past.shown.get(one.id, ())),
            "chance": choice.chances[one.id],
            "chosen": one is choice.chosen,
            "possible": True,
            "state": "offered",
            "why": "eligible",
            "words": "Eligible: nothing was learned yet, so its prior counted."
            + (" The best by expected value." if one is choice.best else ""),
        }
        for rank, one in enumerate([choice.chosen, *rest], start=1)
    ]


def _answer(offer: Offer, attributes: Json, random: Random) -> str | None:
    """What the customer said; now and then nobody wrote it down."""
    if random.random() < 0.08:
        return None
    if random.random() < _taste(offer, attributes):
        return "accepted"
    return "later" if random.random() < 0.15 else "declined"


def _taste(offer: Offer, attributes: Json) -> float:
    """The truth: probability that this customer takes this offer.

    The company's guess of each offer is right on the whole; who likes it is the offer's own.
    """
    own = Random(offer.code)  # noqa: S311 - a truth, not a secret
    years, balance = attributes["tenure_days"] / 365, attributes["balance_cents"] / 10_000
    log_odds = math.log(offer.prior_p / (1 - offer.prior_p))
    log_odds += own.uniform(-1.2, 1.2) * math.cos(years / own.uniform(2.0, 5.0))
    log_odds += own.uniform(-2.0, 2.0) * (balance - 0.6)
    log_odds += own.uniform(-0.4, 0.6) * (min(attributes["purchases_365d"], 6) / 2 - 0.5)
    log_odds += own.uniform(-1.2, 1.2) * ((attributes["calls_30d"] > 0) - 0.35)
    log_odds += own.uniform(-0.8, 0.8) * attributes["product"].endswith(("Plus", "600", "Box"))
    log_odds -= 0.2 * attributes["declined_90d"]
    return 1 / (1 + math.exp(-log_odds))


def _open() -> dict[tuple[int, str], list[Open]]:
    """Offers that are on offer, by subscriber and kind."""
    found: dict[tuple[int, str], list[Open]] = {}
    for id_, offer in enumerate(OFFERS, start=1):
        if offer.active and offer.valid_to is None:
            read = tuple(rules.parse(rule["condition"]) for rule in offer.rules)
            found.setdefault((offer.subscriber_id, offer.kind), []).append(Open(id_, offer, read))
    return found


_OPEN = _open()
