"""Deciding for one contact: the ranking, each reason; and what always holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.decision_facts import Facts, Offer, OfferRule, Past, Policy, Ranked, read_rule
from support.deciding import (
    BUSY,
    CARE,
    DAY,
    ELSEWHERE,
    FACTS,
    FREE,
    GOLD,
    MESH,
    NOW,
    TV,
    codes,
    decided,
    entry,
    with_offer,
)


def test_ranked_by_expected_value_first_of_each_kind_chosen() -> None:
    decision = decided()
    assert codes(decision) == ["MESH", "TV", "FIBER", "CARE", "ROUTER"]
    assert [e.ev_cents for e in decision.ranking] == [3840, 2400, 1800, 1800, 0]
    assert [e.rank for e in decision.ranking] == [1, 2, 3, 4, 5]
    assert decision.chosen == {"sales": MESH.id, "service": CARE.id}
    assert [e.offer for e in decision.ranking if e.chosen] == [MESH, CARE]
    assert not decision.explored
    assert (
        entry(decision, MESH).words
        == "Eligible: 40.0% likely × 96.00 = 38.40 expected; never presented before."
    )


def rule(condition: object) -> tuple[OfferRule, ...]:
    return (OfferRule("gold only", read_rule(json.dumps(condition))),)


NOT_GOLD = {"not": GOLD}

REASONS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("not_active", {}, {"active": False}, {}),
    ("not_valid_today", {}, {"valid": False}, {}),
    ("not_copied", {"copied": frozenset({1, 3, 4, 5})}, {}, {}),
    ("withdrawn", {"past": {2: Past("withdrawn")}}, {}, {}),
    ("accepted", {"past": {2: Past("accepted", 1, NOW)}}, {}, {}),
    ("declined", {"past": {2: Past("declined", 1, NOW)}}, {}, {}),
    ("rule:gold only", {}, {"rules": rule(NOT_GOLD)}, {}),
    ("rule:gold only", {}, {"rules": rule({"attribute": "shoe_size", "is": ">", "value": 1})}, {}),
    ("rule:gold only", {"attributes": {}}, {"rules": rule(GOLD)}, {}),
    ("excluded_by:TV", {"past": {3: Past("accepted")}, "exclusions": {2: frozenset({3})}}, {}, {}),
    ("exposure_limit", {"past": {2: Past("later", 5, NOW - 400 * DAY)}}, {}, {}),
    ("cooling_down", {"past": {2: Past("presented", 1, NOW - 29 * DAY)}}, {}, {}),
    ("outage", {"failure": "HAL-OUT-7"}, {}, {}),
    ("not_identified", {}, {}, {"kinds": ("service",)}),
    ("channel", {}, {"channels": ("web",)}, {}),
    ("channel", {}, {"channels": ("ivr",)}, {"ivr": False}),
    ("channel", {}, {}, {"channel": "chat"}),
    ("reason_for_call", {}, {"group": "sales-desk"}, {"reason": "service"}),
    ("no_strategy", {"ranked": {1: Ranked(1, 0.1)}}, {}, {}),
    ("not_among_best", {"ranked": {}, "kept_out": {2: "not_among_best"}}, {}, {}),
    # What kept it out when the list was formed is over; or holds still; or something else does.
    ("not_listed_yet", {"ranked": {}, "kept_out": {2: "not_active"}}, {}, {}),
    ("not_listed_yet", {"ranked": {}, "kept_out": {2: "cooling_down"}}, {}, {}),
    (
        "not_listed_yet",
        {"ranked": {}, "kept_out": {2: "rule:gold only"}},
        {"rules": rule(GOLD)},
        {},
    ),
    (
        "rule:gold only",
        {"ranked": {}, "kept_out": {2: "cooling_down"}},
        {"rules": rule(NOT_GOLD)},
        {},
    ),
    (
        "declined",
        {"ranked": {}, "kept_out": {2: "not_among_best"}, "past": {2: Past("declined")}},
        {},
        {},
    ),
]


@pytest.mark.parametrize(("why", "facts", "offer", "question"), REASONS)
def test_kept_out(
    why: str, facts: dict[str, Any], offer: dict[str, Any], question: dict[str, Any]
) -> None:
    decision = decided(facts=replace(with_offer(MESH, **offer), **facts), **question)
    found = entry(decision, MESH)
    assert found.why == why
    assert found.words
    assert (found.rank, found.chance, found.as_json()["state"]) == (None, None, "kept_out")
    assert MESH.id not in decision.chosen.values()


@pytest.mark.parametrize(
    ("facts", "offer", "question"),
    [
        ({"past": {2: Past("presented", 1, NOW - 31 * DAY)}}, {}, {}),
        ({"past": {2: Past("later", 1, NOW - DAY)}}, {}, {}),
        ({"past": {2: Past("presented", 99, NOW - 31 * DAY)}}, {"max_exposures": 0}, {}),
        ({"past": {3: Past("declined")}, "exclusions": {2: frozenset({3})}}, {}, {}),
        ({}, {"rules": rule(GOLD)}, {}),
        ({}, {"group": "sales-desk"}, {"reason": "sales"}),
        ({}, {"group": "desk"}, {"reason": "service"}),
        ({}, {"channels": ("chat",)}, {"channel": "api"}),
    ],
)
def test_not_kept_out(
    facts: dict[str, Any], offer: dict[str, Any], question: dict[str, Any]
) -> None:
    changed = replace(with_offer(MESH, **offer), **facts)
    assert entry(decided(facts=changed, **question), MESH).why == "eligible"


def test_a_service_failure_leaves_service_offers() -> None:
    decision = decided(facts=replace(FACTS, failure="HAL-OUT-7"))
    assert codes(decision) == ["CARE", "ROUTER"]
    assert decision.chosen == {"sales": None, "service": CARE.id}
    assert decision.context["outage"] == "HAL-OUT-7"


def test_what_the_ivr_attached_stays_without_a_strategy() -> None:
    decision = decided(facts=replace(FACTS, ranked={}, build=0))
    assert decision.chosen == {}
    assert {e.why for e in decision.ranking} == {"no_strategy"}
    assert decision.route.why == "no_offer"


@pytest.mark.parametrize("customer", [0, 8])
def test_nobody_is_offered_nothing(customer: int) -> None:
    """Nobody known; or deleted between the build and the call; or facts of somebody else."""
    decision = decided(customer=customer)
    assert (decision.ranking, decision.chosen) == ((), {})
    assert (decision.route.to, decision.route.group) == ("plain", "desk")


def test_the_value_of_today_counts() -> None:
    assert codes(decided(facts=with_offer(TV, value_cents=50_000)))[0] == "TV"


offers = st.builds(
    Offer,
    id=st.integers(1, 12),
    code=st.just("CODE"),
    kind=st.sampled_from(["sales", "service"]),
    title=st.just("Title"),
    channels=st.lists(st.sampled_from(["agent", "ivr", "web"])).map(tuple),
    group=st.sampled_from(["", "desk", "sales-desk"]),
    skill=st.sampled_from(["", "fiber"]),
    value_cents=st.integers(0, 100_000),
    ivr_text=st.sampled_from(["", "Press one."]),
    active=st.booleans(),
)
policies = st.builds(
    Policy,
    exploration=st.sampled_from(["none", "epsilon", "thompson"]),
    explore_share=st.floats(0, 1),
    ivr_presentation=st.booleans(),
    move_callers=st.booleans(),
)


@st.composite
def worlds(draw: Any) -> Facts:
    found = draw(st.lists(offers, max_size=12, unique_by=lambda offer: offer.id))
    known = [offer.id for offer in found if draw(st.booleans())]
    return Facts(
        customer=7,
        past={id_: Past("presented", 1, NOW) for id_ in known if draw(st.booleans())},
        failure=draw(st.sampled_from(["", "OUT"])),
        offers=tuple(found),
        build=1,
        ranked={i: Ranked(n, draw(st.floats(0, 1))) for n, i in enumerate(known, start=1)},
        policy=draw(policies),
    )


@given(worlds(), st.integers(0, 2**32), st.sampled_from([FREE, BUSY, ELSEWHERE, {}]))
@settings(max_examples=200, deadline=None)
def test_what_always_holds(facts: Facts, seed: int, resources: Any) -> None:
    decision = decided(facts=facts, seed=seed, resources=resources)
    ranked = [e for e in decision.ranking if e.offered]
    assert len(decision.ranking) == len(facts.offers), "each offer is looked at, once"
    assert [e.rank for e in ranked] == list(range(1, len(ranked) + 1))
    assert all(e.rank is None for e in decision.ranking if not e.offered)
    offered = {e.offer.id for e in ranked}
    assert set(decision.chosen.values()) - {None} <= offered, "what is kept out is not chosen"
    assert decision.route.offer is None or decision.route.offer in decision.chosen.values()
    for kind in ("sales", "service"):
        chances = [e.chance or 0.0 for e in ranked if e.offer.kind == kind]
        assert not chances or sum(chances) == pytest.approx(1)
        if chosen := decision.chosen.get(kind):
            assert entry(decision, next(o for o in facts.offers if o.id == chosen)).chance
    if facts.policy.exploration == "none":
        worth = [(e.p or 0) * e.offer.value_cents for e in ranked]
        assert worth == sorted(worth, reverse=True)
    assert json.loads(json.dumps(decision.as_json())) == decision.as_json()
