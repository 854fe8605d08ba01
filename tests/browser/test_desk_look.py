"""Everybody can use it: by keyboard, on any width, by day and by night, with a screen reader."""

from __future__ import annotations

import pytest
from browser_words import card, findings, is_lit, stored
from playwright.sync_api import Page, expect

from conftest import Scheme, Windows, log_in
from support.database import Database
from support.people import ACCOUNT_LINE, LENA, MARCUS
from support.scene import Scene


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_desk(
    windows: Windows, ava: Scene, scheme: Scheme
) -> None:
    page = windows.open(scheme=scheme)
    page.goto("/login")
    assert findings(page) == []
    log_in(page, "ava")
    expect(page.locator("#between")).to_be_visible()
    assert findings(page) == []
    page.click("[data-action=pause]")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    expect(page.locator("#history h3")).to_have_count(2)
    assert findings(page) == []
    ava.connect(call)
    is_lit(page, "sales")
    assert findings(page) == []
    with page.expect_popup() as opened:
        page.click("a.offer-icon[data-kind=service]")
    opened.value.wait_for_load_state()
    assert findings(opened.value) == []
    page.click("form.codes[data-kind=sales] button >> nth=0")
    ava.hang_up(call)
    page.click("[data-action=finish]")
    expect(page.locator("#wrapup [data-error]")).to_be_visible()
    assert findings(page) == []
    ava.end_wrap_up(call)
    ava.ring(LENA)
    expect(page.locator("#outage")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("username", "path"), [("sofia", "/floor"), ("olga", "/ops")])
def test_axe_finds_nothing_serious_elsewhere(
    windows: Windows, ava: Scene, scheme: Scheme, username: str, path: str
) -> None:
    page = windows.open(scheme=scheme)
    log_in(page, username)
    expect(page).to_have_url(f"{windows.settings.web}{path}")
    assert findings(page) == []


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_wider_than_the_window(windows: Windows, ava: Scene, width: int) -> None:
    page = windows.desk(width=width, height=844)

    def fits() -> bool:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return bool(page.evaluate(wide) <= 0)

    assert fits()
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.connect(call)
    is_lit(page, "sales")
    expect(page.locator("#history h3")).to_have_count(2)
    assert fits()
    with page.expect_popup() as opened:
        page.click("a.offer-icon[data-kind=sales]")
    opened.value.set_viewport_size({"width": width, "height": 844})
    page = opened.value
    page.wait_for_load_state()
    assert fits()


def test_a_whole_call_by_keyboard_alone(windows: Windows, ava: Scene, database: Database) -> None:
    page = windows.open()
    page.goto("/login")
    expect(page.locator("input[name=username]")).to_be_focused()
    page.keyboard.type("ava")
    page.keyboard.press("Tab")
    page.keyboard.type("cordboard-demo")
    page.keyboard.press("Enter")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")

    page.keyboard.press("Alt+Shift+P")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#presence [data-reason]")).to_have_text("Lunch")
    page.keyboard.press("Alt+Shift+P")
    page.keyboard.press("Escape")
    expect(page.locator("#pause-menu")).to_be_hidden()
    expect(page.locator("[data-action=pause]")).to_be_focused()
    page.keyboard.press("Alt+Shift+A")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")

    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.connect(call)
    is_lit(page, "sales")
    with page.expect_popup() as opened:
        page.keyboard.press("Alt+Shift+S")
    opened.value.close()
    page.keyboard.press("Alt+Shift+N")
    page.keyboard.type("By keyboard")
    expect(page.locator("#note-status")).to_contain_text("Stored")

    page.locator("a.offer-icon[data-kind=sales]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("form.codes[data-kind=sales] [aria-pressed=true]")).to_have_count(1)
    page.locator("a.offer-icon[data-kind=service]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("form.codes[data-kind=service] [aria-pressed=true]")).to_have_count(1)
    ava.hang_up(call)
    expect(page.locator("#wrapup")).to_be_visible()
    page.keyboard.press("Alt+Shift+W")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    assert set(stored(database, call)) == {"sales", "service"}


def test_the_first_tab_leads_past_the_bar_to_the_call(desk: Page, ava: Scene) -> None:
    ava.ring(MARCUS, dnis=ACCOUNT_LINE)
    desk.reload()
    expect(card(desk)).to_be_visible()
    desk.keyboard.press("Tab")
    expect(desk.locator(".skip")).to_be_focused()
    desk.keyboard.press("Enter")
    assert desk.evaluate("location.hash") == "#main"


def test_focus_is_visible(desk: Page) -> None:
    desk.keyboard.press("Tab")
    outline = desk.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
