"""Orders on the desk: taken over from the call, changed, placed once, left for later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import redis
from flask import Flask
from psycopg.types.json import Jsonb

from cordboard.agent_state import Event
from cordboard.settings import Settings
from db.demo.world import NEVER
from support.database import Database
from support.order_browser import new_client
from support.people import ORDER_LINE, Person
from support.regulars import LAKE, LOOP
from support.scene import Scene
from support.shop_orders import pay
from support.web import Web

Json = dict[str, Any]
CHICAGO = ZoneInfo("America/Chicago")
EVANSTON = "PANTRY-EVAN"
KNIVES = {"product": "KNIVES", "options": ["FOUR"], "quantity": 1}
LATTE = {"product": "LATTE", "options": ["LARGE", "OAT"], "quantity": 1}


@dataclass
class Call:
    """A client's call at an agent's desk."""

    web: Web
    database: Database
    customer: int
    id: str
    settings: Settings

    def url(self, path: str = "") -> str:
        return f"/desk/calls/{self.id}/order{path}"

    def shown(self) -> Json:
        found: Json = self.web.get(self.url()).json
        return found

    def draft(self, **changes: Any) -> Json:
        """A draft that the call holds, as the dialogue left it."""
        wanted = {
            "order": str(uuid4()),
            "subscriber": "pantry",
            "customer": self.customer,
            "source": "phone",
            "call": self.id,
            "held_by": f"call:{self.id}",
            "basket": {"lines": [LATTE], "method": "pick_up", "location": LOOP},
            "billing": "on_delivery",
            "suggested": [{"lines": [LATTE]}],
            "suggestion": 1,
            **changes,
        }
        saved: Json = self.database.value("SELECT save_draft_v1(%s)", Jsonb(wanted))
        return saved

    def send(self, order: str, version: int, path: str = "", **changes: Any) -> Any:
        lines = changes.pop("lines", [LATTE])
        where = {"method": changes.pop("method", "pick_up"), "location": changes.pop("at", LOOP)}
        fields = {
            "order": order,
            "version": version,
            "basket": json.dumps({"lines": lines, **where}),
            "billing": "on_delivery",
            "due": "",
            "note": "",
            **changes,
        }
        return self.web.post(self.url(path), **fields)

    def order(self, order: str) -> Json:
        return self.database.rows("SELECT * FROM sales_order WHERE id = %s", order)[0]


@pytest.fixture
def customer(database: Database) -> Iterator[int]:
    made = new_client(database)
    yield made
    for query in (
        "UPDATE call SET customer_id = NULL WHERE customer_id = %s",
        "DELETE FROM purchase WHERE customer_id = %s",
        "UPDATE sales_order SET replaces = NULL WHERE customer_id = %s",
        "DELETE FROM sales_order WHERE customer_id = %s",
        "DELETE FROM customer WHERE id = %s",
    ):
        database.connection.execute(query, [made])


@pytest.fixture
def gus(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "gus").sit_down()


@pytest.fixture
def call(gus: Scene, web: Web, database: Database, customer: int) -> Call:
    web.enter(gus)
    gus.happen(Event.MAKE_AVAILABLE)
    number = database.value("SELECT number FROM customer_phone WHERE customer_id = %s", customer)
    id_ = gus.ring(Person("Tess Ting", "", "", number), dnis=ORDER_LINE)
    gus.connect(id_)
    return Call(web, database, customer, id_, gus.settings)


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


def test_placed_once_as_it_was_read_back(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"]}
    placed = [call.send(draft["order"], saved["version"], **asked) for _ in "12"]
    assert [one.status_code for one in placed] == [200, 200]
    assert [one.json["order"]["state"] for one in placed] == ["placed", "placed"]
    late = call.send(draft["order"], saved["version"], lines=[{**LATTE, "quantity": 3}])
    assert late.status_code == 409
    purchases = "SELECT count(*) FROM purchase WHERE order_id = %s"
    assert call.database.value(purchases, draft["order"]) == 1


def test_a_price_that_has_changed_is_read_back_again(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    refused = call.send(draft["order"], saved["version"], "/place", total_cents=1)
    assert (refused.status_code, refused.json["code"]) == (409, "price-changed")
    assert saved["total"] in refused.json["detail"]
    assert call.order(draft["order"])["state"] == "draft"


def test_the_address_is_the_drafts_and_is_read_back(call: Call) -> None:
    draft, there = call.draft(), {"street": "5 Elm Street", "city": "Chicago", "postcode": "60601"}
    version = call.shown()["order"]["version"]
    home = call.send(draft["order"], version, method="delivery").json["order"]
    assert "delivered to 1 Reed Street, Chicago 60601" in home["readback"]
    saved = call.send(draft["order"], home["version"], method="delivery", **there)
    assert saved.status_code == 200, saved.text
    seen = call.shown()["order"]
    assert {name: seen[name] for name in there} == there, "for another window, another agent"
    assert "delivered to 5 Elm Street, Chicago 60601" in seen["readback"]
    asked = {"path": "/place", "total_cents": seen["total_cents"], "method": "delivery"}
    placed = call.send(draft["order"], seen["version"], **asked)
    assert placed.status_code == 200, placed.text
    assert call.order(draft["order"])["street"] == "5 Elm Street"


def at_night() -> str:
    return f"{datetime.now(CHICAGO) + timedelta(days=8):%Y-%m-%d}T03:00"


def at_once() -> str:
    return f"{datetime.now(CHICAGO) + timedelta(minutes=3):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due": at_night, "at": EVANSTON}, "closed at that time"),
        ({"due": at_once}, "cannot be ready by then"),
        (
            {"method": "delivery", "street": "1 A", "city": "B", "postcode": "99501"},
            "too far away",
        ),
        ({"method": "appointment", "lines": [KNIVES], "at": LAKE}, "does not have all of it"),
        ({"method": "appointment", "lines": [KNIVES], "at": EVANSTON}, "does not do this"),
    ],
)
def test_nothing_is_placed_where_it_cannot_be_served(call: Call, changes: Json, said: str) -> None:
    # Times count from when the test runs: the suite is collected long before.
    changes = {name: made() if callable(made) else made for name, made in changes.items()}
    order = str(uuid4())
    saved = call.send(order, 0, **changes).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"], **changes}
    refused = call.send(order, saved["version"], **asked)
    assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
    assert said in refused.json["detail"]
    assert call.order(order)["state"] == "draft"


def test_a_location_that_closes_while_the_order_is_read_out(call: Call) -> None:
    draft = call.draft()
    saved = call.send(draft["order"], call.shown()["order"]["version"]).json["order"]
    asked = {"path": "/place", "total_cents": saved["total_cents"]}
    # Another schedule stands for the clock.
    with call.database.changed("location", {"code": LOOP}, schedule_id=NEVER):
        refused = call.send(draft["order"], saved["version"], **asked)
        assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
        assert "closed" in refused.json["detail"]
    placed = call.send(draft["order"], saved["version"], **asked)
    assert placed.status_code == 200, placed.text
    with call.database.changed("location", {"code": LOOP}, active=False):
        again = call.send(draft["order"], saved["version"], **asked)
        assert again.json["order"]["state"] == "placed", "what was placed is answered as it is"


def test_nothing_is_delivered_to_nowhere(call: Call, customer: int) -> None:
    query = "UPDATE customer SET street = NULL, city = NULL WHERE id = %s"
    call.database.connection.execute(query, [customer])
    order = str(uuid4())
    saved = call.send(order, 0, method="delivery").json["order"]
    assert "address: ask" in saved["readback"]
    asked = {"path": "/place", "total_cents": saved["total_cents"], "method": "delivery"}
    refused = call.send(order, saved["version"], **asked)
    assert (refused.status_code, refused.json["code"]) == (422, "cannot-serve")
    assert "where it is delivered" in refused.json["detail"]


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


def settle(call: Call, order: str) -> None:
    """The provider says that the order is paid."""
    pay(call.database.connection, call.settings, {"order": order})


def make_ready(call: Call, order: str) -> None:
    """The location has made it."""
    query = "SELECT advance_order_v1(%s, %s, 'user:12', %s)"
    for state in ("accepted", "ready"):
        call.database.value(query, order, state, call.order(order)["version"])


@pytest.mark.parametrize(
    ("too_late", "said"),
    [(settle, "is paid by now"), (make_ready, "is ready and cannot be changed any more")],
)
def test_a_change_of_what_cannot_be_changed_any_more_is_asked_about(
    call: Call, too_late: Callable[[Call, str], None], said: str
) -> None:
    def place(seen: Json, **more: Any) -> Any:
        agreed = {"total_cents": seen["total_cents"], **more}
        return call.send(seen["order"], seen["version"], "/place", **agreed)

    link = {"billing": "payment_link"}
    first = place(call.send(str(uuid4()), 0, **link).json["order"], **link).json["order"]
    draft = call.draft(replaces=first["order"])
    too_late(call, first["order"])
    version = call.order(draft["order"])["version"]
    refused = place(call.send(draft["order"], version, note="Hot").json["order"], note="Hot")
    assert (refused.status_code, refused.json["code"]) == (409, "order-stays")
    assert f"order {first['number']} {said}" in refused.json["detail"]
    assert "another order" in refused.json["detail"]
    kept = call.order(draft["order"])
    assert (kept["state"], kept["replaces"], kept["note"]) == ("draft", None, "Hot")
    placed = place(refused.json["order"], note="Hot")
    assert placed.status_code == 200, placed.text
    assert placed.json["order"]["state"] == "placed"
    assert call.order(first["order"])["state"] != "cancelled"


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
