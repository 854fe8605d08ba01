"""Calls, decisions and offers apart: two databases, a decision service; without it calls go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cordboard.agent_state import State
from cordboard.settings import Settings
from cordboard.sipp import Caller
from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT, MARCUS, SSN_PROMPT, STRANGER
from support.split import Split, split_stack
from support.world import Given


@pytest.fixture(scope="module")
def split(stack: Settings) -> Iterator[Split]:
    with split_stack(stack) as found:
        yield found


def verified_call(given: Given) -> Caller:
    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(SSN_PROMPT, f"{MARCUS.ssn}#")
    return call


def test_the_service_decides_by_what_the_offers_database_says(split: Split, given: Given) -> None:
    # Only there: the customers database goes on with the old value until the next copy.
    split.offers.execute("UPDATE offer SET value_cents = 77700 WHERE code = 'HAL-ROAMING'")
    ava = given.agent("ava")
    call = verified_call(given)
    data = ava.phone.rings().custom()
    assert data["X-CB-Service-Offer-Code"] == "HAL-ROAMING"
    ava.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")

    (stored,) = given.database.rows(
        "SELECT ranking, route FROM decision WHERE call_id = %s", call.call_id()
    )
    best = next(one for one in stored["ranking"] if one["code"] == "HAL-ROAMING")
    assert (best["value_cents"], best["chosen"]) == (77700, True)
    assert stored["route"]["to"] == "group"


def test_a_killed_service_costs_nothing_but_the_decision(split: Split, given: Given) -> None:
    split.kill_service()
    ava = given.agent("ava")
    call = verified_call(given)
    data = ava.phone.rings().custom()
    assert data["X-CB-Service-Offer-Code"], "what the IVR attached stays"
    ava.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")
    assert given.database.rows("SELECT FROM decision WHERE call_id = %s", call.call_id()) == []
