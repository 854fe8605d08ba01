"""From the basket to a placed order, once; what others change meanwhile; what is typed stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
import psycopg
import pytest
import redis
from werkzeug.test import TestResponse

from cordboard.settings import Settings
from cordboard.sipp import eventually
from db.demo.crowd import ROSA
from support.database import Database
from support.order_browser import OrderBrowser

NewBrowser = Callable[[], OrderBrowser]
CHICAGO = ZoneInfo("America/Chicago")


def fill(browser: OrderBrowser, product: str = "CROISSANT", **fields: str) -> OrderBrowser:
    browser.get("/")
    browser.send("/add", product, **fields)
    return browser


def test_from_the_list_to_a_placed_order(browser: OrderBrowser, tess: int) -> None:
    fill(browser, "LATTE", **{"option-0": "LARGE", "option-1": "OAT", "quantity": "2"})
    assert "Latte large, oat milk" in browser.text
    browser.get("/review")
    assert "Place the order · $13.07" in browser.text  # 2 × (4.50 + 0.80 + 0.60), and 10.75 % tax
    browser.send("/review", note="Ring twice", do="place")
    (order,) = browser.orders(tess)
    assert browser.url == f"/order/pantry/orders/{order['id']}"
    assert (order["state"], order["source"], order["total_cents"]) == ("placed", "web", 1307)
    assert order["note"] == "Ring twice"
    assert f"Order {order['number']}" in browser.text
    assert "You placed the order" in browser.text


def test_the_usual_is_one_press_to_the_read_back(new_browser: NewBrowser) -> None:
    browser = new_browser().link(ROSA)
    for order in browser.orders(ROSA):
        assert order["state"] != "draft"
    offered = re.findall(r'name="basket" value="([^"]+)"', browser.page)
    assert 1 <= len(offered) <= 6
    browser.send("/usual")
    assert browser.url == "/order/pantry/review"
    browser.send("/review", do="place")
    order = browser.orders(ROSA)[-1]
    assert (order["state"], order["suggestion"]) == ("placed", 1)
    assert order["suggested"][0]["lines"][0]["product"] == "LATTE"
    browser.send("/cancel")
    assert "It was cancelled" in browser.text


def test_what_was_offered_and_not_taken_is_remembered(
    new_browser: NewBrowser, database: Database
) -> None:
    browser = new_browser().link(ROSA)
    fill(browser, "HONEY")
    order = browser.orders(ROSA)[-1]
    assert (order["suggestion"], len(order["suggested"])) == (None, 3)
    browser.send("/drop")


def test_a_double_click_orders_once(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    address, form = browser.form("/add", "CROISSANT")
    for _ in range(2):
        browser.client.post(address, data=form)
    browser.get("/review")
    assert browser.form("/basket")[1]["quantity"] == "2"
    address, form = browser.form("/review")
    answers = [browser.client.post(address, data={**form, "do": "place"}) for _ in range(3)]
    (order,) = browser.orders(tess)
    assert order["state"] == "placed"
    assert {a.status_code for a in answers} == {303}
    assert all(str(order["id"]) in a.location for a in answers)


def test_what_was_not_stored_counts_when_it_is_sent_again(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    browser.get("/")
    address, form = browser.form("/add", "CROISSANT")
    with cancelled_writes(database, browser.settings):
        away = browser.client.post(address, data=form)
    assert away.status_code == 503
    assert browser.orders(tess) == []
    for _ in range(2):  # a reload of that page, pressed twice
        assert browser.client.post(address, data=form).status_code == 303
    browser.get("/review")
    assert browser.form("/basket")[1]["quantity"] == "1"


@contextmanager
def cancelled_writes(database: Database, settings: Settings) -> Iterator[None]:
    """Who stores an order waits for a lock, until the server cancels that."""
    over = Event()

    def cancel() -> None:
        with psycopg.connect(settings.database, autocommit=True) as conn:
            while not over.is_set():
                conn.execute(
                    "SELECT pg_cancel_backend(pid) FROM pg_locks"
                    " WHERE relation = 'sales_order'::regclass AND NOT granted"
                )
                over.wait(0.02)

    thread = Thread(target=cancel)
    with database.connection.transaction():
        database.connection.execute("LOCK TABLE sales_order IN SHARE MODE")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(10)


def test_a_second_press_leads_to_the_order_that_the_first_placed(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    """It found the draft, and the order when it stored it."""
    fill(browser)
    browser.get("/review")
    address, form = browser.form("/review")
    answers: list[TestResponse] = []
    press = Thread(
        target=lambda: answers.append(browser.client.post(address, data={**form, "do": "place"}))
    )
    with database.connection.transaction():
        # What the first press does: the row is locked until it is committed.
        database.connection.execute(
            "UPDATE sales_order SET state = 'placed', placed_at = now(), due_at = now(),"
            " accept_by = now(), method = 'pick_up', billing = 'on_delivery', location_id ="
            " (SELECT id FROM location WHERE code = 'PANTRY-LOOP') WHERE id = %s",
            [form["order"]],
        )
        press.start()
        eventually(lambda: waits(database), what="the second press waits for the first")
    press.join(10)
    assert answers[0].location == f"/order/pantry/orders/{form['order']}"
    assert [one["state"] for one in browser.orders(tess)] == ["placed"]


def test_a_second_press_waits_for_what_the_first_stores(
    browser: OrderBrowser, database: Database, live: redis.Redis
) -> None:
    """Else its page would say that there is nothing yet, and the client would order again."""
    browser.get("/")
    address, form = browser.form("/add", "CROISSANT")
    pages: list[str] = []

    def press() -> None:
        answer = browser.client.post(address, data=form, follow_redirects=True)
        pages.append(answer.text)

    first, second = Thread(target=press), Thread(target=press)
    with database.connection.transaction():
        database.connection.execute("LOCK TABLE sales_order IN SHARE MODE")
        first.start()
        eventually(lambda: waits(database), what="the first press waits for the table")
        second.start()
        eventually(lambda: blocked(live), what="the second press waits for the first")
    for thread in (first, second):
        thread.join(10)
    assert ["Butter croissant" in page.partition('id="basket"')[2] for page in pages] == [True] * 2
    browser.get("/review")
    assert browser.form("/basket")[1]["quantity"] == "1"


def blocked(live: redis.Redis) -> bool:
    """Somebody waits for an entry in this test's Redis database."""
    return any(one["cmd"] == "blpop" and one["db"] == "9" for one in live.client_list())


