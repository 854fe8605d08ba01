"""From the basket to a placed order; what is wanted, how, where and when; what is typed stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.demo.crowd import ROSA
from support.database import Database
from support.order_browser import OrderBrowser, fill

NewBrowser = Callable[[], OrderBrowser]
CHICAGO = ZoneInfo("America/Chicago")


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


def test_an_address_that_is_none_stays_as_it_was_typed(browser: OrderBrowser, tess: int) -> None:
    fill(browser)
    browser.get("/review")
    browser.send("/review", method="delivery", do="update")
    browser.send("/review", street="9 Ash Street", postcode="00000", do="place")
    typed = browser.form("/review")[1]
    assert (typed["street"], typed["postcode"]) == ("9 Ash Street", "00000")
    assert [one["street"] for one in browser.orders(tess)] == [None]


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


def test_an_appointment_needs_a_time(browser: OrderBrowser, tess: int) -> None:
    fill(browser, "KNIVES")
    browser.get("/review")
    browser.send("/review", do="place")
    assert "Choose a day and a time" in browser.text
    assert [one["state"] for one in browser.orders(tess)] == ["draft"]
