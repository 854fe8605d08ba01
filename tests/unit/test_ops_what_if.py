"""Why this, why not that, in words: rules condition by condition, bars, what is not known."""

from __future__ import annotations

from random import Random

import pytest

from cordboard.decision import Question, decide
from cordboard.decision_facts import Facts, Offer, OfferRule, Ranked
from cordboard.rules import Rule, parse
from webdesk.ops.what_if_view import present, stored, tree

KNOWN = {"segment": "gold", "balance_cents": 1200, "suspended": False}


def rule(condition: object) -> Rule:
    return parse(condition)


GOLD = {"attribute": "segment", "is": "=", "value": "gold"}
OWES = {"attribute": "balance_cents", "is": ">=", "value": 5000}
LOYAL = {"attribute": "tenure_days", "is": ">", "value": 365}


@pytest.mark.parametrize(
    ("condition", "holds", "parts"),
    [
        (GOLD, True, None),
        (OWES, False, None),
        (LOYAL, None, None),
        ({"all": [GOLD, OWES]}, False, [True, False]),
        ({"any": [GOLD, OWES]}, True, [True, False]),
        ({"not": OWES}, True, [False]),
        ({"all": [GOLD, LOYAL]}, None, [True, None]),
        ({"any": [GOLD, LOYAL]}, True, [True, None]),
    ],
)
def test_each_condition_is_true_false_or_not_known(
    condition: object, holds: bool | None, parts: list[bool | None] | None
) -> None:
    found = tree(rule(condition), KNOWN)
    assert found["holds"] is holds
    assert [part["holds"] for part in found.get("parts", [])] == (parts or [])


def test_a_condition_says_what_it_wants_and_what_it_saw() -> None:
    found = tree(rule(OWES), KNOWN)
    assert found["words"] == "balance is at least 50.00"
    assert found["saw"] == "balance is 12.00"
    assert tree(rule(LOYAL), KNOWN)["saw"] == "not known"


def test_the_page_has_every_offer_once_with_bars_and_rules() -> None:
    best = Offer(1, "BEST", "sales", "Best", value_cents=20000, group="desk", skill="fiber")
    less = Offer(2, "LESS", "sales", "Less", value_cents=5000)
    shut = Offer(3, "SHUT", "service", "Shut", rules=(OfferRule("owes", rule(OWES)),
                                                      OfferRule("broken", None)))  # fmt: skip
    facts = Facts(
        7,
        KNOWN,
        offers=(best, less, shut),
        build=1,
        ranked={1: Ranked(1, 0.1), 2: Ranked(2, 0.2), 3: Ranked(3, 0.5)},
    )
    question = Question("", 7, "halyard", group="desk", resources={"desk": {"free": 1}})
    found = present(decide(question, facts, Random(1)), facts, {1: 0.95, 2: 0.05})
    assert [(one["code"], one["ev"], one["chance"]) for one in found["offered"]] == [
        ("BEST", 1.0, 0.95),
        ("LESS", 0.5, 0.05),
    ]
    assert found["offered"][0]["by"] == "desk skill fiber"
    (kept,) = found["kept_out"]
    assert kept["why"] == "rule:owes"
    assert [(one["name"], one["tree"] and one["tree"]["holds"]) for one in kept["rules"]] == [
        ("owes", False),
        ("broken", None),
    ]
    assert {one["name"] for one in found["attributes"]} == set(KNOWN)


def test_what_is_stored_without_figures_has_no_bars() -> None:
    offer = Offer(1, "NEW", "sales", "New")
    decision = decide(Question("", 7, "halyard"), Facts(7, offers=(offer,)), Random(1))
    found = stored([entry.as_json() for entry in decision.ranking])
    assert found["offered"] == []
    assert (found["kept_out"][0]["p_text"], found["kept_out"][0]["ev"]) == ("?", 0)
