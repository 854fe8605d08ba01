"""The step ``decide`` of a call, without Asterisk and without a database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ari_app.callers import new_callback
from ari_app.flows import callback
from ari_app.resources import resources
from ari_app.verbs.decide import question_of
from ari_app.verbs.seal import seal
from cordboard.acd import WaitingCall
from cordboard.agent_state import State
from cordboard.decided_card import changes, filled_url
from support.decide_step import BUSY, CARD, CARE, FACTS, FREE, ID, SALES, agent, begin, decided


def test_the_call_goes_to_the_group_that_can_present_it() -> None:
    call = begin(FREE, BUSY)
    card = decided(call)
    assert call.state.group == "halyard-sales"
    assert call.state.needs == {"fiber": 9}
    assert card["queue"] == {"code": "halyard-sales", "name": "Halyard-Sales"}
    assert card["required"] == [], "that group wants no code"
    assert [(o["kind"], o["code"], o["rank"]) for o in card["offers"]] == [
        ("sales", "HAL-FIBER", 1),
        ("service", "HAL-CARE", 2),
    ]
    assert card["cti"] == {
        "QUEUE": "halyard-sales",
        "SALES_OFFER_CODE": "HAL-FIBER",
        "SALES_OFFER_URL": f"https://x.example/H7/40010001?call={ID}",
        "SERVICE_OFFER_CODE": "HAL-CARE",
    }, "what the IVR attached is replaced, its address too"
    assert card["decision"]["route"]["why"] == "agents_free"
    assert [(e["code"], e["attached"], e["presented"]) for e in card["ranking"]] == [
        ("HAL-FIBER", True, None),
        ("HAL-CARE", True, None),
    ]
    assert call.services.journal.kinds() == ["decision", "event"]  # type: ignore[attr-defined]


def test_run_again_after_a_crash_it_decides_once() -> None:
    call = begin(FREE, BUSY)
    first = decided(call)["decision"]
    assert decided(call)["decision"] == first
    assert call.state.group == "halyard-sales"
    assert len(call.services.decider.asked) == 1  # type: ignore[attr-defined]


def test_a_decider_that_is_away_costs_the_decision_alone() -> None:
    call = begin(FREE)
    call.services.decider.away = True  # type: ignore[attr-defined]
    assert decided(call) == CARD
    assert call.state.group == "halyard-service"
    assert call.services.journal.told == []  # type: ignore[attr-defined]


def test_nobody_known_is_not_asked_about() -> None:
    call = begin(FREE, customer=None)
    assert "decision" not in decided(call)
    assert call.services.decider.asked == []  # type: ignore[attr-defined]


def test_an_offer_that_may_not_be_made_is_taken_off() -> None:
    facts = replace(FACTS, offers=(SALES, replace(CARE, active=False)), failure="OUT")
    card = decided(begin(FREE, facts=facts))
    assert card["offers"] == []
    assert card["cti"] == {}
    assert [e["why"] for e in card["ranking"]] == ["outage", "not_active"]


def test_what_was_read_with_the_card_is_used() -> None:
    call = begin(FREE)
    call.facts = replace(FACTS, failure="OUT")
    assert decided(call)["ranking"][0]["why"] == "eligible"
    assert decided(call)["ranking"][1]["why"] == "outage"


@pytest.mark.parametrize(
    ("known", "kinds"),
    [
        (["ani"], ("service",)),
        (["account"], ("service",)),
        (["ssn"], ("sales",)),
        (["ani", "ssn"], ("sales", "service")),
        (["code"], ("sales", "service")),
        ([], ()),
    ],
)
def test_what_identification_allows(known: list[str], kinds: tuple[str, ...]) -> None:
    call = begin(identified_by=known)
    call.state.menu_choice = "service"
    asked = question_of(call)
    assert asked.kinds == kinds
    assert (asked.reason, asked.group, asked.customer) == ("service", "halyard-service", 7)
    assert set(asked.resources) == {"halyard-service", "halyard-sales"}


def test_resources() -> None:
    call = begin(
        FREE,
        agent(3, State.ON_CALL, "halyard-sales", skills=("fiber", "tv")),
        agent(4, State.OFFLINE, "halyard-sales", skills=("tv",)),
        agent(5, State.AVAILABLE, "halyard-sales", "halyard-service"),
    )
    acd = call.services.acd
    acd.claiming.add(5)
    acd.enter(WaitingCall("w", "halyard-service", 0, 0), lambda agent: None)
    seen = resources(acd, ["halyard-sales", "halyard-service", "halyard-night"])
    assert seen["halyard-sales"] == {
        "free": 1,
        "skills": {"fiber": 1},
        "wait_s": 0.0,
        "skill_waits": {"fiber": 0.0, "tv": 240.0},
    }
    assert (seen["halyard-service"]["free"], seen["halyard-service"]["wait_s"]) == (0, 480.0)
    assert seen["halyard-night"] == {"free": 0, "skills": {}, "wait_s": None, "skill_waits": {}}


def test_an_offer_whose_page_is_open_stays_on_the_card() -> None:
    opened = {**CARD["offers"][0], "opened": "2026-05-05T12:00:00.000Z"}
    record = {"id": "d", "ranking": [], "chosen": {"service": None}, "route": {}, "explored": False}
    assert changes({**CARD, "offers": [opened]}, record, required=True)["offers"] == [opened]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/" + "a" * 250, "https://x.example/ b", ""]
)
def test_an_address_that_cannot_travel_is_none(url: str) -> None:
    assert filled_url(url, CARD) == ""


ATTEMPT: dict[str, Any] = {
    "id": ID,
    "request": ID,
    "number": "+12125550140",
    "subscriber": {"code": "halyard", "name": "Halyard Telecom"},
    "rule": {"subject": "SUPPORT", "name": "Support", "group": "halyard-service", "sign_on": "pin"},
    "entered_ms": 5,
}


def test_a_call_to_a_customer_is_decided_behind_the_seal() -> None:
    """The agent sees nothing of it before signing on; the subject is not left for an offer."""
    services = begin(FREE, BUSY).services
    _, call = new_callback(ATTEMPT, services)
    call.state.withheld = {**CARD, "identified_by": ["code"]}
    seal(call)
    assert asyncio.run(callback.decide(call)) is None
    (asked,) = services.decider.asked  # type: ignore[attr-defined]
    assert (asked.ivr, asked.reason, asked.kinds) == (False, "SUPPORT", ("sales", "service"))
    assert call.state.group == "halyard-service"
    why = {e["code"]: e["why"] for e in call.state.withheld["ranking"]}
    assert why == {"HAL-FIBER": "reason_for_call", "HAL-CARE": "eligible"}
    assert [o["code"] for o in call.state.withheld["offers"]] == ["HAL-CARE"]
    assert "ranking" not in call.state.card
    assert "decision" not in call.state.card
