"""The offers are decided when the call comes: ranked by expected value, with what is known now."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cordboard import keys
from cordboard.agent_state import State
from cordboard.sipp import Caller
from support.agent import Agent
from support.people import DANA, LENA
from support.world import Given

MESH, FIBER, TV, ROUTER = "HAL-MESH", "HAL-FIBER-1000", "HAL-TV", "HAL-ROUTER"


@pytest.fixture
def ranked(given: Given) -> None:
    """Dana's strategy, which names the offers in no particular order."""
    given.strategy(DANA, {TV: 0.05, FIBER: 0.1, MESH: 0.3, ROUTER: 0.4})


def card_of(given: Given, call: Caller) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(given.redis.hget(keys.call(call.call_id()), "card"))
    return found


def served(given: Given, call: Caller, agent: Agent) -> None:
    """The call comes to an end, and the agent is free again."""
    agent.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")


def test_the_best_one_goes_with_the_call(given: Given, ranked: None) -> None:
    ava = given.agent("ava")
    call = given.verified_caller(DANA)
    shown = ava.phone.rings().custom()
    assert shown["X-CB-Sales-Offer-Code"] == MESH
    assert shown["X-CB-Sales-Offer-Url"].endswith(call.call_id())
    assert shown["X-CB-Service-Offer-Code"] == ROUTER

    card = card_of(given, call)
    worth = [(MESH, 2880), (FIBER, 1800), (ROUTER, 1000), (TV, 600)]
    ranked_on_card = [entry for entry in card["ranking"] if entry["rank"]]
    assert [(entry["code"], entry["ev_cents"]) for entry in ranked_on_card] == worth
    assert [offer["code"] for offer in card["offers"]] == [MESH, ROUTER]
    assert card["decision"]["route"]["why"] == "agents_free"
    served(given, call, ava)

    decision = given.decision(call)
    assert [(e["code"], e["ev_cents"]) for e in decision["ranking"] if e["rank"]] == worth
    assert decision["resources"]["halyard-service"]["free"] == 1
    assert {o["code"] for o in given.record(call)["offers"]} == {MESH, ROUTER}


def test_a_presented_one_is_gone_at_the_next_call(given: Given, ranked: None) -> None:
    given.group("halyard-service", wrapup_seconds=0)
    given.group("halyard-sales", wrapup_seconds=0)
    ava = given.agent("ava")
    call = given.verified_caller(DANA)
    ava.becomes(State.ON_CALL)
    given.decision(call)
    given.database.value(
        "SELECT expose_offer_v1(%s, (SELECT id FROM offer WHERE code = %s), 'agent', %s)",
        call.call_id(),
        MESH,
        ava.id,
    )
    served(given, call, ava)
    ava.be_available()

    again = given.verified_caller(DANA)
    assert ava.phone.rings(2).custom()["X-CB-Sales-Offer-Code"] == FIBER
    why = {e["code"]: (e["why"], e["words"]) for e in given.decision(again)["ranking"]}
    assert why[MESH] == ("cooling_down", "It was presented within the last 30 days.")
    served(given, again, ava)


def test_no_sales_offer_while_the_service_is_down(given: Given) -> None:
    given.strategy(LENA, {MESH: 0.3, "HAL-CREDIT": 0.5})
    ava = given.agent("ava")
    call = given.verified_caller(LENA)
    shown = ava.phone.rings(within=40).custom()
    assert "X-CB-Sales-Offer-Code" not in shown
    assert "X-CB-Sales-Offer-Url" not in shown
    assert shown["X-CB-Service-Offer-Code"] == "HAL-CREDIT"
    served(given, call, ava)
    decision = given.decision(call)
    assert {e["code"]: e["why"] for e in decision["ranking"]}[MESH] == "outage"
    assert decision["context"]["outage"] == "HAL-OUT-7"


def test_an_offer_that_was_withdrawn_a_second_ago_is_not_made(given: Given, ranked: None) -> None:
    given.changed("offer", {"code": MESH}, active=False)
    ava = given.agent("ava")
    call = given.verified_caller(DANA)
    assert ava.phone.rings().custom()["X-CB-Sales-Offer-Code"] == FIBER
    served(given, call, ava)
    assert {e["code"]: e["why"] for e in given.decision(call)["ranking"]}[MESH] == "not_active"


def test_the_call_goes_to_the_group_that_can_present_it(given: Given) -> None:
    """The number belongs to the service group; fiber is presented by sales, with the skill."""
    given.strategy(DANA, {FIBER: 0.1, ROUTER: 0.4})
    given.agent("ben", ring_ms=None)  # of both groups, without the skill
    cleo = given.agent("cleo")
    call = given.verified_caller(DANA)
    shown = cleo.phone.rings().custom()
    assert (shown["X-CB-Queue"], shown["X-CB-Sales-Offer-Code"]) == ("halyard-sales", FIBER)
    served(given, call, cleo)
    assert given.record(call)["route"] == "halyard-sales"
    assert given.decision(call)["route"]["group"] == "halyard-sales"
