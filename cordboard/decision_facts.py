"""What is known when it is decided what to offer: the customer, the offers, the ranked list.

It comes from ``customer_facts_v1`` (customers database) and ``strategy_facts_v1`` (offers
database). No I/O. A rule's condition comes as text, so that what it means is worked out once and
remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cordboard import rules

#: Conditions whose meaning is remembered.
REMEMBERED = 4096
#: Status of an offer for a customer who has not answered, see ``offer_status``.
OPEN = "open"


@dataclass(frozen=True, slots=True)
class OfferRule:
    """One rule of an offer; ``rule`` is None when its condition cannot be read."""

    name: str
    rule: rules.Rule | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it is now.

    Attributes:
        id: ``offer.id``.
        url: the address with its placeholders; empty leaves the icon dark.
        channels: of ``agent``, ``ivr``, ``web``, ``chat``.
        group: code of the group able to present it; empty is any.
        skill: what an agent needs to present it; empty is nothing.
        value_cents: what one that is accepted is worth.
        cooldown_days: so long it rests after it was presented.
        max_exposures: presented so often it is not offered again; 0 is no limit.
        weight: presentations that its probability stands on: those of the prior, and those that
            the model has seen.
        ivr_text: what the IVR says; empty when it presents nothing.
        active: whether it is on offer at all.
        valid: whether today, where the subscriber is, lies in its dates.
        rules: all must hold.
    """

    id: int
    code: str
    kind: str
    title: str
    url: str = ""
    channels: tuple[str, ...] = ("agent",)
    group: str = ""
    skill: str = ""
    value_cents: int = 0
    cooldown_days: int = 30
    max_exposures: int = 5
    weight: float = 20.0
    ivr_text: str = ""
    active: bool = True
    valid: bool = True
    rules: tuple[OfferRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the stored strategy, from 1, and the probability of acceptance it stands for."""

    place: int
    p: float


@dataclass(frozen=True, slots=True)
class Past:
    """What became of an offer for this customer: status, times it was presented, when last."""

    status: str = OPEN
    times: int = 0
    last_ms: int = 0


#: Of an offer that this customer has not been presented, or asked about.
NEVER = Past()


@dataclass(frozen=True, slots=True)
class Policy:
    """How a subscriber decides; a share is from 0 to 1, see the table ``decision_policy``."""

    exploration: str = "none"
    explore_share: float = 0.0
    max_wait_s: float = 60.0
    ivr_presentation: bool = True
    move_callers: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that :func:`cordboard.decision.decide` must know.

    Attributes:
        customer: whose facts these are; 0 when there is no such customer.
        attributes: see ``cordboard/attributes.py``, as they are now.
        past: offer id -> what became of it.
        failure: code of the service failure that touches the customer now; empty without one.
        offers: those that are on offer, and those that the strategy names.
        build: id of the build that formed the strategy; 0 without a strategy.
        ranked: offer id -> place in the strategy.
        kept_out: offer id -> why the build left it out.
        exclusions: offer id -> offers that whoever accepted it is not offered.
        policy: the subscriber's.
        copied: offers that the customers database knows, when those that are offered are in
            another; None: both are one.
    """

    customer: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    past: Mapping[int, Past] = field(default_factory=dict)
    failure: str = ""
    offers: tuple[Offer, ...] = ()
    build: int = 0
    ranked: Mapping[int, Ranked] = field(default_factory=dict)
    kept_out: Mapping[int, str] = field(default_factory=dict)
    exclusions: Mapping[int, frozenset[int]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    copied: frozenset[int] | None = None


#: Of a customer whom nobody knows, or who was deleted.
NOBODY = Facts(0)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A subscriber's offers and exclusions, which many calls share."""

    offers: tuple[Offer, ...]
    exclusions: Mapping[int, frozenset[int]]


def catalogue_from_json(strategy: Mapping[str, Any]) -> Catalogue:
    """The catalogue in what ``strategy_facts_v1`` answers, to whoever does not know it yet.

    Raises:
        KeyError, TypeError, ValueError: it is not of this form.
    """
    offers = tuple(_offer(offer) for offer in strategy["offers"])
    return Catalogue(offers, _exclusions(strategy.get("exclusions") or ()))


def facts_from_json(
    customer: Mapping[str, Any] | None,
    strategy: Mapping[str, Any] | None,
    catalogue: Catalogue | None = None,
) -> Facts:
    """Facts from what the two functions answer; None is a customer or subscriber who is gone.

    Args:
        customer: what ``customer_facts_v1`` answers.
        strategy: what ``strategy_facts_v1`` answers.
        catalogue: the one of the version that it names, when that was known before.

    Raises:
        KeyError, TypeError, ValueError: it is not of this form.
    """
    if customer is None or strategy is None:
        return NOBODY
    catalogue = catalogue or catalogue_from_json(strategy)
    withdrawn = tuple(_offer(offer) for offer in strategy.get("withdrawn") or ())
    stored = strategy.get("strategy") or {}
    places = zip(stored.get("offers") or (), stored.get("p") or (), strict=True)
    return Facts(
        customer=int(customer["id"]),
        attributes=customer["attributes"],
        past={int(id_): Past(**past) for id_, past in customer["past"].items()},
        failure=customer.get("failure") or "",
        offers=(*catalogue.offers, *withdrawn),
        build=int(stored.get("build") or 0),
        ranked={id_: Ranked(place, p) for place, (id_, p) in enumerate(places, start=1)},
        kept_out={int(id_): why for id_, why in (stored.get("kept_out") or {}).items()},
        exclusions=catalogue.exclusions,
        policy=Policy(**(strategy.get("policy") or {})),
        copied=frozenset(customer["copied"]) if "copied" in customer else None,
    )


def _offer(row: Mapping[str, Any]) -> Offer:
    named = {name: value for name, value in row.items() if value is not None}
    named["channels"] = tuple(row["channels"])
    named["rules"] = tuple(
        OfferRule(rule["name"], read_rule(rule["condition"])) for rule in row.get("rules") or ()
    )
    return Offer(**named)


@lru_cache(maxsize=REMEMBERED)
def read_rule(condition: str) -> rules.Rule | None:
    """The rule of a stored condition; None when it cannot be read: nobody gets in by it."""
    try:
        return rules.parse_text(condition)
    except rules.RuleError:
        return None


def _exclusions(pairs: Any) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for one, other in pairs:
        found[one] = found.get(one, frozenset()) | {other}
        found[other] = found.get(other, frozenset()) | {one}
    return found
