"""A rule of an offer in a real browser: by keyboard, without JavaScript, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from conftest import Windows, log_in
from support.database import Database

OFFER = "SELECT id FROM offer WHERE code = 'PAN-DOORSTEP'"


@pytest.fixture
def new_rule(stack: object, database: Database) -> Iterator[str]:
    """Address of a form for a rule; what is made by it goes."""
    yield f"/ops/offers/{database.value(OFFER)}/rules/new"
    database.rows("DELETE FROM offer_rule WHERE name LIKE 'Tea%%' RETURNING 1")


@pytest.fixture
def ops(windows: Windows) -> Page:
    page = windows.open()
    log_in(page, "olga")
    return page


def fill_row(page: Page, n: int, attribute: str, op: str, value: str) -> None:
    page.select_option(f"[name=rows-{n}-attribute]", attribute)
    page.select_option(f"[name=rows-{n}-op]", op)
    page.fill(f"[name=rows-{n}-value]", value)


def test_rows_by_keyboard_then_a_preview_then_saved(
    ops: Page, new_rule: str, database: Database
) -> None:
    ops.goto(new_rule)
    expect(ops.locator("#json")).to_be_hidden()
    ops.focus("#name")
    ops.keyboard.type("Tea drinker")
    ops.focus("[name=rows-0-attribute]")
    ops.keyboard.type("segm")
    ops.keyboard.press("Tab")
    ops.keyboard.type("is one")
    ops.keyboard.press("Tab")
    ops.keyboard.type("gold, silver")
    ops.locator("[data-add]").focus()
    ops.keyboard.press("Enter")
    fill_row(ops, 2, "purchases_365d", ">=", "2")
    ops.click("button:text-is('Preview')")
    expect(ops.locator("#match-title")).to_be_focused()
    expect(ops.locator(".matches")).to_contain_text("Matches ")
    expect(ops.locator(".matches")).to_contain_text("for example")
    expect(ops.locator("[name=rows-0-value]")).to_have_value("gold, silver")
    ops.click("button:text-is('Save')")
    expect(ops.locator(".alert.good")).to_contain_text("lists of customers change with the next")
    row = database.rows("SELECT condition FROM offer_rule WHERE name = 'Tea drinker'")[0]
    assert [one["attribute"] for one in row["condition"]["all"]] == ["segment", "purchases_365d"]


def test_a_comparison_that_does_not_go_with_the_attribute_cannot_be_chosen(
    ops: Page, new_rule: str
) -> None:
    ops.goto(new_rule)
    ops.select_option("[name=rows-0-attribute]", "segment")
    less = ops.locator("[name=rows-0-op] option[value='<']")
    expect(less).to_be_disabled()
    ops.select_option("[name=rows-0-attribute]", "balance_cents")
    expect(less).to_be_enabled()
    expect(ops.locator("[name=rows-0-op] option[value=in]")).to_be_disabled()


def test_what_is_wrong_is_led_to(ops: Page, new_rule: str) -> None:
    ops.goto(new_rule)
    ops.fill("#name", "Tea")
    fill_row(ops, 0, "segment", "=", "gold")
    fill_row(ops, 1, "balance_cents", ">=", "plenty")
    ops.click("button:text-is('Save')")
    expect(ops.locator("[data-summary]")).to_be_focused()
    expect(ops.locator("[data-summary]")).to_contain_text("all[1].value: this is a text")
    expect(ops.locator("[name=rows-1-value]")).to_have_attribute("aria-invalid", "true")
    expect(ops.locator("[name=rows-1-value]")).to_have_value("plenty")
    expect(ops.locator("[name=rows-0-value]")).not_to_have_attribute("aria-invalid", "true")


def test_rows_survive_a_closed_tab(ops: Page, new_rule: str) -> None:
    ops.goto(new_rule)
    ops.click("[data-add]")
    fill_row(ops, 2, "tenure_days", ">", "900")
    other = ops.context.new_page()
    ops.close()
    other.goto(new_rule)
    other.click("text=Put it back")
    expect(other.locator("[name=rows-2-attribute]")).to_have_value("tenure_days")
    expect(other.locator("[name=rows-2-op]")).to_have_value(">")
    expect(other.locator("[name=rows-2-value]")).to_have_value("900")


def test_an_amount_says_what_it_comes_to(ops: Page, new_rule: str) -> None:
    ops.goto(new_rule)
    ops.fill("#name", "Tea for the rich")
    fill_row(ops, 0, "balance_cents", ">=", "5000")
    expect(ops.locator("[data-unit]").first).to_have_text("cents: 50.00")
    ops.fill("[name=rows-0-value]", "50.00")
    expect(ops.locator("[data-unit]").first).to_have_text("cents")
    ops.click("button:text-is('Save')")
    expect(ops.locator("[data-summary]")).to_contain_text("write 5000 for 50.00")
    expect(ops.locator("[name=rows-0-value]")).to_have_value("50.00")


def test_without_javascript(windows: Windows, new_rule: str, database: Database) -> None:
    page = windows.open(scripts=False)
    log_in(page, "olga")
    page.goto(new_rule)
    page.fill("#name", "Tea without")
    for n in range(3):
        fill_row(page, n, "region", "!=", f"R{n}")
        page.click("button:text-is('Preview')")
        expect(page.locator(".matches")).to_contain_text("Matches ")
    page.check("[name=written][value=json]")
    page.fill("#json", '{"not": {"attribute": "region", "is": "=", "value": "IL"}}')
    page.click("button:text-is('Save')")
    expect(page.locator(".alert.good")).to_contain_text("Saved")
    (row,) = database.rows("SELECT condition FROM offer_rule WHERE name = 'Tea without'")
    assert row["condition"]["not"]["value"] == "IL"
