"""The board of a location: browsers agree, nothing is missed, and anybody can use it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from browser_words import findings
from playwright.sync_api import Locator, Page, expect
from test_desk_live import children
from test_ops import fits

from conftest import Scheme, Windows, log_in
from cordboard.settings import Settings
from cordboard.sipp import eventually
from support import stack as local
from support.database import Database
from support.shop_orders import LAKE, LOOP, overdue, place, read, remove

Json = dict[str, Any]
Place = Callable[..., Json]


@pytest.fixture
def order(database: Database, stack: Settings) -> Iterator[Place]:
    """Places orders in the demo shop; they are gone afterwards."""
    placed: list[Json] = []

    def place_one(location: int = LOOP, **changes: Any) -> Json:
        placed.append(place(database.connection, stack, location, **changes))
        return placed[-1]

    yield place_one
    remove(database.connection, placed)
    database.connection.execute("UPDATE location SET paused_at = NULL")


def board(windows: Windows, username: str = "loop", **window: Any) -> Page:
    page = windows.open(**window)
    log_in(page, username)
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    return page


def ticket(page: Page, order: Json) -> Locator:
    return page.locator(f'.ticket[data-order="{order["order"]}"]')


def is_in(page: Page, order: Json, column: str) -> None:
    expect(
        page.locator(f'[data-column="{column}"] .ticket[data-order="{order["order"]}"]')
    ).to_be_visible()


def press(page: Page, order: Json, deed: str) -> None:
    ticket(page, order).locator(f'[data-do="{deed}"]').click()


@contextmanager
def cut_off(page: Page, settings: Settings) -> Iterator[None]:
    """The web's worker is killed, and while this lasts the board hears nothing."""
    page.route("**/board/*/events*", lambda route: route.abort())
    for worker in children(local.pid_of(settings, "web")):
        os.kill(worker, signal.SIGKILL)
    expect(page.locator("#link")).to_have_attribute("data-link", "lost")
    yield
    eventually(lambda: local.answers(settings, "web"), within=20, what="the web desk is back")
    page.unroute("**/board/*/events*")


def test_two_browsers_agree_from_new_to_handed_over(
    windows: Windows, order: Place, database: Database, stack: Settings
) -> None:
    one, other = board(windows), board(windows, width=1024, height=768)
    one.click("#sound")
    expect(one.locator("#sound")).to_have_attribute("aria-pressed", "true")
    rang = int(one.locator("html").get_attribute("data-rang") or 0)
    placed = order(note="No lid, please")
    for page in (one, other):
        is_in(page, placed, "placed")
        expect(ticket(page, placed)).to_contain_text("Rosa K.")
        expect(ticket(page, placed)).to_contain_text("oat milk")
        expect(ticket(page, placed)).to_have_attribute("data-fresh", "")
    expect(one).to_have_title("(1) Corner Pantry Loop · Board")
    assert int(one.locator("html").get_attribute("data-rang") or 0) > rang

    minutes = ticket(one, placed).locator("[data-minutes]")
    minutes.fill("40")
    press(one, placed, "accept")
    for page in (one, other):
        is_in(page, placed, "accepted")
        expect(page).to_have_title("Corner Pantry Loop · Board")
    expect(ticket(other, placed).locator("[data-due]")).to_contain_text(re.compile("in (39|40):"))
    press(other, placed, "ready")
    for page in (one, other):
        is_in(page, placed, "ready")
    press(one, placed, "hand-over")
    for page in (one, other):
        is_in(page, placed, "done")
    stored = read(database.connection, stack, placed)
    assert stored["state"] == "handed_over"
    assert [event["name"] for event in stored["timeline"]][-3:] == [
        "order.accepted",
        "order.ready",
        "order.handed_over",
    ]


def test_who_presses_too_late_sees_what_happened(windows: Windows, order: Place) -> None:
    one, late = board(windows), board(windows)
    placed = order()
    is_in(late, placed, "placed")
    late.route("**/board/*/events*", lambda route: route.abort())
    late.reload()
    is_in(late, placed, "placed")
    press(one, placed, "accept")
    is_in(one, placed, "accepted")
    press(late, placed, "decline")
    late.fill("#reason-why", "Too busy")
    late.click("#reason [data-do]")
    expect(late.locator("#toasts")).to_contain_text("it is accepted now")
    is_in(late, placed, "accepted")


def test_a_lost_connection_is_resumed_with_nothing_missed(
    windows: Windows, order: Place, stack: Settings
) -> None:
    page = board(windows)
    with cut_off(page, stack):
        first, second = order(), order()
        expect(page.locator("#link")).to_contain_text("Not connected")
    is_in(page, first, "placed")
    is_in(page, second, "placed")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    expect(page.locator('[data-column="placed"] > h2 [data-count]')).to_have_text("2")


def test_what_is_not_accepted_moves_to_the_next_board(
    windows: Windows, order: Place, database: Database
) -> None:
    loop, lake = board(windows), board(windows, "lake")
    placed = order()
    is_in(loop, placed, "placed")
    expect(ticket(loop, placed)).to_contain_text("Accept within")
    overdue(database.connection, placed)
    is_in(lake, placed, "placed")
    expect(ticket(loop, placed)).to_have_count(0)
    expect(loop.locator("#toasts")).to_contain_text("is with Corner Pantry Lakeside now")
    ticket(lake, placed).locator("summary").click()
    expect(ticket(lake, placed)).to_contain_text("Not accepted in time")


