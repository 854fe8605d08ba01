"""Deciding for one contact: each reason, the ranking, the route; and what always holds."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.decision import Decision, Entry, Question, decide
from cordboard.decision_facts import (
    NOBODY,
    Facts,
    Offer,
    OfferRule,
    Past,
    Policy,
    Ranked,
    facts_from_json,
    read_rule,
)

NOW = 1_800_000_000_000
DAY = 24 * 3600 * 1000

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
ASKED = Question("c1", 7, "halyard", group="desk", resources=FREE, at_ms=NOW)


def decided(
    question: Question = ASKED, facts: Facts = FACTS, *, seed: int = 1, **changed: Any
) -> Decision:
    return decide(replace(question, **changed), facts, Random(seed))


def with_offer(offer: Offer, **changed: Any) -> Facts:
    other = replace(offer, **changed)
    return replace(FACTS, offers=tuple(other if o is offer else o for o in FACTS.offers))


def entry(decision: Decision, offer: Offer) -> Entry:
    return next(e for e in decision.ranking if e.offer.id == offer.id)


def codes(decision: Decision) -> list[str]:
    return [e.offer.code for e in decision.ranking if e.offered]


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


GOLD = {"attribute": "segment", "is": "=", "value": "gold"}
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


BUSY = {"desk": {"free": 0, "skills": {}, "wait_s": 300, "skill_waits": {"fiber": 40}}}
ELSEWHERE = {**BUSY, "sales-desk": {"free": 1}}
IVR = {"channels": ("agent", "ivr"), "ivr_text": "Press one."}
ROUTES: list[tuple[dict[str, Any], Any, Policy, tuple[str, str, str]]] = [
    ({}, FREE, Policy(), ("group", "desk", "agents_free")),
    ({}, {"desk": {"free": 0, "wait_s": 60}}, Policy(), ("group", "desk", "short_wait")),
    ({}, {"desk": {"free": 0, "wait_s": 61}}, Policy(), ("plain", "desk", "nobody_can")),
    ({}, {}, Policy(), ("plain", "desk", "nobody_can")),
    ({"skill": "fiber"}, FREE, Policy(), ("group", "desk", "agents_free")),
    ({"skill": "fiber"}, BUSY, Policy(), ("group", "desk", "short_wait")),
    ({"skill": "tv"}, FREE, Policy(), ("plain", "desk", "nobody_can")),
    ({"skill": "tv", **IVR}, FREE, Policy(), ("ivr", "desk", "nobody_free")),
    (IVR, BUSY, Policy(), ("ivr", "desk", "nobody_free")),
    (IVR, BUSY, Policy(ivr_presentation=False), ("plain", "desk", "nobody_can")),
    ({**IVR, "ivr_text": ""}, BUSY, Policy(), ("plain", "desk", "nobody_can")),
    ({"group": "sales-desk"}, ELSEWHERE, Policy(), ("group", "sales-desk", "agents_free")),
    (
        {"group": "sales-desk"},
        ELSEWHERE,
        Policy(move_callers=False),
        ("plain", "desk", "nobody_can"),
    ),
]


@pytest.mark.parametrize(("offer", "resources", "policy", "expected"), ROUTES)
def test_route(
    offer: dict[str, Any], resources: Any, policy: Policy, expected: tuple[str, str, str]
) -> None:
    facts = replace(FACTS, offers=(replace(MESH, **offer),), policy=policy)
    route = decided(facts=facts, resources=resources).route
    assert (route.to, route.group, route.why) == expected
    assert route.offer == (None if route.to == "plain" else MESH.id)
    assert route.words


def test_what_can_be_presented_now_is_chosen_before_what_cannot() -> None:
    facts = replace(FACTS, offers=(replace(MESH, skill="mesh"), TV, CARE))
    decision = decided(facts=facts)
    assert codes(decision)[:2] == ["MESH", "TV"], "the ranking tells what it is worth"
    assert decision.chosen["sales"] == TV.id
    assert (decision.route.offer, decision.route.to) == (TV.id, "group")
    assert [e.chance for e in decision.ranking] == [0.0, 1.0, 1.0]
    assert [e.possible for e in decision.ranking] == [False, True, True]
    assert not decision.explored


def test_of_what_nobody_can_present_now_everything_is_as_possible() -> None:
    facts = replace(FACTS, offers=(replace(MESH, skill="mesh"), replace(TV, skill="mesh")))
    decision = decided(facts=facts)
    assert decision.chosen["sales"] == MESH.id
    assert [(e.chance, e.possible) for e in decision.ranking] == [(1.0, True), (0.0, True)]


def test_the_ivr_presents_nothing_in_a_call_to_a_customer() -> None:
    facts = replace(FACTS, offers=(replace(MESH, **IVR),))
    assert decided(facts=facts, resources=BUSY, ivr=False).route.to == "plain"


def test_a_list_for_the_web_leads_no_call() -> None:
    facts = with_offer(TV, channels=("web",))
    decision = decided(facts=facts, channel="web", resources={})
    assert codes(decision) == ["TV"]
    assert decision.route.why == "no_call"


@pytest.mark.parametrize(
    "policy",
    [Policy("epsilon", explore_share=0.3), Policy("thompson")],
    ids=lambda p: p.exploration,
)
def test_chances_are_how_often_it_is_chosen(policy: Policy) -> None:
    """The stored chance against the frequency in 3,000 decisions; five standard errors apart."""
    facts = replace(FACTS, policy=policy)
    chosen: Counter[int] = Counter()
    chance: Counter[int] = Counter()
    rounds = 3000
    for seed in range(rounds):
        decision = decided(facts=facts, seed=seed)
        sales = [e for e in decision.ranking if e.offer.kind == "sales"]
        chosen[decision.chosen["sales"] or 0] += 1
        for one in sales:
            chance[one.offer.id] += one.chance  # type: ignore[assignment]
    for offer in (FIBER, MESH, TV):
        expected = chance[offer.id] / rounds
        error = (expected * (1 - expected) / rounds) ** 0.5
        assert abs(chosen[offer.id] / rounds - expected) <= 5 * error + 1e-9
        assert 0 < expected < 1


def test_thompson_explores_less_what_is_better_known() -> None:
    def share(weight: float) -> float:
        offers = tuple(replace(offer, weight=weight) for offer in (MESH, TV, FIBER))
        decision = decided(facts=replace(FACTS, offers=offers, policy=Policy("thompson")))
        return entry(decision, MESH).chance or 0.0

    assert share(1) < share(20) < share(2000)
    assert share(2000) > 0.95


def test_an_explored_offer_stands_first_of_its_kind() -> None:
    policy = Policy("epsilon", explore_share=1.0)
    for seed in range(20):
        decision = decided(facts=replace(FACTS, policy=policy), seed=seed)
        sales = [e.offer.id for e in decision.ranking if e.offer.kind == "sales"]
        assert sales[0] == decision.chosen["sales"]
    assert decision.ranking[0].offer.kind == "sales"


def test_the_same_seed_decides_the_same() -> None:
    facts = replace(FACTS, policy=Policy("thompson"))
    assert decided(facts=facts, seed=5).as_json() == decided(facts=facts, seed=5).as_json()


# --- what always holds ---------------------------------------------------------------------------

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


# --- facts as the database tells them ------------------------------------------------------------

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
