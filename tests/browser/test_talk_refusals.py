"""Whatever is refused: the page says why and what instead, and keeps what was typed."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect
from talk_words import Visit, fill

from conftest import Windows
from support.refusals import NUMBER, ON_PAGES, SCHEDULES, refusing

NOTE = "Two baskets"


def refused(visit: Visit, reason: str) -> int:
    """How often the platform has refused for this reason."""
    counted = "SELECT count(*) FROM policy_refusal WHERE reason = %s"
    return int(visit.database.value(counted, reason))


def test_each_reason_of_the_policy(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.link())
    for reason in ON_PAGES:
        before = refused(visit, reason)
        with refusing(visit.database, reason) as number:
            fill(page, number=number, note=NOTE)
            page.check("input[name=when][value=now]")  # a refusal may have offered another time
            page.click("button[type=submit]")
            problem = page.locator(f"#problem[data-code={reason}]")
            expect(problem, reason).to_be_visible()
        assert problem.locator("p").first.inner_text(), f"{reason} says why"
        assert refused(visit, reason) == before + 1, f"{reason} is recorded"
        expect(page.locator("#note")).to_have_value(NOTE)
        expect(page.locator("#number")).to_have_value(number)
    fill(page, number=NUMBER)
    page.check("input[name=when][value=now]")
    page.click("button[type=submit]")
    visit.scene(page)  # nothing of it sticks


def test_closed_and_holidays(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    for reason, code in (("subscriber_closed", "closed"), ("holiday", "holiday")):
        with refusing(visit.database, reason):
            page.goto(visit.link())
            expect(page.locator(f"[data-closed={code}]")).to_be_visible()
            expect(page.locator("input[name=when][value=now]")).to_be_disabled()
    assert set(SCHEDULES) == {"subscriber_closed", "holiday"}


def says(page: Page, url: str, code: str, status: int) -> None:
    """The page at this address is a refusal."""
    answer: Any = page.goto(url)
    assert answer.status == status
    expect(page.locator(".message")).to_have_attribute("data-code", code)
    expect(page.locator(".message h1")).not_to_be_empty()


def test_each_refusal_of_a_link(windows: Windows, visit: Visit) -> None:
    page, thief = windows.open(), windows.open()
    link = visit.link(title="Baskets")
    says(page, link.replace("t=Baskets", "t=Casket"), "changed", 400)
    says(page, link + "&evil=1", "malformed", 400)
    says(page, link.replace("pantry", "nobody"), "unknown_sid", 404)
    says(page, link.replace("ORDERS", "NOTHING"), "unknown_sc", 404)
    says(page, visit.link(life_s=-1), "expired", 410)
    page.goto(link)
    expect(page.locator("#welcome")).to_be_visible()
    says(thief, link, "used", 409)
