"""Nobody who could present the offer is free: the IVR does, and the caller answers by a key."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.agent_state import State
from cordboard.sipp import Caller, eventually
from support.agent import Agent
from support.people import DANA
from support.stack import kill, wait_until_back
from support.world import Given

FIBER, ROUTER = "HAL-FIBER-1000", "HAL-ROUTER"
BEGAN = "offer.presentation_began"


@pytest.fixture
def ben(given: Given) -> Agent:
    """Of both groups, but without the skill that fiber wants; whom nobody has at work."""
    given.strategy(DANA, {FIBER: 0.1, ROUTER: 0.4})
    given.group("halyard-sales", relax_skills_after_seconds=1)
    return given.agent("ben")


def presented(given: Given) -> Caller:
    """Dana hears the offer: the presentation has begun."""
    call = given.verified_caller(DANA)
    eventually(lambda: BEGAN in given.timeline(call), within=40, what="the presentation begins")
    return call


def outcome(given: Given, call: Caller) -> dict[str, Any]:
    """What was kept of the presentation: exposures, code, what the offer is for Dana now."""
    rows = given.database.rows(
        "SELECT x.channel, x.outcome::text, x.chance, x.decision_id = c.decision_id AS decided"
        " FROM exposure x JOIN call c ON c.id = x.call_id WHERE x.call_id = %s",
        call.call_id(),
    )
    codes = [d["code"] for d in given.record(call)["dispositions"] if d["kind"] == "sales"]
    status = given.database.value(
        "SELECT co.status::text FROM customer_offer co JOIN call c USING (customer_id)"
        " JOIN offer o ON o.id = co.offer_id WHERE c.id = %s AND o.code = %s",
        call.call_id(),
        FIBER,
    )
    return {"exposures": rows, "codes": codes, "status": status}


def talks(given: Given, call: Caller, agent: Agent) -> dict[str, str]:
    """The call reaches the agent; answers what was attached to it."""
    data: dict[str, str] = agent.phone.rings(within=40).custom()
    agent.becomes(State.ON_CALL)
    call.hang_up()
    given.ended(call, "answered")
    return data


@pytest.mark.parametrize(
    ("key", "answer", "code", "status", "group"),
    [
        ("1", "interested", "SYS_IVR_ACCEPTED", "accepted", "halyard-sales"),
        ("2", "not_interested", "SYS_IVR_DECLINED", "declined", "halyard-service"),
        ("3", "later", "SYS_IVR_LATER", "later", "halyard-service"),
    ],
)
def test_a_key_answers(
    given: Given, ben: Agent, key: str, answer: str, code: str, status: str, group: str
) -> None:
    call = presented(given)
    assert call.media.hears_something()
    call.media.key(key)
    data = talks(given, call, ben)
    assert data["X-CB-Offer-Answer"] == answer
    assert data["X-CB-Queue"] == group
    kept = outcome(given, call)
    assert kept["codes"] == [code]
    assert kept["status"] == status
    assert kept["exposures"] == [
        {"channel": "ivr", "outcome": status, "chance": 1.0, "decided": True}
    ]
    route = given.decision(call)["route"]
    assert (route["to"], route["why"], route["group"]) == ("ivr", "nobody_free", "halyard-sales")
    assert route["words"] == f"Nobody who can present {FIBER} is free: the IVR presents it."


def test_silence_goes_on_to_a_person(given: Given, ben: Agent) -> None:
    call = presented(given)
    data = talks(given, call, ben)
    assert "X-CB-Offer-Answer" not in data
    kept = outcome(given, call)
    assert (kept["codes"], kept["status"]) == ([], "presented")
    assert [row["outcome"] for row in kept["exposures"]] == [None]


def test_zero_goes_to_a_person_at_once(given: Given, ben: Agent) -> None:
    call = presented(given)
    call.media.key("0")
    talks(given, call, ben)
    assert outcome(given, call) == {"exposures": [], "codes": [], "status": None}


def test_whoever_hangs_up_in_the_middle_was_not_presented_it(given: Given, ben: Agent) -> None:
    call = presented(given)
    call.hang_up()
    given.ended(call, "abandoned")
    assert outcome(given, call) == {"exposures": [], "codes": [], "status": None}
    assert ben.phone.invites() == []


def test_a_crash_in_the_middle_repeats_nothing_and_loses_nobody(given: Given, ben: Agent) -> None:
    call = presented(given)
    wait_until_back(given.settings, "ari_app", kill(given.settings, "ari_app"))
    talks(given, call, ben)
    assert given.timeline(call).count(BEGAN) == 1
    assert given.timeline(call).count("call.decided") == 1
