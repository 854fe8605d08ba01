"""A client's browser on the order pages, without pages: cookies, and the forms it last saw."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

from cordboard.orders import web_code
from cordboard.settings import Settings
from support.database import Database

SHOP = "pantry"
#: Wants pick-up, pays on the spot; the ZIP code is real.
ENROLMENT = {
    "first_name": "Nils",
    "last_name": "Berg",
    "email": "nils@example.com",
    "number": "(312) 555-0179",
    "street": "5 Heron Street",
    "city": "Chicago",
    "postcode": "60601",
    "method": "pick_up",
    "billing": "on_delivery",
}


class Forms(HTMLParser):
    """The forms of a page: action, fields with their values as the browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and given.get("name"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and (self._select not in fields or "selected" in given):
            fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = given["name"]
            fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


class OrderBrowser:
    """``get`` a page, ``send`` one of its forms; redirects are followed."""

    def __init__(self, app: Flask, settings: Settings, database: Database) -> None:
        self.client = app.test_client()
        self.settings = settings
        self.database = database
        self.page = ""
        self.url = ""

    def get(self, path: str = "/", **more: Any) -> TestResponse:
        url = path if path.startswith("/order/") else f"/order/{SHOP}{path}"
        return self._see(self.client.get(url, follow_redirects=True, **more))

    def send(self, action: str, __only: str = "", **fields: str) -> TestResponse:
        """The first form whose address ends so (and that has a field of this value), filled in."""
        address, given = self.form(action, __only)
        filled = {name: value for name, value in {**given, **fields}.items() if value is not None}
        return self._see(self.client.post(address, data=filled, follow_redirects=True))

    def form(self, action: str, value: str = "") -> tuple[str, dict[str, str]]:
        for address, fields in Forms(self.page).forms:
            if address.endswith(action) and (not value or value in fields.values()):
                return address, dict(fields)
        raise AssertionError(f"no form {action} {value} on {self.url}:\n{self.text[:2000]}")

    def _see(self, answer: TestResponse) -> TestResponse:
        self.page, self.url = answer.text, urlsplit(answer.request.url).path
        return answer

    @property
    def text(self) -> str:
        """The page without its tags, one space between words."""
        main = self.page.partition("<main")[2]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())

    @property
    def cookie(self) -> str:
        """Our cookie's value."""
        found = self.client.get_cookie(self._cookie_name, path="/order")
        assert found is not None
        return found.value

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.set_cookie(self._cookie_name, value, path="/order")

    @property
    def _cookie_name(self) -> str:
        return f"cordboard-order-{self.settings.instance}"

    @property
    def notices(self) -> list[str]:
        return [
            html.unescape(one) for one in re.findall(r'class="notice"[^>]*>([^<]*)<', self.page)
        ]

    def link(self, customer: int) -> OrderBrowser:
        """Linked by a code that was made as in a call."""
        number, code = self.web_code(customer)
        self.get("/welcome")
        self.send("/link", number=number, code=code)
        assert self.url == f"/order/{SHOP}/", self.text
        return self

    def web_code(self, customer: int) -> tuple[str, str]:
        """The number of a client, and a code that is good now."""
        number = self.database.value(
            "SELECT min(number) FROM customer_phone WHERE customer_id = %s", customer
        )
        code = web_code.new_code()
        digest = web_code.hash_code(code, self.settings)
        self.database.value("SELECT make_web_code_v1(%s, %s, %s)", customer, number, digest)
        return number, code

    def orders(self, customer: int) -> list[dict[str, Any]]:
        return self.database.rows(
            "SELECT * FROM sales_order WHERE customer_id = %s AND (placed_at IS NULL OR"
            " placed_at > now() - interval '1 hour') ORDER BY created_at",
            customer,
        )


def new_client(database: Database, postcode: str = "60601") -> int:
    """A client of the shop whom nobody else's test knows, with a number."""
    customer = database.value(
        "INSERT INTO customer (subscriber_id, code, first_name, last_name, street, city, postcode,"
        " country, email) SELECT id, %s, 'Tess', 'Ting', '1 Reed Street', 'Chicago', %s, 'US',"
        " 'tess@example.com' FROM subscriber WHERE code = %s RETURNING id",
        f"T-{uuid4().hex[:12].upper()}",
        postcode,
        SHOP,
    )
    number = f"+1773558{customer % 10_000:04}"
    database.connection.execute("INSERT INTO customer_phone VALUES (%s, %s)", (customer, number))
    return int(customer)


def fill(browser: OrderBrowser, product: str = "CROISSANT", **fields: str) -> OrderBrowser:
    """With a product in the basket."""
    browser.get("/")
    browser.send("/add", product, **fields)
    return browser
