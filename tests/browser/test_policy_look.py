"""The policy simulator in a browser: by keyboard, narrow and wide, by day and by night."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_desk_look import findings

from conftest import Scheme, Windows, log_in

PATH = "/ops/policy/check"
#: Where pictures of the page go, when somebody wants to look at it.
PICTURES = os.environ.get("CORDBOARD_TEST_PICTURES", "")


def simulator(windows: Windows, username: str = "sofia", **window: object) -> Page:
    page = windows.open(**window)  # type: ignore[arg-type]
    log_in(page, username)
    page.goto(PATH)
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_by_keyboard_alone(windows: Windows) -> None:
    page = simulator(windows)
    number = page.get_by_label("Telephone number")
    expect(number).to_be_focused()
    page.keyboard.type("+881612345678")
    page.keyboard.press("Enter")
    answer = page.get_by_role("heading", name="would not be dialled")
    expect(answer).to_be_visible()
    expect(page.locator(".against")).to_have_count(2)
    expect(number).to_have_value("+881612345678")

    number.fill("(312) 555-0150")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="+1 312-555-0150 would be dialled")).to_be_visible()
    expect(page.locator(".against")).to_have_count(0)


def test_what_is_missing_is_said_at_its_field(windows: Windows) -> None:
    page = simulator(windows, "olga")
    page.get_by_role("button", name="Ask").click()
    number = page.get_by_label("Telephone number")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#number-error")).to_have_text("Type a number.")
    assert "number-error" in (number.get_attribute("aria-describedby") or "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_and_axe_finds_nothing_serious(
    windows: Windows, width: int, scheme: Scheme
) -> None:
    page = simulator(windows, "olga", width=width, height=844, scheme=scheme)
    assert findings(page) == []
    for name, number in (("yes", "+13125550150"), ("no", "+18005550100"), ("none", "pizza")):
        page.get_by_label("Telephone number").fill(number)
        page.get_by_label("When").fill("2027-01-04T03:15")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#answer")).to_contain_text("would")
        assert findings(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        picture(page, f"{name}-{width}-{scheme}")
