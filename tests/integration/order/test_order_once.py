"""An order is placed once: pressed twice, sent again, in two tabs, at another price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg
import redis
from werkzeug.test import TestResponse

from cordboard.settings import Settings
from cordboard.sipp import eventually
from support.database import Database
from support.order_browser import OrderBrowser, fill

NewBrowser = Callable[[], OrderBrowser]


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
