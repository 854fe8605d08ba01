"""Before signing on to a web call an agent is shown nothing of the customer, whatever is asked."""

from __future__ import annotations

import pytest
import redis

from cordboard.settings import Settings
from support.database import Database
from support.scene import now_ms
from support.web import Web
from support.web_scene import NUMBER, WebScene


@pytest.fixture
def call(web: Web, web_settings: Settings, live: redis.Redis, database: Database) -> str:
    """A call rings, of whose record it is not yet known that the agent before has left it."""
    gus = WebScene(web_settings, live, database, "gus")
    gus.sit_down()
    web.enter(gus)
    web.post("/desk/agent/available")
    call = gus.ring_web()
    gus.journal(call, signed_on_ms=now_ms())
    return call


def test_a_desk_that_is_loaded(web: Web, call: str) -> None:
    answer = web.get("/desk/state")
    assert answer.json["call"]["id"] == call
    assert answer.json["call"]["sign_on"]
    assert not [told for told in (NUMBER, "without nuts", "/baskets") if told in answer.text]


def test_the_history(web: Web, call: str) -> None:
    assert web.get(f"/desk/calls/{call}/history").json == {"calls": [], "offers": []}


def test_offers_and_look_ups(web: Web, call: str) -> None:
    asked = [
        web.get(f"/offers/SALES-1?call={call}"),
        web.post(f"/desk/calls/{call}/lookup", by="phone", q=NUMBER),
        web.post(f"/desk/calls/{call}/lookup/attach", by="name", q="Rosa", customer="1"),
    ]
    assert [answer.status_code for answer in asked] == [403, 403, 403]