def test_a_declined_order_goes_on_and_a_cancelled_one_says_why(
    windows: Windows, order: Place, database: Database, stack: Settings
) -> None:
    loop, lake = board(windows), board(windows, "lake")
    placed = order()
    press(loop, placed, "decline")
    loop.fill("#reason-why", "The oven is cold")
    loop.click("#reason [data-stay]")
    press(loop, placed, "decline")
    expect(loop.locator("#reason-why")).to_have_value("The oven is cold")
    loop.click("#reason [data-do]")
    is_in(lake, placed, "placed")
    press(lake, placed, "accept")
    press(lake, placed, "cancel")
    lake.click("#reason [data-do]")
    expect(lake.locator("#reason [data-error]")).to_have_text("Say why: the client is told.")
    lake.fill("#reason-why", "Flooded")
    lake.keyboard.press("Enter")
    expect(ticket(lake, placed)).to_have_attribute("data-state", "cancelled")
    stored = read(database.connection, stack, placed)
    whys = [event["data"].get("why") for event in stored["timeline"]]
    assert [why for why in whys if why] == ["The oven is cold", "Flooded"]


def test_by_keyboard_alone(windows: Windows, order: Place) -> None:
    page = board(windows)
    placed, later = order(), order()
    is_in(page, later, "placed")
    ticket(page, placed).focus()
    page.keyboard.press("a")
    is_in(page, placed, "accepted")
    expect(ticket(page, placed)).to_contain_text("Ready")
    page.keyboard.press("r")
    is_in(page, placed, "ready")
    page.keyboard.press("h")
    is_in(page, placed, "done")
    page.keyboard.press("ArrowLeft")
    expect(ticket(page, later)).to_be_focused()
    page.keyboard.press("d")
    expect(page.locator("#reason-why")).to_be_focused()
    page.keyboard.type("ah")
    page.keyboard.press("Escape")
    expect(page.locator("#reason")).to_be_hidden()
    is_in(page, later, "placed")


def test_typed_minutes_outlive_what_happens_meanwhile(windows: Windows, order: Place) -> None:
    page = board(windows)
    placed = order()
    ticket(page, placed).locator("[data-minutes]").fill("55")
    other = order()
    is_in(page, other, "placed")
    expect(ticket(page, placed).locator("[data-minutes]")).to_have_value("55")
    expect(ticket(page, placed).locator("[data-minutes]")).to_be_focused()


def test_pause_and_what_is_out_are_seen_on_every_board(windows: Windows, order: Place) -> None:
    one, other = board(windows), board(windows)
    one.click("#pause")
    for page in (one, other):
        expect(page.locator("#paused")).to_be_visible()
    one.click("#stock")
    one.get_by_label("Latte", exact=True).check()
    expect(other.locator("#stock")).to_contain_text("1")
    one.get_by_label("Latte", exact=True).uncheck()
    expect(other.locator("#stock [data-count]")).to_be_hidden()
    one.keyboard.press("Escape")
    other.click("#pause")
    for page in (one, other):
        expect(page.locator("#paused")).to_be_hidden()


def test_slips_are_printed_without_the_page_around_them(windows: Windows, order: Place) -> None:
    page = board(windows)
    placed, other = order(note="Ring twice"), order()
    is_in(page, other, "placed")
    with page.expect_popup() as opened:
        ticket(page, placed).locator("footer a").click()
    slip = opened.value
    expect(slip.locator(".slip")).to_have_count(1)
    expect(slip.locator(".slip")).to_contain_text("Ring twice")
    assert findings(slip) == []
    slip.emulate_media(media="print")
    expect(slip.locator(".bar")).to_be_hidden()
    page.goto(f"/board/{LOOP}/print")
    expect(page.locator(".slip h2")).to_contain_text([str(placed["number"]), str(other["number"])])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(windows: Windows, order: Place, scheme: Scheme) -> None:
    page = board(windows, scheme=scheme)
    fresh, accepted, ready, done = (order(note="No lid") for _ in range(4))
    is_in(page, done, "placed")
    for one, deeds in ((accepted, 1), (ready, 2), (done, 3)):
        for deed in ("accept", "ready", "hand-over")[:deeds]:
            press(page, one, deed)
    is_in(page, done, "done")
    ticket(page, fresh).locator("summary").click()
    assert findings(page) == []
    page.click("#pause")
    expect(page.locator("#paused")).to_be_visible()
    page.click("#stock")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.click("#pause")
    press(page, fresh, "decline")
    assert findings(page) == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (768, 1024), (390, 844)])
def test_nothing_is_wider_than_the_window(
    windows: Windows, order: Place, width: int, height: int
) -> None:
    words = "Please-ring-the-bell-at-the-side-door-since-the-front-door-is-locked-after-six"
    placed = order(method="delivery", note=words)
    page = board(windows, width=width, height=height)
    is_in(page, placed, "placed")
    assert fits(page)
    page.goto(f"/board/{LOOP}/print")
    assert fits(page)


def test_supervisors_choose_a_board(windows: Windows, order: Place) -> None:
    placed = order(LAKE)
    page = windows.open()
    log_in(page, "sofia")
    page.click("text=Locations")
    assert findings(page) == []
    page.click("text=Corner Pantry Lakeside")
    is_in(page, placed, "placed")