def waits(database: Database) -> bool:
    """Somebody waits for what this connection has locked."""
    query = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY"
    return bool(database.value(f"{query} (pg_blocking_pids(pid)))"))


def test_two_tabs_one_changes_what_the_other_places(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    address, form = browser.form("/review")
    fill(browser, "BRIE")
    answer = browser.client.post(address, data={**form, "do": "place"}, follow_redirects=True)
    assert "Look once more" in answer.text
    (order,) = browser.orders(tess)
    assert order["state"] == "draft"


def test_a_price_that_changes_at_the_last_moment_is_asked_again(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    with database.changed("product", {"code": "CROISSANT"}, price_cents=500):
        browser.send("/review", do="place")
        assert browser.url == "/order/pantry/review"
        assert "$5.54" in browser.text
        browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    assert (order["state"], order["total_cents"]) == ("placed", 554)


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


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1e9"},
        {"quantity": "9999999999999999999999"},
        {"quantity": "21"},
        {"quantity": "٣"},
        {"product": "PUMPKIN-LOAF"},
        {"product": "' OR 1=1 --"},
        {"product": "NOTHING"},
        {"option-0": "OAT"},
    ],
)
def test_what_is_not_sold_so_is_refused_and_nothing_is_stored(
    browser: OrderBrowser, tess: int, fields: dict[str, str]
) -> None:
    browser.get("/")
    answer = browser.send("/add", "LATTE", **fields)
    assert answer.status_code == 200
    assert browser.notices
    assert browser.orders(tess) == []


def test_what_was_typed_at_the_read_back_stays_right_or_wrong(browser: OrderBrowser) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", do="update")
    browser.send("/review", street="7 Elm", postcode="00000", city="", note="Two bells", do="place")
    form = browser.form("/review")[1]
    assert (form["street"], form["postcode"], form["note"]) == ("7 Elm", "00000", "Two bells")
    assert "There is no such ZIP code" in browser.text
    assert "Type the city too" in browser.text
    browser.send("/review", when="later", do="update")
    browser.send("/review", at="2020-01-01T10:00", do="place")
    assert "That time is over" in browser.text
    assert browser.form("/review")[1]["at"] == "2020-01-01T10:00"


