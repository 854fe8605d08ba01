"""The ranked offers on the desk, and presenting another than the first."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
import redis
from flask import Flask

from cordboard import keys
from decider import DeciderAway
from decider.sync import SyncLocalDecider
from support.database import Database
from support.decisions import MARCUS_ENTRIES, store_decision
from support.people import ACCOUNT_LINE, DANA, MARCUS, Person
from support.scene import Scene, renew_offers
from support.web import Web

BUNDLE, FIBER, CARE, TV = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-CARE-PLUS", "HAL-TV"


@pytest.fixture
def call(web: Web, ava: Scene, database: Database) -> str:
    """Marcus Bell, decided on, talks to ava."""
    renew_offers(database, MARCUS)
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.open_call(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    store_decision(database.value, call, MARCUS_ENTRIES)
    ava.offer(call)
    ava.connect(call)
    return call


def card(web: Web) -> dict[str, Any]:
    shown: dict[str, Any] = web.get("/desk/state").json["call"]
    return shown


def present(web: Web, call: str, code: str) -> Any:
    return web.post(f"/desk/calls/{call}/offers/{code}/present")


def attached(web: Web) -> dict[str, str]:
    return {offer["kind"]: offer["code"] for offer in card(web)["offers"]}


def exposed(database: Database, call: str) -> list[str]:
    rows = database.rows(
        "SELECT o.code FROM exposure x JOIN offer o ON o.id = x.offer_id WHERE call_id = %s"
        " ORDER BY x.id",
        call,
    )
    return [row["code"] for row in rows]


def dispose(web: Web, call: str, code: str, offer: str) -> Any:
    form = {"kind": "sales", "code": code, "offer": offer, "key": uuid.uuid4().hex}
    return web.post(f"/desk/calls/{call}/dispositions", **form)


def test_the_card_has_the_ranking_in_words_and_the_route(web: Web, call: str) -> None:
    shown = card(web)
    first, *_, last = shown["ranking"]
    assert (first["code"], first["p_text"], first["value_text"], first["ev_text"]) == (
        BUNDLE, "30%", "$360", "$108",
    )  # fmt: skip
    assert (first["attached"], first["presented"], first["has_page"]) == (True, None, True)
    assert (last["code"], last["state"]) == (TV, "kept_out")
    assert "url" not in first
    assert shown["decision"]["route"]["words"]


def test_an_opened_page_is_told_to_all_desks(web: Web, call: str, database: Database) -> None:
    position = web.get("/desk/state").json["position"]
    web.client.get(f"/offers/{BUNDLE}?call={call}")
    web.client.get(f"/offers/{BUNDLE}?call={call}")
    event = next(m for m in web.follow(position) if m.type == "call.updated")
    assert event.data["changed"]["ranking"][0]["presented"] == "agent"
    assert event.data["changed"]["offers"][0]["opened"]
    assert exposed(database, call) == [BUNDLE]


def test_another_offer_is_presented_instead(web: Web, call: str, database: Database) -> None:
    position = web.get("/desk/state").json["position"]
    assert present(web, call, FIBER).json == {"call_id": call, "kind": "sales", "code": FIBER}
    assert attached(web) == {"sales": FIBER, "service": CARE}
    assert "Fiber 1000" in web.client.get(f"/offers/{FIBER}?call={call}").text
    event = next(m for m in web.follow(position) if m.type == "offer.attached")
    assert (event.data["kind"], event.data["code"]) == ("sales", FIBER)
    assert event.data["changed"]["cti"]["SALES_OFFER_CODE"] == FIBER
    assert [entry["attached"] for entry in event.data["changed"]["ranking"]][:2] == [False, True]
    assert exposed(database, call) == [FIBER]


def test_pressed_twice_it_is_told_once(web: Web, call: str, ava: Scene) -> None:
    position = web.get("/desk/state").json["position"]
    assert present(web, call, FIBER).status_code == present(web, call, FIBER).status_code == 200
    ava.hang_up(call)
    told = []
    for message in web.follow(position):
        told.append(message.type)
        if message.type == "call.ended":
            break
    assert told.count("offer.attached") == 1


def test_each_offer_has_its_own_result(web: Web, call: str) -> None:
    assert dispose(web, call, "DECLINED", BUNDLE).status_code == 200
    present(web, call, FIBER)
    assert "sales" not in card(web)["dispositions"]
    assert dispose(web, call, "ACCEPTED", FIBER).status_code == 200
    assert card(web)["dispositions"]["sales"] == "ACCEPTED"
    results = {entry["code"]: entry["result"] for entry in card(web)["ranking"]}
    assert (results[BUNDLE], results[FIBER]) == ("Declined", "Accepted")


def test_a_code_of_the_last_offer_does_not_stand_while_the_app_is_behind(
    web: Web, call: str, live: redis.Redis
) -> None:
    dispose(web, call, "DECLINED", BUNDLE)
    present(web, call, FIBER)
    text: Any = live.hget(keys.call(call), "card")
    stale = {**orjson.loads(text), "dispositions": {"sales": "DECLINED"}}
    live.hset(keys.call(call), "card", orjson.dumps(stale))
    assert card(web)["dispositions"] == {}


def test_what_an_older_page_says_of_the_first_is_refused(web: Web, call: str) -> None:
    present(web, call, FIBER)
    answer = dispose(web, call, "ACCEPTED", BUNDLE)
    assert (answer.status_code, answer.json["code"]) == (409, "offer-replaced")
    assert card(web)["dispositions"] == {}


def test_another_agents_call(app: Flask, call: str, ben: Scene, web: Web) -> None:
    other = Web(app)
    other.enter(ben)
    answer = present(other, call, FIBER)
    assert (answer.status_code, answer.json["code"]) == (403, "not-your-call")
    assert attached(web)["sales"] == BUNDLE


@pytest.mark.parametrize("code", [TV, "HAL-ROUTER", "PAN-FAMILY", "x", "%27;--"])
def test_what_is_not_offered_is_not_found(web: Web, call: str, code: str) -> None:
    answer = present(web, call, code)
    assert (answer.status_code, answer.json["code"]) == (404, "no-such-offer")
    assert attached(web)["sales"] == BUNDLE


def test_withdrawn_a_moment_ago(web: Web, call: str, database: Database) -> None:
    with database.changed("offer", {"code": FIBER}, active=False):
        answer = present(web, call, FIBER)
    assert (answer.status_code, answer.json["code"]) == (409, "withdrawn")
    assert attached(web)["sales"] == BUNDLE


def test_a_call_that_is_closed(web: Web, call: str, ava: Scene) -> None:
    ava.hang_up(call)
    ava.end_wrap_up(call)
    answer = present(web, call, FIBER)
    assert (answer.status_code, answer.json["code"]) == (409, "too-late")


@pytest.fixture
def unknown(web: Web, ava: Scene, database: Database) -> str:
    """Nobody we know talks to ava."""
    renew_offers(database, DANA)
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.ring(Person("", "", ""))
    ava.connect(call)
    return call


def attach_dana(web: Web, call: str) -> Any:
    form = {"by": "name", "q": "dana reed", "customer": 1, "account": DANA.account}
    return web.post(f"/desk/calls/{call}/lookup/attach", key=uuid.uuid4().hex, **form)


def test_whoever_is_looked_up_is_decided_on(web: Web, unknown: str) -> None:
    assert card(web)["ranking"] == []
    position = web.get("/desk/state").json["position"]
    assert attach_dana(web, unknown).status_code == 200
    event = next(m for m in web.follow(position) if m.type == "call.updated")
    told = event.data["changed"]
    assert told["decision"]["route"]
    (first, *_) = [entry for entry in told["ranking"] if entry["state"] == "offered"]
    assert (first["kind"], first["attached"]) == ("service", True)
    sales = {entry["why"] for entry in told["ranking"] if entry["kind"] == "sales"}
    assert "not_identified" in sales
    assert not [entry for entry in told["ranking"] if entry["kind"] == "sales" and entry["rank"]]
    assert card(web)["ranking"] == told["ranking"]


def test_without_a_decider_the_look_up_is_attached_all_the_same(
    web: Web, unknown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object, question: object) -> None:
        raise DeciderAway("not there")

    monkeypatch.setattr(SyncLocalDecider, "decide", away)
    assert attach_dana(web, unknown).json["customer"]["name"] == "Dana Reed"
    assert (card(web)["ranking"], card(web)["decision"]) == ([], None)
    assert attached(web).keys() == {"service"}


def test_the_history_says_when_it_was_presented(web: Web, call: str) -> None:
    web.client.get(f"/offers/{BUNDLE}?call={call}")
    offers = web.get(f"/desk/calls/{call}/history").json["offers"]
    (bundle,) = [offer for offer in offers if offer["code"] == BUNDLE]
    assert bundle["presented"] == 1
    assert bundle["presented_at"]
