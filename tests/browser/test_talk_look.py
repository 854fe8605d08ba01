"""Every visitor can use it: by keyboard, on any width, by day and night, with a screen reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from talk_words import TYPED, Visit, fill, phase
from test_desk_look import findings

from conftest import Scheme, Windows


def fits(page: Page) -> bool:
    page.wait_for_load_state()  # without its styles a page has other widths
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return bool(page.evaluate(wide) <= 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(windows: Windows, visit: Visit, scheme: Scheme) -> None:
    page = windows.open(scheme=scheme)
    page.goto(visit.link(title="Gift baskets", customer_code="PAN-0001"))
    assert findings(page) == []
    page.locator("label", has_text="Later").click()
    page.click("button[type=submit]")
    expect(page.locator("#problem")).to_be_visible()
    assert findings(page) == []
    scene = visit.ask(page)
    scene.dial().leg("customer", "ringing").leg("agent", "answered")
    expect(page.locator("[data-leg=agent]")).to_have_attribute("data-state", "answered")
    assert findings(page) == []
    scene.fail("busy")
    phase(page, "retry")
    assert findings(page) == []
    scene.dial().connect()
    phase(page, "talk")
    assert findings(page) == []
    push = scene.push("Fresh coffee", visit.shop("/coffee"))
    expect(page.locator(".shown")).to_have_attribute("data-push", push)
    assert findings(page) == []
    scene.push("Bank", "https://pay.example.com/", framing="window")
    expect(page.locator(".shown")).to_have_attribute("data-framing", "window")
    assert findings(page) == []
    scene.hang_up()
    phase(page, "done")
    assert findings(page) == []
    page.goto("/talk/pantry/ORDERS?s=x")
    assert findings(page) == []
    page.goto(visit.shop())
    assert findings(page) == []


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_nothing_is_wider_than_the_window(windows: Windows, visit: Visit, width: int) -> None:
    page = windows.open(width=width, height=844)
    page.goto(visit.link(title="W" * 120))
    assert fits(page)
    page.locator("label", has_text="Later").click()
    page.click("button[type=submit]")
    expect(page.locator("#problem")).to_be_visible()
    assert fits(page)
    scene = visit.ask(page).dial().leg("customer", "ringing")
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    assert fits(page)
    scene.connect()
    scene.push("A page with quite a long title, as they are", visit.shop())
    expect(page.locator("#history li")).to_have_count(1)
    assert fits(page)
    scene.hang_up()
    phase(page, "done")
    assert fits(page)
    page.goto(visit.shop("/"))
    assert fits(page)


def test_a_whole_visit_by_keyboard_alone(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.link())
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.type(TYPED)
    page.keyboard.press("Tab")
    expect(page.locator("input[name=when][value=now]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")  # whom to talk to
    page.keyboard.press("Tab")
    expect(page.locator("input[name=consent]")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    scene = visit.scene(page)
    assert scene.row["note"] == "By keyboard"
    scene.dial().connect()
    phase(page, "talk")
    scene.push("Fresh coffee", visit.shop("/coffee"))
    expect(page.locator("#history li")).to_have_count(1)
    page.locator("[data-action=end]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-action=end]")).to_be_disabled()
    scene.hang_up()
    phase(page, "done")
    page.locator(".stars input").nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Fine")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_be_visible()


def test_what_changes_is_read_out(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().leg("customer", "ringing")
    said = page.locator("#announce")
    expect(said).to_have_text("Your phone rings")
    scene.connect()
    expect(said).to_have_text("You are talking with Gus")
    scene.push("Fresh coffee", visit.shop("/coffee"))
    expect(said).to_have_text("Gus shows you: Fresh coffee")


def test_an_error_is_where_the_focus_goes_and_nothing_typed_is_lost(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    page.goto(visit.link())
    fill(page, number="+1 900 555 0123", note="Keep this")
    page.click("button[type=submit]")
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#number")).to_have_value("+1 900 555 0123")
    expect(page.locator("#note")).to_have_value("Keep this")
    expect(page.locator("input[name=consent]")).to_be_checked()
