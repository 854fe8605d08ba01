"""Before signing on to a web call an agent is shown nothing of the customer, whatever is asked."""

from __future__ import annotations

import orjson
import pytest
import redis

from cordboard import keys
from cordboard.settings import Settings
from support.database import Database
from support.scene import now_ms
from support.web import Web
from support.web_scene import NUMBER, WebScene


@pytest.fixture
def gus(web: Web, web_settings: Settings, live: redis.Redis, database: Database) -> WebScene:
    scene = WebScene(web_settings, live, database, "gus")
    scene.sit_down()
    web.enter(scene)
    web.post("/desk/agent/available")
    return scene


@pytest.fixture
def call(gus: WebScene) -> str:
    """A call rings, of whose record it is not yet known that the agent before has left it."""
    call = gus.ring_web()
    gus.journal(call, signed_on_ms=now_ms())
    return call


def test_a_desk_that_is_loaded(web: Web, call: str) -> None:
    answer = web.get("/desk/state")
    assert answer.json["call"]["id"] == call
    assert answer.json["call"]["sign_on"]
    assert not [told for told in (NUMBER, "without nuts", "/baskets") if told in answer.text]


def test_the_history(web: Web, call: str) -> None:
    nothing = {"calls": [], "offers": [], "orders": []}
    assert web.get(f"/desk/calls/{call}/history").json == nothing


def test_offers_and_look_ups(web: Web, call: str) -> None:
    asked = [
        web.get(f"/offers/SALES-1?call={call}"),
        web.post(f"/desk/calls/{call}/lookup", by="phone", q=NUMBER),
        web.post(f"/desk/calls/{call}/lookup/attach", by="name", q="Rosa", customer="1"),
        web.post(f"/desk/calls/{call}/offers/PAN-FAMILY/present"),
    ]
    assert [answer.status_code for answer in asked] == [403, 403, 403, 403]


def test_the_history_is_there_at_sign_on_though_the_record_is_behind(
    web: Web, gus: WebScene, live: redis.Redis, database: Database
) -> None:
    customer = database.rows(
        "SELECT k.id, k.code FROM customer k JOIN subscriber s ON s.id = k.subscriber_id"
        " WHERE s.code = 'pantry' ORDER BY k.id LIMIT 1"
    )[0]
    database.rows(
        "INSERT INTO call (id, subscriber_id, customer_id, state, outcome, started, ended)"
        " SELECT gen_random_uuid(), id, %s, 'ended', 'answered', now() - interval '1 day',"
        " now() - interval '1 day' FROM subscriber WHERE code = 'pantry' RETURNING 1",
        customer["id"],
    )
    call = gus.ring_web(customer_code=customer["code"])
    whole = database.value("SELECT call_card_v1(%s, NULL, true)", call) | {"sign_on": None}
    live.hset(keys.call(call), "card", orjson.dumps(whole))
    assert web.get(f"/desk/calls/{call}/history").json["calls"]
