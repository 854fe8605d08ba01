"""Where a decision leads a call, and by which chance an offer is chosen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from cordboard.decision_facts import Policy
from support.deciding import (
    BUSY,
    CARE,
    ELSEWHERE,
    FACTS,
    FIBER,
    FREE,
    MESH,
    TV,
    codes,
    decided,
    entry,
    with_offer,
)

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
