"""Orders on the desk: taken over from the call, changed, placed once, left for later."""

from __future__ import annotations

from uuid import uuid4

import redis
from flask import Flask

from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.database import Database
from support.desk_order import LATTE, Call, call, customer, gus
from support.regulars import LAKE, LOOP
from support.scene import Scene
from support.web import Web

__all__ = ["call", "customer", "gus"]


def test_no_link_to_pay_where_nobody_takes_payments(call: Call) -> None:
    assert list(call.shown()["billing"]) == ["on_delivery"]
    # Chosen on the web, where it was possible then: it stays until it is changed.
    call.draft(billing="payment_link")
    assert list(call.shown()["billing"]) == ["on_delivery", "payment_link"]


def test_the_desk_takes_the_draft_of_the_call_over(call: Call) -> None:
    draft = call.draft()
    seen = call.shown()["order"]
    assert (seen["order"], seen["held_by"]) == (draft["order"], f"call:{call.id}")
    assert "Latte" in seen["readback"]
    saved = call.send(draft["order"], seen["version"], lines=[{**LATTE, "quantity": 2}], note="Hot")
    assert saved.status_code == 200, saved.text
    kept = call.order(draft["order"])
    assert kept["held_by"].startswith("agent:")
    assert (kept["note"], kept["suggestion"]) == ("Hot", 1), "what the dialogue knew stays"
    assert saved.json["order"]["lines"][0]["cents"] == 2 * seen["lines"][0]["cents"]


def test_two_windows_and_the_client_do_not_overwrite_each_other(call: Call) -> None:
    draft = call.draft()
    version = call.shown()["order"]["version"]
    assert call.send(draft["order"], version, note="first").status_code == 200
    second = call.send(draft["order"], version, note="second")
    assert (second.status_code, second.json["code"]) == (409, "order-changed")
    assert second.json["order"]["note"] == "first", "as it is now, for the page to show"
    now = second.json["order"]["version"]
    call.database.connection.execute(
        "UPDATE sales_order SET held_by = 'agent:999999' WHERE id = %s", [draft["order"]]
    )
    held = call.send(draft["order"], now + 1, note="third")
    assert (held.status_code, held.json["code"]) == (409, "order-changed")
    assert "somebody else" in held.json["detail"]


def test_an_order_is_begun_for_a_client_and_left_for_later(call: Call) -> None:
    order = str(uuid4())
    begun = call.send(order, 0, method="", at="")
    assert begun.status_code == 200, begun.text
    assert begun.json["order"]["readback"].startswith("Latte")
    assert "location: ask" in begun.json["order"]["readback"]
    assert call.web.post(call.url("/later"), order=order).status_code == 200
    kept = call.order(order)
    assert (kept["state"], kept["source"], kept["held_by"]) == ("draft", "agent", None)
    facts = call.database.value("SELECT order_facts_v1(%s)", call.customer)
    assert facts["draft"]["order"] == order, "the client's next call offers to go on"


def test_what_cannot_be_so_is_said(call: Call) -> None:
    order = str(uuid4())
    refused = call.send(order, 0, lines=[{"product": "NO-SUCH", "quantity": 1}])
    assert refused.status_code == 422
    assert "NO-SUCH is not sold" in refused.json["detail"]
    assert call.web.post(call.url(), order="x").status_code == 422


def test_another_clients_order_is_not_to_be_had(call: Call) -> None:
    other = call.database.value(
        "SELECT id FROM sales_order WHERE customer_id <> %s LIMIT 1", call.customer
    )
    refused = call.send(str(other), 0)
    assert refused.status_code in (409, 422)
    assert refused.json.get("order") is None, "nothing of it is told"


def test_somebody_elses_call_is_not_to_be_had(call: Call, app: Flask, gus: Scene) -> None:
    hana = Scene(gus.settings, gus.redis, gus.database, "hana").sit_down()
    other = Web(app).enter(hana)
    assert other.get(call.url()).status_code == 403
    assert other.post(call.url(), order=str(uuid4())).status_code == 403


def test_usual_and_places_are_shown(call: Call) -> None:
    call.database.connection.execute(
        "UPDATE location SET paused_at = now() WHERE code = %s", [LAKE]
    )
    try:
        draft = call.draft()
        shown = call.shown()
        places = {place["code"]: place for place in shown["order"]["places"]}
        assert places[LOOP]["can"]
        assert (places[LAKE]["can"], places[LAKE]["text"]) == (False, "takes no orders now")
        assert {one["code"] for one in shown["products"]} >= {"LATTE"}
        saved = call.send(draft["order"], shown["order"]["version"]).json["order"]
        call.send(draft["order"], saved["version"], "/place", total_cents=saved["total_cents"])
        assert "Latte" in call.shown()["usual"][0]["text"], "what was ordered counts at once"
    finally:
        call.database.connection.execute("UPDATE location SET paused_at = NULL")


def test_no_automation_by_the_agent_and_back(call: Call) -> None:
    url = f"/desk/calls/{call.id}/preference"
    assert call.web.post(url, no_automation="x").status_code == 422
    assert call.web.post(url, no_automation="1").json["preference"]["origin"] == "agent"
    assert call.shown()["preference"]["no_automation"]
    assert not call.web.post(url, no_automation="0").json["preference"]["no_automation"]


def test_companies_that_sell_nothing_have_no_panel(
    web_settings: Settings, live: redis.Redis, database: Database, web: Web
) -> None:
    ava = Scene(web_settings, live, database, "ava").sit_down()
    web.enter(ava)
    ava.happen(Event.MAKE_AVAILABLE)
    id_ = ava.ring()
    assert web.get(f"/desk/calls/{id_}/order").json == {"shop": None}
