"""The order panel of the desk: begun, changed, read back, placed, by keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from browser_words import findings
from playwright.sync_api import Locator, Page, expect
from test_ops import fits

from conftest import Windows
from cordboard.settings import Settings
from cordboard.sipp import eventually
from db.orders import ask
from db.queries import sql
from support.database import Database
from support.order_browser import new_client
from support.people import ORDER_LINE, Person
from support.regulars import LOOP
from support.scene import Scene
from support.shop_orders import LATTE, draft, pay, place

Json = dict[str, Any]


@dataclass
class Talk:
    """Gus talks with a client of the shop."""

    gus: Scene
    database: Database
    customer: int
    call: str = ""

    def begin(self) -> None:
        query = "SELECT number FROM customer_phone WHERE customer_id = %s"
        number = self.database.value(query, self.customer)
        self.call = self.gus.ring(Person("Tess Ting", "", "", number), dnis=ORDER_LINE)
        self.gus.connect(self.call)

    def orders(self) -> list[Json]:
        query = "SELECT * FROM sales_order WHERE customer_id = %s ORDER BY created_at"
        return self.database.rows(query, self.customer)

    def becomes(self, state: str) -> Json:
        """The one order, once it is in this state."""

        def look() -> Json | None:
            orders = self.orders()
            return orders[0] if [order["state"] for order in orders] == [state] else None

        return eventually(look, within=10, what=f"one order is {state}")  # type: ignore[return-value]


@pytest.fixture
def talk(at_desk: Callable[[str], Scene], database: Database) -> Iterator[Talk]:
    made = new_client(database)
    yield Talk(at_desk("gus"), database, made)
    database.forget_customer(made)


def desk(windows: Windows, **window: Any) -> Page:
    page = windows.desk("gus", **window)
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    return page


def panel(page: Page) -> Locator:
    return page.locator("#order")


def stored(page: Page) -> None:
    expect(panel(page).locator("[data-status]")).to_have_text("Stored")


def test_an_order_is_begun_read_back_and_placed_by_keyboard(windows: Windows, talk: Talk) -> None:
    page = desk(windows)
    talk.begin()
    expect(panel(page)).to_be_visible()
    page.keyboard.press("Alt+Shift+O")
    expect(page.locator("#order-q")).to_be_focused()
    page.keyboard.type("latte")
    page.keyboard.press("Enter")
    stored(page)
    expect(page.locator("[data-readback]")).to_contain_text("location: ask")
    page.locator("[data-quantity='0']").fill("2")
    panel(page).locator("[name=method]").select_option("pick_up")
    panel(page).locator("[name=location]").select_option(LOOP)
    panel(page).locator("[name=billing]").select_option("on_delivery")
    page.get_by_label("Note for the shop").fill("No lid")
    expect(page.locator("[data-readback]")).to_contain_text("Corner Pantry Loop")
    stored(page)
    expect(page.locator("[data-readback]")).to_contain_text("2 Latte")
    assert findings(page) == []
    page.get_by_role("button", name="Place").click()
    expect(panel(page).locator("[data-state]")).to_have_text("Sent to the shop")
    order = talk.becomes("placed")
    assert (order["note"], order["source"], order["method"]) == ("No lid", "agent", "pick_up")
    page.reload()
    expect(panel(page).locator("[data-state]")).to_have_text("Sent to the shop")


def test_nothing_typed_is_lost_and_two_windows_agree(windows: Windows, talk: Talk) -> None:
    page = desk(windows, width=390, height=844, scheme="dark")
    talk.begin()
    page.locator("#order-q").fill("latte")
    page.keyboard.press("Enter")
    stored(page)
    fits(page)
    page.route("**/order", lambda route: route.abort())
    page.get_by_label("Note for the shop").fill("While the line is down")
    expect(panel(page).locator("[data-error]")).to_contain_text("not reached")
    page.unroute("**/order")
    page.reload()
    expect(page.get_by_label("Note for the shop")).to_have_value("While the line is down")
    stored(page)
    assert talk.becomes("draft")["note"] == "While the line is down"

    other = windows.desk("gus")
    expect(other.get_by_label("Note for the shop")).to_have_value("While the line is down")
    other.get_by_label("Note for the shop").fill("From the other window")
    stored(other)
    page.get_by_label("Note for the shop").fill("From the first")
    expect(panel(page).locator("[data-error]")).to_contain_text("changed this order")
    page.get_by_role("button", name="Put mine in its place").click()
    stored(page)
    assert talk.becomes("draft")["note"] == "From the first"


def test_an_address_is_kept_in_parts_and_read_back(windows: Windows, talk: Talk) -> None:
    page = desk(windows, width=390, height=844)
    talk.begin()
    page.locator("#order-q").fill("latte")
    page.keyboard.press("Enter")
    panel(page).locator("[name=method]").select_option("delivery")
    stored(page)
    read_back = page.locator("[data-readback]")
    expect(read_back).to_contain_text("delivered to 1 Reed Street, Chicago 60601")
    page.get_by_label("Street").fill("5 Elm Street")
    expect(panel(page).locator("[data-status]")).to_contain_text("needs street and city")
    assert talk.becomes("draft")["street"] is None
    page.reload()
    expect(page.get_by_label("Street")).to_have_value("5 Elm Street")
    page.get_by_label("City").fill("Chicago")
    page.get_by_label("Postcode").fill("60601")
    stored(page)
    expect(read_back).to_contain_text("delivered to 5 Elm Street, Chicago 60601")
    fits(page)

    other = windows.desk("gus")
    expect(other.get_by_label("Street")).to_have_value("5 Elm Street")
    expect(other.locator("[data-readback]")).to_contain_text("5 Elm Street")
    panel(other).locator("[name=billing]").select_option("on_delivery")
    panel(other).locator("[name=location]").select_option(LOOP)
    stored(other)
    other.get_by_role("button", name="Place").click()
    expect(panel(other).locator("[data-state]")).to_have_text("Sent to the shop")
    assert talk.becomes("placed")["street"] == "5 Elm Street"


def test_a_location_that_cannot_serve_is_refused_by_name(windows: Windows, talk: Talk) -> None:
    page = desk(windows)
    talk.begin()
    page.locator("#order-q").fill("latte")
    page.keyboard.press("Enter")
    panel(page).locator("[name=method]").select_option("pick_up")
    panel(page).locator("[name=billing]").select_option("on_delivery")
    panel(page).locator("[name=location]").select_option("PANTRY-EVAN")
    panel(page).locator("[name=due]").fill(f"{date.today() + timedelta(days=8)}T03:00")
    stored(page)
    expect(panel(page).locator("[name=location] option:checked")).to_contain_text("closed")
    page.get_by_role("button", name="Place").click()
    expect(panel(page).locator("[data-error]")).to_contain_text("closed at that time")
    expect(panel(page).locator("[data-status]")).to_have_text("Stored, not placed")
    assert talk.becomes("draft")["location_id"] is not None


def test_what_is_not_placed_as_it_was_meant_is_asked_about_and_then_placed(
    windows: Windows, talk: Talk, stack: Settings
) -> None:
    database, basket = talk.database, {"lines": [LATTE], "method": "pick_up", "location": LOOP}
    ours = {"customer": talk.customer, "basket": basket, "billing": "payment_link"}
    paid = place(database.connection, stack, **ours)
    page = desk(windows, width=390, height=844)
    talk.begin()
    held = {"source": "phone", "call": talk.call, "held_by": f"call:{talk.call}"}
    ask(
        database.connection,
        stack,
        sql.save_draft,
        draft=draft(**ours, **held, replaces=paid["order"]),
    )
    pay(database.connection, stack, paid)
    page.reload()
    error, total = panel(page).locator("[data-error]"), panel(page).locator("[data-total]")
    before = total.inner_text()
    with database.changed("product", {"code": "LATTE"}, price_cents=1_999):
        page.get_by_role("button", name="Place").dblclick()
        expect(error).to_contain_text("it costs $")
        expect(total).not_to_have_text(before)
        page.get_by_role("button", name="Place").dblclick()
        expect(error).to_contain_text(f"order {paid['number']} is paid by now")
        expect(panel(page).locator("[data-conflict]")).to_be_hidden()
        expect(panel(page).locator("[data-status]")).to_have_text("Stored, not placed")
        fits(page)
        assert [order["state"] for order in talk.orders()] == ["placed", "draft"]
        page.get_by_role("button", name="Place").click()
        expect(panel(page).locator("[data-state]")).to_have_text("Sent to the shop")
    assert [order["state"] for order in talk.orders()] == ["placed", "placed"]


def test_finish_later_and_no_automation(windows: Windows, talk: Talk) -> None:
    page = desk(windows)
    talk.begin()
    page.locator("#order-q").fill("latte")
    page.keyboard.press("Enter")
    stored(page)
    page.get_by_role("button", name="Finish later").click()
    expect(panel(page).locator("[data-status]")).to_contain_text("next call")
    assert talk.becomes("draft")["held_by"] is None
    page.get_by_label("Always straight to a person").check()
    expect(panel(page).locator("[data-origin]")).to_contain_text("set by an agent")
    query = "SELECT no_automation_origin::text FROM preference WHERE customer_id = %s"
    assert talk.database.value(query, talk.customer) == "agent"
