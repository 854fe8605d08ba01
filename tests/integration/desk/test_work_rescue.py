"""Orders that no location takes: seen by the company's agents, assigned or cancelled once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from cordboard.orders.pricing import dollars
from cordboard.settings import Settings
from db.orders import ask
from db.queries import sql
from support.database import Database
from support.scene import Scene
from support.shop_orders import (
    CODES,
    EVAN,
    LAKE,
    LOOP,
    NAPER,
    OAK,
    made_elsewhere,
    paid_and_cancelled,
    place,
    read,
    remove,
)
from support.web import Web
from webdesk.work import rescue

Json = dict[str, Any]


@pytest.fixture
def order(database: Database, web_settings: Settings) -> Iterator[Json]:
    """An order that nobody accepted anywhere."""
    conn = database.connection
    made = place(conn, web_settings)
    asked = {"order": made["order"], "location": None, "version": made["version"]}
    assert ask(conn, web_settings, sql.pass_over_order, **asked)
    yield read(conn, web_settings, made)
    remove(conn, [made])


@pytest.fixture
def gus(web_settings: Settings, live: redis.Redis, database: Database, web: Web) -> Web:
    return web.enter(Scene(web_settings, live, database, "gus").sit_down())


def url(order: Json, what: str) -> str:
    return f"/desk/orders/{order['order']}/{what}"


def test_it_is_listed_with_the_number_to_call(gus: Web, order: Json) -> None:
    assert gus.get("/desk/work").json["orders"] == 1
    page = gus.get("/desk/orders").text
    assert order["order"] in page
    assert "+1 312-555-0150" in page


def test_what_is_not_shown_is_counted(
    gus: Web, order: Json, moved: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page compares what waits with what waited when it was made, not with what it shows."""
    assert "are shown" not in gus.get("/desk/orders").text
    monkeypatch.setattr(rescue, "SHOWN", 0)
    page = gus.get("/desk/orders").text
    assert 'data-count="2">2<' in page
    assert "0 of 2 are shown" in page


def test_who_refused_it_is_not_proposed(gus: Web, order: Json, database: Database) -> None:
    offered = re.findall(r'<option value="([^"]*)">([^<]*)', gus.get("/desk/orders").text)
    assert offered[0][0] not in ("", CODES[LOOP])
    assert offered[-1] == (CODES[LOOP], "Corner Pantry Loop: did not take it")
    ids = [LOOP, LAKE, OAK, EVAN, NAPER]
    query = "UPDATE sales_order SET passed_over = %s WHERE id = %s"
    database.connection.execute(query, [ids, order["order"]])
    page = gus.get("/desk/orders").text
    assert re.findall(r'<option value="([^"]*)">', page)[0] == "", "somebody has to choose"
    assert "<dt>Not taken by</dt><dd>Corner Pantry Loop, Corner Pantry Lakeside, " in page
    refused = gus.post(url(order, "assign"), version=order["version"], location="")
    assert refused.status_code == 422
    assert "Choose the location" in refused.text


def test_it_is_assigned_once(
    gus: Web, order: Json, database: Database, web_settings: Settings
) -> None:
    fields = {"version": order["version"], "location": CODES[LAKE]}
    assert gus.post(url(order, "assign"), **fields).status_code == 302
    now = read(database.connection, web_settings, order)
    assert (now["location"]["id"], now["needs_agent"], now["state"]) == (LAKE, False, "placed")
    assert gus.get("/desk/work").json["orders"] == 0
    late = gus.post(url(order, "cancel"), version=order["version"], why="Nobody has time")
    assert late.status_code == 409, "it has changed since that page showed it"
    assert read(database.connection, web_settings, order)["state"] == "placed"


def test_it_is_cancelled_with_a_reason(
    gus: Web, order: Json, database: Database, web_settings: Settings
) -> None:
    refused = gus.post(url(order, "cancel"), version=order["version"], why=" ")
    assert refused.status_code == 422
    assert "why it is cancelled" in refused.text
    done = gus.post(url(order, "cancel"), version=order["version"], why="Nobody has time")
    assert done.status_code == 302
    now = read(database.connection, web_settings, order)
    assert now["state"] == "cancelled"
    assert "Nobody has time" in str(now["timeline"][-1])


@pytest.fixture
def moved(database: Database, web_settings: Settings) -> Iterator[Json]:
    """An order to be fetched elsewhere now, by a client who cannot be written to."""
    with made_elsewhere(database.connection, web_settings) as made:
        yield made


def test_a_client_is_told_once_where_the_order_is_made(
    gus: Web, moved: Json, database: Database, web_settings: Settings
) -> None:
    assert gus.get("/desk/work").json["orders"] == 1
    page = gus.get("/desk/orders").text
    for said in ("To be told", "+1 312-555-0150", moved["location"]["street"]):
        assert said in page
    assert "<dt>Not taken by</dt><dd>Corner Pantry Loop</dd>" in page
    elsewhere = gus.post(url(moved, "told"), location=CODES[LOOP])
    assert elsewhere.status_code == 409, "that is not where it is made"
    for _ in range(2):
        assert gus.post(url(moved, "told"), location=CODES[LAKE]).status_code == 302
    assert gus.get("/desk/work").json["orders"] == 0
    assert "To be told" not in gus.get("/desk/orders").text
    now = read(database.connection, web_settings, moved)
    (told,) = [event for event in now["timeline"] if event["name"] == "order.client_told"]
    assert told["actor"].startswith("user:")
    audited = "SELECT count(*) FROM audit_entry WHERE action = 'order.client_told' AND entity = %s"
    assert database.value(audited, f"order:{moved['order']}") == 1