def test_what_no_line_of_text_has_is_taken_out(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", do="update")
    address = {"street": "9 Ash\0\x01\r\nStreet", "postcode": "60601\x1b", "city": "Chi\x7fcago"}
    browser.send("/review", **address, note="<b>\x02 & 'quotes'", do="update")
    browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    assert (order["street"], order["postcode"], order["city"]) == (
        "9 Ash Street",
        "60601",
        "Chi cago",
    )
    assert "&lt;b&gt; &amp; &#39;quotes&#39;" in browser.page
    assert "<b>" not in browser.page


def test_an_order_for_later_is_for_then(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    wanted = datetime.now(CHICAGO) + timedelta(days=1)
    at = wanted.replace(hour=12, minute=0, second=0, microsecond=0)
    browser.get("/review")
    browser.send("/review", when="later", do="update")
    browser.send("/review", at=at.strftime("%Y-%m-%dT%H:%M"), do="update")
    browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    assert (order["state"], order["due_at"]) == ("placed", at)


def test_delivery_goes_to_where_it_is_typed(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", do="update")
    address = {"street": "9 Ash Street", "postcode": "60601", "city": "Chicago"}
    browser.send("/review", **address, do="update")
    browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    assert {name: order[name] for name in address} == address


def test_the_client_chooses_where_and_is_told_why_not(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", location="PANTRY-LAKE", do="update")
    assert browser.form("/review")[1]["location"] == "PANTRY-LAKE"
    with database.changed("location", {"code": "PANTRY-LAKE"}, active=False):
        browser.get("/review")
        assert "takes no orders now" in browser.text
        assert browser.form("/review")[1]["location"] != "PANTRY-LAKE"


def test_a_location_that_closes_meanwhile_takes_nothing(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    shown = browser.form("/review")[1]["location"]
    with database.changed("location", {"code": shown}, paused_at=datetime.now(CHICAGO)):
        browser.send("/review", do="place")
        assert "Look once more: this is not what was shown before." in browser.notices
        assert browser.form("/review")[1]["location"] != shown
    assert [one["state"] for one in browser.orders(tess)] == ["draft"]


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


def test_an_address_that_is_none_stays_as_it_was_typed(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", do="update")
    browser.send("/review", street="9 Ash Street", postcode="00000", do="place")
    typed = browser.form("/review")[1]
    assert (typed["street"], typed["postcode"]) == ("9 Ash Street", "00000")
    assert [one["street"] for one in browser.orders(tess)] == [None]


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


def test_an_order_of_somebody_else_is_not_there(
    browser: OrderBrowser, new_browser: NewBrowser, tess: int
) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", do="place")
    (order,) = browser.orders(tess)
    rosa = new_browser().link(ROSA)
    for path in ("", "/now"):
        assert rosa.get(f"/orders/{order['id']}{path}").status_code == 404
    token = {"token": rosa.get("/settings") and rosa.form("/dial")[1]["token"]}
    url = f"/order/pantry/orders/{order['id']}"
    assert rosa.client.post(f"{url}/cancel", data=token).status_code == 404
    assert rosa.client.post(f"{url}/again", data=token).status_code == 404
    assert browser.orders(tess)[0]["state"] == "placed"


def test_something_withdrawn_since_is_left_out_and_named(
    browser: OrderBrowser, database: Database
) -> None:
    fill(browser, "BRIE")
    fill(browser)
    with database.changed("product", {"code": "BRIE"}, active=False):
        browser.get("/review")
        assert "Ripe brie is not sold any more." in browser.text
        assert "Butter croissant" in browser.text


def test_begin_anew_gives_the_draft_up(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.send("/drop")
    assert "Nothing yet" in browser.text
    assert [one["state"] for one in browser.orders(tess)] == ["abandoned"]


def test_an_appointment_needs_a_time(browser: OrderBrowser, tess: int) -> None:
    fill(browser, "KNIVES")
    browser.get("/review")
    browser.send("/review", do="place")
    assert "Choose a day and a time" in browser.text
    assert [one["state"] for one in browser.orders(tess)] == ["draft"]
