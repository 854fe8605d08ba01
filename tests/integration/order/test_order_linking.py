"""A browser becomes a client's: by a code that was spoken in a call, or by enrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.database import Database
from support.order_browser import ENROLMENT, OrderBrowser

NewBrowser = Callable[[], OrderBrowser]


def test_a_new_browser_is_welcomed_and_shown_nothing_of_anybody(new_browser: NewBrowser) -> None:
    browser = new_browser()
    answer = browser.get("/")
    assert browser.url == "/order/pantry/welcome"
    assert "HttpOnly" in answer.headers.get("Set-Cookie", "")
    for path in ("/review", "/orders", "/settings"):
        browser.get(path)
        assert browser.url == "/order/pantry/welcome"
    assert browser.client.get("/order/pantry/events").status_code == 303


def test_a_code_links_once_and_gives_the_browser_a_new_id(
    new_browser: NewBrowser, database: Database, tess: int
) -> None:
    browser = new_browser()
    browser.get("/welcome")
    before = browser.cookie
    number, code = browser.web_code(tess)
    browser.send("/link", number=number, code=f"{code[:3]} {code[3:]}")
    assert browser.url == "/order/pantry/"
    assert "Hello Tess" in browser.text
    after = browser.cookie
    assert before != after
    assert database.value("SELECT proved FROM web_client WHERE customer_id = %s", tess)
    other = new_browser()
    other.get("/welcome")
    assert other.send("/link", number=number, code=code).status_code == 422
    assert "There is no code for this number now" in other.text


def test_five_wrong_codes_end_it(new_browser: NewBrowser, database: Database, tess: int) -> None:
    before = database.value("SELECT count(*) FROM visitor_session")
    browser = new_browser()
    number, code = browser.web_code(tess)
    wrong = "000000" if code != "000000" else "111111"
    browser.get("/welcome")
    for _ in range(4):
        browser.send("/link", number=number, code=wrong)
        assert "That is not the code" in browser.text
    browser.send("/link", number=number, code=wrong)
    assert "Too many wrong codes" in browser.text
    browser.send("/link", number=number, code=code)
    assert "Too many wrong codes" in browser.text
    assert browser.url.endswith("/link")
    assert database.value("SELECT count(*) FROM visitor_session") == before, "nothing stays of it"


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        ("", "123456", "Type the number"),
        ("call me", "123456", "Type the number"),
        ("+13125550179", "", "six digits"),
        ("+13125550179", "12345x", "six digits"),
        ("+13125550179", "١٢٣٤٥٦", "six digits"),
        ("+13125550179", "9" * 500, "six digits"),
        ("+13125559999", "123456", "There is no code"),
    ],
)
def test_what_is_no_code_is_said_to_be_none(
    new_browser: NewBrowser, number: str, code: str, told: str
) -> None:
    browser = new_browser()
    browser.get("/welcome")
    assert browser.send("/link", number=number, code=code).status_code == 422
    assert told in browser.text
    assert browser.form("/link")[1]["number"] == number


def test_tries_from_one_address_are_limited(new_browser: NewBrowser) -> None:
    browser = new_browser()
    browser.get("/welcome")
    form = browser.form("/link")
    seen = {
        browser.client.post(
            form[0], data={**form[1], "number": f"+1312555{n:04}", "code": "1" * 6}
        ).status_code
        for n in range(21)
    }
    assert seen == {422, 429}


def test_a_new_client_enrols_once_and_may_pick_up(
    new_browser: NewBrowser, database: Database
) -> None:
    browser = new_browser()
    browser.get("/welcome")
    address, form = browser.form("/enrol")
    for _ in range(2):
        answer = browser.client.post(address, data={**form, **ENROLMENT})
        assert answer.status_code == 303
    rows = database.rows("SELECT * FROM customer WHERE email = %s", ENROLMENT["email"])
    assert [(r["first_name"], r["postcode"], r["region"]) for r in rows] == [
        ("Nils", "60601", "IL")
    ]
    browser.get("/")
    assert "Your number is not proved yet" in browser.text
    browser.send("/add", "CROISSANT", product="CROISSANT")
    browser.get("/review")
    assert 'value="delivery"' not in browser.page
    assert 'value="payment_link"' not in browser.page
    browser.send("/review", method="delivery", billing="payment_link", do="place")  # forged
    (order,) = browser.orders(rows[0]["id"])
    assert (order["state"], order["method"], order["billing"]) == (
        "placed",
        "pick_up",
        "on_delivery",
    )


def test_a_typed_number_orders_one_thing_after_the_other(
    new_browser: NewBrowser, database: Database
) -> None:
    browser = new_browser()
    browser.get("/welcome")
    browser.send("/enrol", **{**ENROLMENT, "email": "one@example.com", "number": "7735590002"})
    customer = database.value("SELECT id FROM customer WHERE email = 'one@example.com'")
    for told in ("Sent to the shop", "You have an order that is not fetched yet; call from"):
        browser.get("/")
        browser.send("/add", "CROISSANT")
        browser.get("/review")
        browser.send("/review", do="place")
        assert told in browser.text
    assert [order["state"] for order in browser.orders(customer)] == ["placed", "draft"]


def test_one_address_does_not_fill_a_shop(new_browser: NewBrowser, database: Database) -> None:
    """Many browsers, each with a number that was only typed."""
    for n in range(7):
        browser = new_browser()
        browser.get("/welcome")
        number = f"77355910{n:02}"
        browser.send("/enrol", **{**ENROLMENT, "email": "many@example.com", "number": number})
        browser.send("/add", "CROISSANT")
        browser.get("/review")
        browser.send("/review", do="place")
    assert "Many orders came from your network lately" in browser.text
    placed = database.value(
        "SELECT count(*) FROM sales_order o JOIN customer k ON k.id = o.customer_id"
        " WHERE k.email = 'many@example.com' AND o.state = 'placed'"
    )
    assert placed == 6


def test_what_is_refused_is_no_order_from_that_address(
    new_browser: NewBrowser, database: Database
) -> None:
    """Nobody else behind it is locked out by presses that placed nothing."""
    first = new_browser()
    first.get("/welcome")
    told = {**ENROLMENT, "email": "refused@example.com"}
    first.send("/enrol", **{**told, "number": "7735592000"})
    for _ in range(8):
        first.get("/")
        first.send("/add", "CROISSANT")
        first.get("/review")
        first.send("/review", do="place")
    assert "You have an order that is not fetched yet" in first.text
    other = new_browser()
    other.get("/welcome")
    other.send("/enrol", **{**told, "number": "7735592001"})
    other.send("/add", "CROISSANT")
    other.get("/review")
    other.send("/review", do="place")
    assert "Sent to the shop" in other.text


def test_a_typed_number_shows_nothing_of_what_was_ordered_by_telephone(
    new_browser: NewBrowser, database: Database
) -> None:
    """The owner of the number may be taken for the client whom a stranger enrolled with it."""
    browser = new_browser()
    browser.get("/welcome")
    browser.send("/enrol", **{**ENROLMENT, "email": "other@example.com", "number": "7735590001"})
    assert browser.url == "/order/pantry/"
    browser.send("/add", "CROISSANT")
    database.value(
        "UPDATE sales_order o SET source = 'phone' FROM customer k WHERE k.id = o.customer_id"
        " AND k.email = 'other@example.com' RETURNING o.id"
    )
    for path in ("/", "/orders", "/review"):
        browser.get(path)
        assert browser.url == "/order/pantry/welcome"
    customer = database.value("SELECT id FROM customer WHERE email = 'other@example.com'")
    database.value("SELECT prove_number_v1(%s, '+17735590001')", customer)  # called from it
    browser.link(customer)
    browser.get("/review")
    assert "Butter croissant" in browser.text


def test_who_is_locked_out_may_enrol_again_once(
    new_browser: NewBrowser, database: Database
) -> None:
    """Its first client ordered by telephone meanwhile, so that only a code shows anything."""
    browser = new_browser()
    browser.get("/welcome")
    browser.send("/enrol", **{**ENROLMENT, "email": "first@example.com", "number": "7735590021"})
    browser.send("/add", "CROISSANT")
    database.value(
        "UPDATE sales_order o SET source = 'phone' FROM customer k WHERE k.id = o.customer_id"
        " AND k.email = 'first@example.com' RETURNING o.id"
    )
    before = browser.cookie
    browser.get("/")
    assert browser.url == "/order/pantry/welcome"
    again = {**ENROLMENT, "first_name": "Olga", "email": "again@example.com"}
    browser.send("/enrol", **{**again, "number": "7735590022"})
    assert browser.url == "/order/pantry/"
    assert "Hello Olga" in browser.text
    assert browser.cookie != before, "whoever knew the old id has nothing of the new client"
    assert database.value("SELECT count(*) FROM customer WHERE email = %s", again["email"]) == 1


def test_a_linked_browser_that_enrols_somebody_is_theirs(
    browser: OrderBrowser, database: Database, tess: int
) -> None:
    browser.get("/welcome")
    address, form = browser.form("/enrol")
    olga = {**ENROLMENT, "first_name": "Olga", "email": "olga@example.com", "number": "7735590023"}
    cookie = browser.cookie
    for _ in range(2):
        browser.cookie = cookie  # a double click sends both before the first is answered
        assert browser.client.post(address, data={**form, **olga}).status_code == 303
    browser.get("/")
    assert "Hello Olga" in browser.text
    assert database.value("SELECT count(*) FROM customer WHERE email = 'olga@example.com'") == 1
    assert database.value("SELECT count(*) FROM web_client WHERE customer_id = %s", tess) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "<script>alert(1)</script>"),
        ("last_name", "x" * 41),
        ("email", "nils"),
        ("email", "nils@example.com\r\nBcc: all@example.com"),
        ("number", "123"),
        ("number", "+1312555017911111111"),
        ("street", ""),
        ("street", "y" * 121),
        ("city", ""),
        ("postcode", "00000"),
        ("postcode", "6060"),
        ("method", "appointment"),
        ("billing", "on_account"),
    ],
)
def test_what_cannot_be_enrolled_comes_back_as_it_was_typed(
    new_browser: NewBrowser, database: Database, field: str, value: str
) -> None:
    before = database.value("SELECT count(*) FROM customer")
    browser = new_browser()
    browser.get("/welcome")
    answer = browser.send("/enrol", **{**ENROLMENT, field: value})
    assert answer.status_code == 422
    again = browser.form("/enrol")[1]
    expected = {**ENROLMENT, field: value}
    for name in ("email", "street", "last_name"):
        assert again[name] == " ".join(expected[name].split())
    assert "<script>" not in browser.page
    assert database.value("SELECT count(*) FROM customer") == before


def test_a_form_of_another_site_is_refused(new_browser: NewBrowser, tess: int) -> None:
    browser = new_browser().link(tess)
    address, form = browser.form("/add")
    for token in ("", "0" * 64, "ü"):
        assert browser.client.post(address, data={**form, "token": token}).status_code == 400
    stranger = new_browser()
    assert stranger.client.post(address, data=form).status_code == 401
    assert browser.orders(tess) == []


def test_a_changed_cookie_is_nobodys(new_browser: NewBrowser, tess: int) -> None:
    browser = new_browser().link(tess)
    cookie = browser.cookie
    browser.cookie = cookie[:-2] + ("xx" if cookie[-2:] != "xx" else "yy")
    browser.get("/")
    assert browser.url == "/order/pantry/welcome"


def test_an_unlinked_browser_shows_nothing_more(new_browser: NewBrowser, tess: int) -> None:
    browser = new_browser().link(tess)
    browser.get("/settings")
    browser.send("/unlink")
    assert browser.url == "/order/pantry/welcome"
    browser.get("/orders")
    assert browser.url == "/order/pantry/welcome"


def test_what_is_no_page_of_the_shop(new_browser: NewBrowser) -> None:
    for path in ("/orders/not-there", "/nothing", "/orders/1/2/3"):
        answer = new_browser().get(path)
        assert answer.status_code == 404
        assert "There is no such page." in answer.text
        assert "desk" not in answer.text.lower(), "a client is not led to the staff's pages"


@pytest.mark.parametrize("sid", ["nobody", "halyard", "-", "%00", "x" * 80, "PANTRY"])
def test_other_shops_have_no_such_pages(new_browser: NewBrowser, sid: str) -> None:
    answer = new_browser().client.get(f"/order/{sid}/welcome")
    assert answer.status_code == 404
    assert "order" in answer.text.lower()