@pytest.mark.parametrize("told", [True, False])
def test_who_assigns_it_says_whether_the_client_knows(
    gus: Web, moved: Json, database: Database, web_settings: Settings, told: bool
) -> None:
    """A client who comes and cannot be written to: by whomever it was moved, somebody says so."""
    conn = database.connection
    asked = {"order": moved["order"], "location": None, "version": moved["version"]}
    assert ask(conn, web_settings, sql.pass_over_order, **asked)
    order = read(conn, web_settings, moved)
    page = gus.get("/desk/orders").text
    assert 'name="told"' in page
    assert "To be told" not in page
    fields = {"version": order["version"], "location": CODES[OAK]} | (
        {"told": "yes"} if told else {}
    )
    assert gus.post(url(order, "assign"), **fields).status_code == 302
    assert gus.get("/desk/work").json["orders"] == (0 if told else 1)
    assert ("To be told" in gus.get("/desk/orders").text) is not told


def test_who_can_be_written_to_is_not_asked_about(gus: Web, order: Json) -> None:
    page = gus.get("/desk/orders").text
    assert order["order"] in page
    assert 'name="told"' not in page


def test_only_agents_of_the_shop_say_so(
    moved: Json, web_settings: Settings, live: redis.Redis, database: Database, app: Flask
) -> None:
    ava = Web(app).enter(Scene(web_settings, live, database, "ava").sit_down())
    assert moved["order"] not in ava.get("/desk/orders").text
    assert ava.post(url(moved, "told"), location=CODES[LAKE]).status_code == 404
    assert read(database.connection, web_settings, moved)["to_tell"]


@pytest.fixture
def paid(database: Database, web_settings: Settings) -> Iterator[Json]:
    made = paid_and_cancelled(database.connection, web_settings)
    yield made
    remove(database.connection, [made])


@pytest.fixture
def hana(web_settings: Settings, live: redis.Redis, database: Database, app: Flask) -> Web:
    return Web(app).enter(Scene(web_settings, live, database, "hana").sit_down())


def test_what_was_paid_is_taken_by_one_and_listed_until_it_is_paid_back_once(
    gus: Web, hana: Web, paid: Json, database: Database, web_settings: Settings
) -> None:
    assert gus.get("/desk/work").json["orders"] == 1
    page = gus.get("/desk/orders").text
    for said in (
        "To be paid back",
        dollars(paid["total_cents"]),
        "+1 312-555-0150",
        "by the client",
    ):
        assert said in page
    assert "T-77" not in page, "where it is paid back is for who took it"
    assert gus.post(url(paid, "paid-back")).status_code == 409, "it is taken first"
    assert gus.post(url(paid, "owed/take")).status_code == 302
    assert "T-77" in gus.get("/desk/orders").text
    hers = hana.get("/desk/orders").text
    assert "Gus Hartley pays it back, until" in hers
    assert "T-77" not in hers
    assert url(paid, "owed/take") not in hers
    for what in ("owed/take", "paid-back"):
        refused = hana.post(url(paid, what))
        assert refused.status_code == 409
        assert "Gus Hartley has taken it to pay it back until" in refused.text
    hana.post(url(paid, "owed/release"))
    for _ in range(2):
        assert gus.post(url(paid, "paid-back")).status_code == 302
    second = hana.post(url(paid, "paid-back"))
    assert second.status_code == 409
    assert re.search("Gus Hartley paid it back at [0-9]+:[0-9]{2} [AP]M on ", second.text)
    assert gus.get("/desk/work").json["orders"] == 0
    assert "To be paid back" not in gus.get("/desk/orders").text
    now = read(database.connection, web_settings, paid)
    assert [one["name"] for one in now["timeline"]].count("order.paid_back") == 1


def test_what_is_left_is_taken_by_another_who_is_told_who_had_it(
    gus: Web, hana: Web, paid: Json, database: Database
) -> None:
    gus.post(url(paid, "owed/take"))
    gus.post(url(paid, "owed/release"))
    assert "Gus Hartley" not in hana.get("/desk/orders").text
    gus.post(url(paid, "owed/take"))
    over = "UPDATE payment_link SET claimed_until = now() WHERE order_id = %s"
    database.connection.execute(over, [paid["order"]])
    assert "who has not said what came of it: ask before you pay" in hana.get("/desk/orders").text
    assert hana.post(url(paid, "owed/take")).status_code == 302
    assert "Hana Sato has taken it" in gus.post(url(paid, "paid-back")).text
    assert hana.post(url(paid, "paid-back")).status_code == 302


def test_only_what_is_owed_is_paid_back_by_whom_it_concerns(
    gus: Web,
    order: Json,
    paid: Json,
    web_settings: Settings,
    live: redis.Redis,
    database: Database,
    app: Flask,
) -> None:
    ava = Web(app).enter(Scene(web_settings, live, database, "ava").sit_down())
    for what in ("owed/take", "paid-back"):
        assert gus.post(url(order, what)).status_code == 409
        assert ava.post(url(paid, what)).status_code == 404
    assert gus.get("/desk/work").json["orders"] == 2


def test_agents_of_others_see_nothing(
    order: Json, web_settings: Settings, live: redis.Redis, database: Database, app: Flask
) -> None:
    ava = Web(app).enter(Scene(web_settings, live, database, "ava").sit_down())
    assert ava.get("/desk/work").json == {"enrolments": 0, "orders": 0}
    assert order["order"] not in ava.get("/desk/orders").text
    fields = {"version": order["version"], "location": CODES[LAKE]}
    assert ava.post(url(order, "assign"), **fields).status_code == 404
