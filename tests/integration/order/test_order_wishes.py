"""Speed dials, the usual location, automation or not: kept for calls and pages alike."""

from __future__ import annotations

import re

import pytest

from support.database import Database
from support.order_browser import OrderBrowser


def dials(database: Database, customer: int) -> dict[int, str]:
    rows = database.rows("SELECT * FROM speed_dial WHERE customer_id = %s", customer)
    return {row["digits"]: row["name"] for row in rows}


@pytest.fixture
def with_order(browser: OrderBrowser) -> OrderBrowser:
    browser.send("/add", "CROISSANT", quantity="4")
    browser.get("/settings")
    return browser


def test_digits_are_assigned_renamed_ordered_by_and_freed(
    with_order: OrderBrowser, database: Database, tess: int
) -> None:
    browser = with_order
    browser.send("/dial", digits="7", name="Breakfast", do="assign")
    assert dials(database, tess) == {7: "Breakfast"}
    browser.send("/dial", name="Late breakfast", do="rename")
    assert dials(database, tess) == {7: "Late breakfast"}
    browser.get("/")
    browser.send("/drop")
    browser.send("/usual")
    assert browser.url == "/order/pantry/review"
    assert "4 × Butter croissant" in browser.text
    browser.get("/settings")
    browser.send("/dial", do="remove")
    assert dials(database, tess) == {}


@pytest.mark.parametrize("digits", ["0", "100", "", "x", "-1", "1.5", "٣", "9" * 100])
def test_other_digits_are_refused_and_the_name_stays(
    with_order: OrderBrowser, database: Database, tess: int, digits: str
) -> None:
    with_order.send("/dial", digits=digits, name="Breakfast", do="assign")
    assert "Speed dials are the digits 1 to 99." in with_order.notices
    assert with_order.form("/dial")[1]["name"] == "Breakfast"
    assert dials(database, tess) == {}


def test_digits_that_order_something_are_not_taken_by_mistake(
    with_order: OrderBrowser, database: Database, tess: int
) -> None:
    with_order.send("/dial", digits="7", name="Breakfast", do="assign")
    basket = re.findall(r'name="basket" value="([^"]+)"', with_order.page)[0]
    with_order.send("/dial", digits="7", name="Other", do="assign", basket=basket)
    assert "*7 is taken" in with_order.notices[0]
    assert dials(database, tess) == {7: "Breakfast"}


def test_calls_go_to_a_person_until_that_is_taken_back(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    query = "SELECT no_automation FROM preference WHERE customer_id = %s"
    browser.get("/settings")
    browser.send("/automation", no_automation="yes")
    assert database.value(query, tess) is True
    assert browser.form("/automation")[1]["no_automation"] == "yes"
    browser.send("/automation", no_automation="no")
    assert database.value(query, tess) is False


def test_the_usual_location_is_where_it_is_made(browser: OrderBrowser) -> None:
    browser.get("/settings")
    browser.send("/place", location="PANTRY-LAKE", method="pick_up")
    assert browser.form("/place")[1]["location"] == "PANTRY-LAKE"
    browser.get("/")
    browser.send("/add", "CROISSANT")
    browser.get("/review")
    assert browser.form("/review")[1]["location"] == "PANTRY-LAKE"


@pytest.mark.parametrize("wrong", [{"location": "NOWHERE"}, {"method": "teleport"}])
def test_a_place_that_is_none_is_refused(browser: OrderBrowser, wrong: dict[str, str]) -> None:
    browser.get("/settings")
    browser.send("/place", **wrong)
    assert browser.notices[0].startswith("Choose")
