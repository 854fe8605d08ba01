"""Paying by a link: to the provider and back, told twice, told lies."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from cordboard.orders.payment import (
    SIGNATURE_HEADER,
    checked,
    notification,
    pay_token,
    signed,
    stand_in_key,
)
from cordboard.settings import Settings
from support.database import Database
from support.order_browser import OrderBrowser

NOTIFY = "/order/pay-notify/test"


@pytest.fixture
def key(web_settings: Settings) -> bytes:
    return stand_in_key(web_settings.secret_key.get_secret_value())


@pytest.fixture
def asked(browser: OrderBrowser, database: Database, tess: int, key: bytes) -> dict[str, str]:
    """What the provider is asked for an order that is paid by a link."""
    browser.send("/add", "CROISSANT")
    browser.get("/review")
    browser.send("/review", billing="payment_link", do="place")
    (order,) = browser.orders(tess)
    assert order["billing"] == "payment_link"
    answer = browser.client.get(pay_address(browser, str(order["id"])))
    assert answer.status_code == 303
    return checked(dict(parse_qsl(urlsplit(answer.location).query)), key, int(time.time()))


def pay_address(browser: OrderBrowser, order: str) -> str:
    token = pay_token(order, browser.settings.secret_key.get_secret_value())
    return f"/order/pantry/pay/{token}"


def tell(browser: OrderBrowser, key: bytes, asked: dict[str, str], **more: str) -> int:
    told = {"id": asked["id"], "state": "paid", "amount_cents": asked["amount_cents"]} | more
    body, header = notification(key, told, int(time.time()))
    answer = browser.client.post(NOTIFY, data=body, headers={SIGNATURE_HEADER: header})
    return answer.status_code


def state(database: Database, asked: dict[str, str]) -> str:
    return str(database.value("SELECT state FROM payment_link WHERE id = %s", asked["id"]))


def test_told_by_the_server_twice_it_is_paid_once(
    browser: OrderBrowser, database: Database, tess: int, asked: dict[str, str], key: bytes
) -> None:
    assert asked["amount_cents"] == "415"
    assert tell(browser, key, asked, state="declined") == 204
    assert state(database, asked) == "declined"
    assert {tell(browser, key, asked) for _ in range(3)} == {204}
    assert tell(browser, key, asked, state="declined") == 204
    assert state(database, asked) == "paid"
    (order,) = browser.orders(tess)
    names = database.rows("SELECT name FROM order_event WHERE order_id = %s", order["id"])
    assert [row["name"] for row in names].count("order.paid") == 1
    browser.get(f"/orders/{order['id']}")
    assert "It is paid" in browser.text
    assert "/pay/" not in browser.page


def test_the_browser_brings_it_too(
    browser: OrderBrowser, database: Database, asked: dict[str, str], key: bytes
) -> None:
    told = {"id": asked["id"], "state": "paid", "amount_cents": asked["amount_cents"]}
    path = urlsplit(asked["back"]).path
    for changed in ({}, {"amount_cents": "1"}):
        forged = {**signed(told, b"another key", int(time.time())), **changed}
        assert browser.client.get(path, query_string=forged).status_code == 400
    assert state(database, asked) == "open"
    back = signed(told, key, int(time.time()))
    answer = browser.client.get(path, query_string=back, follow_redirects=True)
    assert "Thank you: it is paid." in answer.text
    assert state(database, asked) == "paid"


@pytest.mark.parametrize(
    "lie",
    [{"amount_cents": "1"}, {"id": "0b5e2f0a-53d9-4a8e-8f3b-111111111111"}, {"state": "void"}],
)
def test_a_provider_that_errs_is_told_so(
    browser: OrderBrowser,
    database: Database,
    asked: dict[str, str],
    key: bytes,
    lie: dict[str, str],
) -> None:
    assert tell(browser, key, asked, **lie) == 400
    assert tell(browser, b"another key", asked) == 400
    assert state(database, asked) == "open"


def test_a_cancelled_order_is_not_to_be_paid(
    browser: OrderBrowser, database: Database, tess: int, asked: dict[str, str]
) -> None:
    (order,) = browser.orders(tess)
    browser.get(f"/orders/{order['id']}")
    browser.send("/cancel")
    assert state(database, asked) == "void"
    answer = browser.client.get(pay_address(browser, str(order["id"])))
    assert "There is nothing to pay" in answer.text


def test_a_paid_order_is_cancelled_but_not_changed(
    browser: OrderBrowser, database: Database, tess: int, asked: dict[str, str], key: bytes
) -> None:
    (order,) = browser.orders(tess)
    browser.get(f"/orders/{order['id']}")
    change = browser.form("/again")
    tell(browser, key, asked)
    browser.client.post(change[0], data={**change[1], "do": "change"})
    browser.get(f"/orders/{order['id']}")
    assert "Your order is paid, so it cannot be changed: cancel it, and order anew." in browser.text
    assert "Change it" not in browser.text
    assert len(browser.orders(tess)) == 1
    browser.send("/cancel")
    assert "One of our people pays back what you paid." in browser.text
    assert "one of our people pays $4.15 back to you." in browser.text
    for done in ("claim_owed_v1", "pay_back_v1"):
        database.value(f"SELECT {done}(%s, 7)", order["id"])
    browser.get(f"/orders/{order['id']}")
    assert "We have paid $4.15 back to you." in browser.text


def test_a_change_of_what_is_paid_meanwhile_is_asked_about(
    browser: OrderBrowser, tess: int, asked: dict[str, str], key: bytes
) -> None:
    (order,) = browser.orders(tess)
    browser.get(f"/orders/{order['id']}")
    browser.send("/again", do="change")
    tell(browser, key, asked)
    browser.send("/review", do="place")
    assert "The order that you wanted to change is paid by now, and stays as it is." in browser.text
    browser.send("/review", do="place")
    assert [one["state"] for one in browser.orders(tess)] == ["placed", "placed"]


def test_what_costs_nothing_has_no_link(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    with database.changed("product", {"code": "CROISSANT"}, price_cents=0):
        browser.send("/add", "CROISSANT")
        browser.get("/review")
        browser.send("/review", billing="payment_link", do="place")
    (order,) = browser.orders(tess)
    assert "/pay/" not in browser.page
    answer = browser.client.get(pay_address(browser, str(order["id"])))
    assert "There is nothing to pay" in answer.text
    assert database.value("SELECT count(*) FROM payment_link WHERE order_id = %s", order["id"]) == 0


@pytest.mark.parametrize("token", ["x", "0" * 32 + "-" + "0" * 32, "%00", "a" * 500])
def test_a_damaged_address_leads_nowhere(browser: OrderBrowser, token: str) -> None:
    assert browser.client.get(f"/order/pantry/pay/{token}").status_code == 404
    assert browser.client.post("/order/pay-notify/nobody", data=b"{}").status_code == 404
