"""An order goes on elsewhere, is changed by another, or is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
import pytest

from support.database import Database
from support.order_browser import OrderBrowser, fill

NewBrowser = Callable[[], OrderBrowser]
CHICAGO = ZoneInfo("America/Chicago")


def test_the_half_made_order_of_a_call_goes_on_here(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    """While the call lasts the page says so; afterwards the page has it."""
    call = database.value(
        "INSERT INTO call (id, subscriber_id, direction, dnis) SELECT %s, id, 'inbound',"
        " '+12025550113' FROM subscriber WHERE code = 'pantry' RETURNING id",
        uuid4(),
    )
    order = uuid4()
    draft: dict[str, Any] = {
        "order": str(order),
        "subscriber": "pantry",
        "customer": tess,
        "source": "phone",
        "call": str(call),
        "held_by": f"call:{call}",
        "basket": {"lines": [{"product": "RYE", "options": ["UNCUT"], "quantity": 1}]},
        "suggested": [],
    }
    database.value("SELECT save_draft_v1(%s::jsonb)", orjson.dumps(draft).decode())
    browser.get("/")
    assert "You are ordering in a call at this moment" in browser.text
    browser.send("/add", "CROISSANT")
    assert "finish it there" in " ".join(browser.notices)
    database.value(
        "UPDATE call SET state = 'ended', ended = now() WHERE id = %s RETURNING id", call
    )
    browser.get("/review")
    assert "Rye loaf" in browser.text
    browser.send("/review", do="place")
    (placed,) = browser.orders(tess)
    assert (placed["id"], placed["state"], placed["source"]) == (order, "placed", "phone")


def test_a_call_can_go_on_with_what_was_begun_here(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    facts: Any = database.value("SELECT order_facts_v1(%s)", tess)
    assert facts["draft"]["basket"]["lines"][0]["product"] == "CROISSANT"


def test_an_order_is_changed_by_another_in_its_place(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", do="place")
    browser.send("/again", do="change")
    assert browser.url == "/order/pantry/review"
    assert "the order before is cancelled" in browser.text
    browser.send("/basket", quantity="3", do="set")
    browser.send("/review", do="place")
    first, second = browser.orders(tess)
    assert (first["state"], second["state"]) == ("cancelled", "placed")
    assert second["replaces"] == first["id"]


def test_a_changed_order_is_as_it_was_but_for_what_was_changed(
    browser: OrderBrowser, tess: int
) -> None:
    at = datetime.now(CHICAGO).replace(hour=12, minute=0, second=0, microsecond=0)
    at += timedelta(days=7)
    address = {"street": "9 Ash Street", "postcode": "60601", "city": "Chicago"}
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", when="later", do="update")
    wanted = {**address, "at": at.strftime("%Y-%m-%dT%H:%M"), "note": "No nuts"}
    browser.send("/review", **wanted, do="update")
    browser.send("/review", do="place")
    browser.send("/again", do="change")
    assert browser.form("/review")[1] | wanted == browser.form("/review")[1], "all of it is shown"
    browser.send("/basket", quantity="3", do="set")
    browser.send("/review", do="place")
    first, second = browser.orders(tess)
    assert (first["state"], second["state"]) == ("cancelled", "placed")
    for name in ("street", "postcode", "city", "due_at", "note", "method"):
        assert second[name] == first[name], name
    assert (second["due_at"], second["note"], second["street"]) == (at, "No nuts", "9 Ash Street")


def test_as_soon_as_possible_stays_so_in_a_change(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", do="place")
    browser.send("/again", do="change")
    assert browser.form("/review")[1]["when"] == "soon"


def test_what_another_browser_typed_is_here_and_a_note_is_not_wiped(
    browser: OrderBrowser, new_browser: NewBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    other = new_browser().link(tess)
    other.get("/review")
    other.send("/review", method="delivery", do="update")
    address = {"street": "9 Ash Street", "postcode": "60601", "city": "Chicago"}
    other.send("/review", **address, do="update")
    other.send("/review", note="No nuts", do="update")
    browser.send("/review", method="delivery", do="update", **address)  # shown without the note
    assert browser.form("/review")[1]["note"] == "No nuts"
    browser.get("/review")
    assert browser.form("/review")[1] | address == browser.form("/review")[1]
    browser.send("/review", note="", do="update")
    assert browser.orders(tess)[0]["note"] == "", "who saw it may take it back"
    other.get("/review")
    other.send("/review", do="place")
    (order,) = browser.orders(tess)
    assert (order["state"], order["note"], order["street"]) == ("placed", "", "9 Ash Street")


@pytest.mark.parametrize("is_stale", [False, True])
def test_what_an_agent_writes_wins_over_what_this_browser_kept(
    browser: OrderBrowser, database: Database, tess: int, is_stale: bool
) -> None:
    def agent_writes() -> None:
        says = "street = '9 Ash Street', city = 'Chicago', postcode = '60601', due_at = %s"
        query = f"UPDATE sales_order SET note = 'Allergic to nuts', {says} WHERE customer_id = %s"
        database.connection.execute(query.encode(), [at, tess])

    at = datetime.now(CHICAGO).replace(hour=12, minute=0, second=0, microsecond=0)
    at += timedelta(days=7)
    fill(browser)
    browser.get("/review")
    if is_stale:  # shown before the agent wrote, sent after it
        agent_writes()
    browser.send("/review", when="later", do="update")  # without a time: what was typed is kept
    assert "Choose a day and a time." in browser.text
    if not is_stale:
        agent_writes()
    browser.get("/review")
    assert browser.form("/review")[1]["note"] == "Allergic to nuts"
    if not is_stale:
        shown = {"when": "later", "at": f"{at:%Y-%m-%dT%H:%M}", "street": "9 Ash Street"}
        assert browser.form("/review")[1] | shown == browser.form("/review")[1]
    browser.send("/review", do="update")
    assert browser.orders(tess)[0]["note"] == "Allergic to nuts"


def test_what_is_being_made_is_neither_changed_nor_cancelled(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    cancel = browser.form("/cancel")
    browser.send("/again", do="change")
    for state in ("accepted", "ready"):
        version = database.value("SELECT version FROM sales_order WHERE id = %s", order["id"])
        query = "SELECT advance_order_v1(%s, %s::order_state, 'system', %s)"
        database.value(query, order["id"], state, version)
    browser.get("/review")
    browser.send("/review", do="place")
    assert "you have two" in browser.text
    answer = browser.client.post(cancel[0], data=cancel[1], follow_redirects=True)
    assert "cannot be changed any more" in answer.text
    assert [one["state"] for one in browser.orders(tess)] == ["ready", "draft"]


def test_begin_anew_gives_the_draft_up(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.send("/drop")
    assert "Nothing yet" in browser.text
    assert [one["state"] for one in browser.orders(tess)] == ["abandoned"]
