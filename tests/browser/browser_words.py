"""Words in which the browser tests speak of the desk."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from support.database import Database

SERIOUS = ("serious", "critical")


def card(page: Page) -> Locator:
    return page.locator("#call")


def icon(page: Page, kind: str) -> Locator:
    return page.locator(f"a.offer-icon[data-kind={kind}]")


def offer(page: Page, kind: str) -> Locator:
    return page.locator(f".offer[data-kind={kind}]")


def is_lit(page: Page, kind: str) -> None:
    expect(offer(page, kind)).to_have_attribute("data-lit", "true")
    expect(icon(page, kind)).to_have_attribute("aria-disabled", "false")


def is_dark(page: Page, kind: str) -> None:
    expect(offer(page, kind)).to_have_attribute("data-lit", "false")
    expect(icon(page, kind)).to_have_attribute("aria-disabled", "true")
    assert icon(page, kind).get_attribute("href") is None


def choose(page: Page, kind: str, code: str) -> None:
    """Click a result and wait until it is stored."""
    button = page.locator(f"form.codes[data-kind={kind}] button[value={code}]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def stored(database: Database, call: str) -> dict[str, str]:
    rows = database.rows(
        "SELECT kind::text, code FROM disposition WHERE call_id = %s AND replaced_at IS NULL", call
    )
    return {row["kind"]: row["code"] for row in rows}


def findings(page: Page) -> list[str]:
    """What axe finds that keeps people out, and where."""
    # Colours of things in transition are nobody's.
    page.evaluate("document.getAnimations().forEach((animation) => animation.cancel())")
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['target']}"
        for found in violations
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]
