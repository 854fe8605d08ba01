"""What is decided on, as the database tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cordboard.decision_facts import NOBODY, Past, Policy, Ranked, facts_from_json, read_rule
from support.deciding import GOLD, MESH, NOW, decided, entry

CUSTOMER = {
    "id": 7,
    "attributes": {"segment": "gold"},
    "past": {"2": {"status": "later", "times": 2, "last_ms": NOW}},
    "failure": None,
}
STRATEGY = {
    "policy": {"exploration": "epsilon", "explore_share": 0.05, "max_wait_s": 30},
    "offers": [
        {
            "id": 2,
            "code": "MESH",
            "kind": "sales",
            "title": "Mesh",
            "url": None,
            "channels": ["agent", "ivr"],
            "group": None,
            "skill": "mesh",
            "value_cents": 9600,
            "cooldown_days": 10,
            "max_exposures": 3,
            "weight": 21,
            "ivr_text": "Press one.",
            "active": True,
            "valid": True,
            "rules": [{"name": "gold", "condition": json.dumps(GOLD)}],
        }
    ],
    "strategy": {"build": 3, "offers": [2], "p": [0.4], "kept_out": {"9": "rule:x"}},
    "exclusions": [[2, 9]],
}


def test_facts_of_the_database() -> None:
    facts = facts_from_json(CUSTOMER, STRATEGY)
    (offer,) = facts.offers
    assert (offer.url, offer.group, offer.skill, offer.channels) == (
        "",
        "",
        "mesh",
        ("agent", "ivr"),
    )
    assert facts.past == {2: Past("later", 2, NOW)}
    assert facts.ranked == {2: Ranked(1, 0.4)}
    assert facts.kept_out == {9: "rule:x"}
    assert facts.exclusions == {2: frozenset({9}), 9: frozenset({2})}
    assert facts.policy == Policy("epsilon", 0.05, 30)
    assert entry(decided(facts=facts), MESH).offered


@pytest.mark.parametrize(("customer", "strategy"), [(None, STRATEGY), (CUSTOMER, None)])
def test_whoever_is_gone_has_no_facts(customer: Any, strategy: Any) -> None:
    assert facts_from_json(customer, strategy) is NOBODY


def test_a_rule_that_cannot_be_read_lets_nobody_in() -> None:
    assert read_rule('{"attribute": "segment", "is": "~", "value": 1}') is None
    assert read_rule("{") is None
