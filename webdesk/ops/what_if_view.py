"""A decision for people who ask why: bars, rules condition by condition, the route. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cordboard import rules
from cordboard.attributes import ATTRIBUTES, Value
from cordboard.decision import Decision, Facts
from cordboard.decision_facts import OfferRule
from cordboard.rules import AllOf, AnyOf, NotThis, Rule, Test

Json = dict[str, Any]

ROUTES = {"group": "To agents", "ivr": "To the IVR", "plain": "Plainly on"}


def present(decision: Decision, facts: Facts, chances: Mapping[int, float]) -> Json:
    """What the page shows of a decision.

    Args:
        decision: as it would be made without chance.
        facts: that it was made of.
        chances: offer id -> probability with which exploring would choose it.
    """
    found = {offer.id: _rules(offer.rules, facts) for offer in facts.offers}
    ranking = [
        {**entry.as_json(), "chance": chances.get(entry.offer.id)} for entry in decision.ranking
    ]
    return {
        **stored(ranking, found),
        "route": {
            "to": ROUTES[decision.route.to],
            "words": decision.route.words,
            "tone": "" if decision.route.to == "plain" else "good",
        },
        "attributes": attributes(facts.attributes),
        "failure": facts.failure,
        "has_strategy": bool(facts.build),
    }


def stored(ranking: Sequence[Json], found: Mapping[int, list[Json]] | None = None) -> Json:
    """A ranking as it is stored, with texts and bars: what is offered, and what is kept out.

    Args:
        ranking: see :meth:`cordboard.decision.Entry.as_json`.
        found: offer id -> its rules, condition by condition.
    """
    offered = [entry for entry in ranking if entry["state"] == "offered"]
    kept_out = [entry for entry in ranking if entry["state"] != "offered"]
    value = max((entry["value_cents"] for entry in offered), default=0) or 1
    expected = max((entry["ev_cents"] or 0 for entry in offered), default=0) or 1

    def shown(entry: Json) -> Json:
        skill = entry["skill"] and f"skill {entry['skill']}"
        return {
            **entry,
            "p_text": "?" if entry["p"] is None else f"{entry['p']:.1%}",
            "value_text": cents(entry["value_cents"]),
            "value": entry["value_cents"] / value,
            "ev_text": cents(entry["ev_cents"]),
            "ev": (entry["ev_cents"] or 0) / expected,
            "by": " ".join(filter(None, [entry["group"], skill])),
            "rules": (found or {}).get(entry["offer"], []),
        }

    return {"offered": [*map(shown, offered)], "kept_out": [*map(shown, kept_out)]}


def _rules(found: Sequence[OfferRule], facts: Facts) -> list[Json]:
    return [
        {"name": one.name, "tree": tree(one.rule, facts.attributes) if one.rule else None}
        for one in found
    ]


def cents(amount: int | None) -> str:
    """An amount of money.

    >>> cents(123456), cents(None)
    ('1,234.56', '?')
    """
    return "?" if amount is None else f"{amount / 100:,.2f}"


def tree(rule: Rule, known: Mapping[str, Value]) -> Json:
    """A rule, condition by condition: ``holds`` is None when an attribute is not known.

    A condition has ``saw``, what is known of this customer; a group has ``parts``.
    """
    match rule:
        case Test():
            return {
                "words": rules.words(rule),
                "holds": _holds(rule, known),
                "saw": _saw(rule, known),
            }
        case NotThis(part):
            label, parts = "None of", (part,)
        case AllOf(parts):
            label = "All of"
        case AnyOf(parts):
            label = "Any of"
    below = [tree(part, known) for part in parts]
    return {"words": label, "holds": _holds(rule, known), "parts": below}


def _holds(rule: Rule, known: Mapping[str, Value]) -> bool | None:
    try:
        return rules.holds(rule, known)
    except KeyError:
        return None


def _saw(test: Test, known: Mapping[str, Value]) -> str:
    if test.attribute not in known:
        return "not known"
    return rules.words(Test(test.attribute, "=", known[test.attribute]))


def attributes(known: Mapping[str, Value]) -> list[Json]:
    """Everything known of a customer, in the order of the table of attributes."""
    return [
        {"name": name, "meaning": about.meaning, "saw": rules.words(Test(name, "=", known[name]))}
        for name, about in ATTRIBUTES.items()
        if name in known
    ]
