"""Words in which the browser tests speak of the clients' order pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest
import redis
from playwright.sync_api import Page, expect

from cordboard.orders.web_code import hash_code, new_code
from cordboard.settings import Settings
from support.database import Database
from support.order_browser import new_client

HOME = "/order/pantry/"


@dataclass
class Client:
    """A client of the shop, new in each test."""

    id: int
    number: str
    settings: Settings
    database: Database

    def code(self) -> str:
        """As it is spoken in a call after 8."""
        code = new_code()
        digest = hash_code(code, self.settings)
        self.database.value("SELECT make_web_code_v1(%s, %s, %s)", self.id, self.number, digest)
        return code

    def link(self, page: Page) -> Page:
        """The client's browser, by its page."""
        page.goto(HOME)
        page.fill("#link-number", self.number)
        page.fill("#code", self.code())
        page.get_by_role("button", name="Link this browser").click()
        expect(page.locator("h1")).to_have_text("Hello Tess")
        return page

    def orders(self) -> list[dict[str, Any]]:
        return self.database.rows(
            "SELECT * FROM sales_order WHERE customer_id = %s ORDER BY created_at", self.id
        )

    def began_by_telephone(self) -> str:
        """A call broke off after its first item; answers the order's id."""
        call, order = uuid4(), str(uuid4())
        self.database.value(
            "INSERT INTO call (id, subscriber_id, direction, dnis, state, ended) SELECT %s, id,"
            " 'inbound', '+12025550113', 'ended', now() FROM subscriber WHERE code = 'pantry'"
            " RETURNING id",
            call,
        )
        draft: dict[str, Any] = {
            "order": order,
            "subscriber": "pantry",
            "customer": self.id,
            "source": "phone",
            "call": str(call),
            "held_by": f"call:{call}",
            "basket": {"lines": [{"product": "RYE", "options": ["UNCUT"], "quantity": 1}]},
            "suggested": [],
        }
        self.database.value("SELECT save_draft_v1(%s::jsonb)", orjson.dumps(draft).decode())
        return order

    def advance(self, order: str, state: str) -> None:
        """The location does so."""
        version = self.database.value("SELECT version FROM sales_order WHERE id = %s", order)
        query = "SELECT advance_order_v1(%s, %s::order_state, 'system', %s)"
        self.database.value(query, order, state, version)


def add(page: Page, product: str) -> None:
    """One of a product, from the list."""
    item = page.locator(".product", has=page.get_by_role("heading", name=product, exact=True))
    item.get_by_role("button").click()
    expect(page.locator("#basket .line-name", has_text=product)).to_be_visible()


def place(page: Page) -> str:
    """From the read-back to the order's page; the order's id."""
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("#now")).to_be_visible()
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    return str(page.locator("#now").get_attribute("data-order"))


@pytest.fixture
def tess(
    what_runs: None, stack: Settings, live: redis.Redis, database: Database
) -> Iterator[Client]:
    """A client with a number; no limit stands from another test. Nothing of her stays."""
    for key in live.scan_iter("cb:limit*"):
        live.delete(key)
    customer = new_client(database)
    number = database.value("SELECT number FROM customer_phone WHERE customer_id = %s", customer)
    yield Client(customer, number, stack, database)
    database.forget_customer(customer)
