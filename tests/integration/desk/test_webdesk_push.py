"""Pages pushed from the desk, and forms for the merchant: by whom, what is refused, once each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import redis
from flask import Flask

from cordboard import keys
from cordboard.settings import Settings
from support.database import Database
from support.people import DANA
from support.scene import Scene
from support.web import Web
from support.web_scene import WebScene


@pytest.fixture
def gus(web_settings: Settings, live: redis.Redis, database: Database) -> WebScene:
    """An agent of the shop."""
    scene = WebScene(web_settings, live, database, "gus")
    scene.sit_down()
    return scene


@pytest.fixture
def call(web: Web, gus: WebScene) -> str:
    """A visitor of the shop talks to gus."""
    web.enter(gus)
    web.post("/desk/agent/available")
    return gus.talk_web()


def page(database: Database, digits: str, subscriber: str = "pantry") -> int:
    number: int = database.value(
        "SELECT p.id FROM page p JOIN subscriber s ON s.id = p.subscriber_id"
        " WHERE s.code = %s AND p.digits = %s",
        subscriber,
        digits,
    )
    return number


def new_id() -> str:
    return str(uuid.uuid4())


def stored(database: Database, call: str) -> list[dict[str, Any]]:
    return database.rows(
        "SELECT title, url, framing::text, origin::text, agent_id, page_id FROM page_push"
        " WHERE call_id = %s ORDER BY pushed_at, number",
        call,
    )


def test_the_list_is_that_of_the_company_that_was_called(web: Web, call: str) -> None:
    answer = web.get(f"/desk/calls/{call}/pages").json
    assert {"12", "15"} <= {page["digits"] for page in answer["pages"]}
    assert all("halyard" not in page["url"] for page in answer["pages"])
    assert ".example.com" in answer["hosts"]


def test_several_pages_go_to_the_visitor_in_order(
    web: Web, call: str, gus: WebScene, database: Database
) -> None:
    asked = [page(database, "15"), page(database, "12")]
    answer = web.post(f"/desk/calls/{call}/pages", page=asked, key=new_id())
    assert answer.status_code == 200, answer.text
    titles = [push["title"] for push in answer.json["pushes"]]
    assert titles == ["Delivery areas and times", "Gift baskets"]
    assert [event["title"] for event in gus.arrived()] == titles
    assert [row["title"] for row in stored(database, call)] == titles
    assert {row["origin"] for row in stored(database, call)} == {"desk"}
    assert database.timeline(call).count("page.pushed") == 2
    # A page that is loaded now shows them too.
    card = web.get("/desk/state").json["call"]
    assert [push["title"] for push in card["web"]["pushes"]] == titles


def test_the_same_form_sent_twice_is_one_push(
    web: Web, call: str, gus: WebScene, database: Database
) -> None:
    form = {"page": [page(database, "12")], "key": new_id()}
    first = web.post(f"/desk/calls/{call}/pages", **form).json
    second = web.post(f"/desk/calls/{call}/pages", **form).json
    assert first == second
    assert len(stored(database, call)) == 1
    assert len({event["push_id"] for event in gus.arrived()}) == 1


def test_a_link_of_the_companys_hosts(
    web: Web, call: str, gus: WebScene, database: Database
) -> None:
    url = "https://news.example.com/spring?a=1"
    form = {"link": f" {url} ", "title": "Spring <news>", "key": new_id()}
    assert web.post(f"/desk/calls/{call}/pages", **form).status_code == 200
    [row] = stored(database, call)
    assert (row["url"], row["title"], row["framing"]) == (url, "Spring <news>", "window")
    assert row["page_id"] is None
    assert gus.arrived()[0]["url"] == url


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(document.cookie)",
        "data:text/html,hello",
        "https://evil.example.net/",
        "https://shop.example.com@evil.example.net/",
        "/offers/X",
    ],
)
def test_a_link_that_may_not_be_pushed(
    web: Web, call: str, gus: WebScene, database: Database, link: str
) -> None:
    answer = web.post(f"/desk/calls/{call}/pages", link=link, key=new_id())
    assert (answer.status_code, answer.json["code"]) == (422, "link-refused")
    assert gus.arrived() == []
    assert stored(database, call) == []


@pytest.mark.parametrize("asked", [["halyard"], ["999999"], ["x"], [], ["12"] * 9])
def test_what_is_no_page_of_this_company(
    web: Web, call: str, gus: WebScene, database: Database, asked: list[str]
) -> None:
    numbers = {"halyard": page(database, "11", "halyard"), "12": page(database, "12")}
    form = {"page": [numbers.get(text, text) for text in asked], "key": new_id()}
    answer = web.post(f"/desk/calls/{call}/pages", **form)
    assert answer.status_code == 422
    assert answer.json["code"] in ("unknown-page", "no-page")
    assert gus.arrived() == []


def test_a_page_that_is_switched_off(web: Web, call: str, database: Database) -> None:
    key = {"id": page(database, "12")}
    with database.changed("page", key, active=False):
        answer = web.post(f"/desk/calls/{call}/pages", page=[key["id"]], key=new_id())
        listed = web.get(f"/desk/calls/{call}/pages").json["pages"]
    assert (answer.status_code, answer.json["code"]) == (422, "unknown-page")
    assert "12" not in {page["digits"] for page in listed}


def test_only_the_agent_of_the_call(
    app: Flask, call: str, ben: Scene, gus: WebScene, database: Database
) -> None:
    other = Web(app)
    other.enter(ben)
    form = {"page": [page(database, "12")], "key": new_id()}
    assert other.post(f"/desk/calls/{call}/pages", **form).status_code == 403
    assert other.get(f"/desk/calls/{call}/pages").status_code == 403
    entry = {"kind": "note", "text": "mine", "id": new_id()}
    assert other.post(f"/desk/calls/{call}/entries", **entry).status_code == 403
    assert gus.arrived() == []


def test_before_and_after_the_contact_nothing_is_pushed(
    web: Web, gus: WebScene, database: Database
) -> None:
    web.enter(gus)
    web.post("/desk/agent/available")
    call = gus.ring_web()
    form = {"page": [page(database, "12")], "key": new_id()}
    assert web.post(f"/desk/calls/{call}/pages", **form).json["code"] == "not-in-contact"
    gus.sign_on(call)
    gus.connect(call)
    gus.hang_up(call)
    assert web.post(f"/desk/calls/{call}/pages", **form).json["code"] == "not-in-contact"
    assert gus.arrived() == []


def test_a_caller_without_a_web_session(web: Web, ava: Scene, database: Database) -> None:
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.ring(DANA)
    ava.connect(call)
    form = {"page": [page(database, "11", "halyard")], "key": new_id()}
    answer = web.post(f"/desk/calls/{call}/pages", **form)
    assert (answer.status_code, answer.json["code"]) == (409, "no-visitor")


def test_a_key_of_another_call_is_refused(web: Web, call: str, gus: WebScene) -> None:
    form = {"link": "https://news.example.com/", "key": new_id()}
    assert web.post(f"/desk/calls/{call}/pages", **form).status_code == 200
    gus.hang_up(call)
    gus.end_wrap_up(call)
    second = gus.talk_web()
    assert web.post(f"/desk/calls/{second}/pages", **form).json["code"] == "too-late"
    assert gus.arrived() == []


def test_the_desk_sees_nothing_of_the_customer_before_signing_on(web: Web, gus: WebScene) -> None:
    web.enter(gus)
    web.post("/desk/agent/available")
    call = gus.ring_web()
    sealed = web.get("/desk/state")
    assert sealed.json["call"]["sign_on"] == "digit"
    assert sealed.json["call"]["web"]["subject"] == "Orders and gift baskets"
    for hidden in ("nuts", "+1312555", "shop.example.com"):
        assert hidden not in sealed.text
    gus.sign_on(call)
    whole = web.get("/desk/state").json["call"]["web"]
    assert whole["note"] == "Is there a basket without nuts?"
    assert [page["title"] for page in whole["pages"]] == ["Corner Pantry", "Gift baskets"]


def test_events_of_a_push_reach_the_desk(web: Web, call: str, gus: WebScene) -> None:
    position = web.get("/desk/state").json["position"]
    form = {"link": "https://news.example.com/", "key": new_id()}
    push = web.post(f"/desk/calls/{call}/pages", **form).json["pushes"][0]["push_id"]
    gus.shown(call, push)
    gus.viewed(call, push, 12)
    events = web.follow(position)
    told = [next(events) for _ in range(3)]
    assert [event.type for event in told] == ["page.pushed", "page.shown", "page.viewed"]
    assert {event.data["push_id"] for event in told} == {push}
    [kept] = web.get("/desk/state").json["call"]["web"]["pushes"]
    assert kept["viewed_seconds"] == 12
    assert kept["shown_ms"]


def test_a_desk_that_is_loaded_knows_whether_the_visitor_is_here(
    web: Web, call: str, gus: WebScene
) -> None:
    here = keys.presence(gus.visitor)
    gus.redis.zadd(here, {"a-page": 1})
    assert web.get("/desk/state").json["call"]["web"]["visitor_here"] is True
    gus.redis.delete(here)
    assert web.get("/desk/state").json["call"]["web"]["visitor_here"] is False


# --- forms for the merchant ---------------------------------------------------------------------


def entries(database: Database, call: str) -> list[dict[str, Any]]:
    return database.rows(
        "SELECT e.id::text, e.kind::text, e.fields, d.event, d.payload FROM merchant_entry e"
        " LEFT JOIN webhook_delivery d ON d.id = e.id WHERE e.call_id = %s",
        call,
    )


def test_a_form_is_stored_once_and_queued_for_the_merchant(
    web: Web, call: str, database: Database
) -> None:
    form = {"id": new_id(), "kind": "order", "items": "2 x basket", "total": "49.00"}
    first = web.post(f"/desk/calls/{call}/entries", **form)
    second = web.post(f"/desk/calls/{call}/entries", **form)
    assert first.status_code == 200, first.text
    assert first.json == second.json
    [entry] = entries(database, call)
    assert entry["fields"] == {"items": "2 x basket", "total": "49.00", "delivery": "delivery"}
    payload = entry["payload"]
    assert entry["event"] == "entry.saved"
    assert payload["fields"] == entry["fields"]
    assert (payload["id"], payload["kind"], payload["call"]) == (form["id"], "order", call)
    assert (payload["subject"], payload["agent"]) == ("ORDERS", "Gus")
    assert payload["request"]
    card = web.get("/desk/state").json["call"]
    assert [saved["entry_id"] for saved in card["web"]["entries"]] == [form["id"]]


@pytest.mark.parametrize(
    "form", [{"kind": "order", "items": ""}, {"kind": "gift"}, {"kind": "note", "text": " "}]
)
def test_a_form_with_something_missing(
    web: Web, call: str, database: Database, form: dict[str, str]
) -> None:
    answer = web.post(f"/desk/calls/{call}/entries", id=new_id(), **form)
    assert (answer.status_code, answer.json["code"]) == (422, "bad-entry")
    assert entries(database, call) == []


def test_a_form_needs_an_id_of_its_own(web: Web, call: str, gus: WebScene) -> None:
    form = {"kind": "note", "text": "hello"}
    assert web.post(f"/desk/calls/{call}/entries", **form).status_code == 422
    form["id"] = new_id()
    assert web.post(f"/desk/calls/{call}/entries", **form).status_code == 200
    other = {**form, "kind": "complaint"}
    assert web.post(f"/desk/calls/{call}/entries", **other).json["code"] == "too-late"


def test_a_form_may_be_sent_after_the_call(
    web: Web, call: str, gus: WebScene, database: Database
) -> None:
    gus.hang_up(call)
    gus.end_wrap_up(call)
    form = {"id": new_id(), "kind": "complaint", "text": "The basket was late"}
    assert web.post(f"/desk/calls/{call}/entries", **form).status_code == 200
    assert entries(database, call)[0]["fields"]["urgency"] == "normal"


def test_a_web_session_that_is_gone(web: Web, call: str, gus: WebScene) -> None:
    gus.redis.hset(keys.call(call), "visitor", new_id())
    form = {"link": "https://news.example.com/", "key": new_id()}
    assert web.post(f"/desk/calls/{call}/pages", **form).json["code"] == "no-visitor"
