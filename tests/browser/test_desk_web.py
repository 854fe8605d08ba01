"""A web call on the desk: the visit, pushed pages and their state, forms for the merchant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_words import card, findings
from playwright.sync_api import Locator, Page, expect

from conftest import Scheme, Windows
from cordboard.settings import Settings
from support.database import Database
from support.scene import Scene
from support.web_scene import WebScene


@pytest.fixture
def gus(without_app: Settings, live: Any, database: Database) -> Any:
    """An agent of the shop."""
    scene = WebScene(without_app, live, database, "gus")
    scene.sit_down()
    yield scene
    scene.sit_down(registered=False)


@pytest.fixture
def gus_desk(windows: Windows, gus: WebScene) -> Page:
    """His desk, available."""
    return open_desk(windows)


def open_desk(windows: Windows, **window: Any) -> Page:
    page = windows.desk("gus", **window)
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    return page


@pytest.fixture
def call(gus_desk: Page, gus: WebScene) -> str:
    """A visitor of the shop talks to gus, and the list of pages is there."""
    call = gus.talk_web()
    expect(card(gus_desk)).to_have_attribute("data-state", "connected")
    expect(gus_desk.locator("#push-list [data-page]").first).to_be_visible()
    return call


def pushed(page: Page) -> Locator:
    return page.locator("#pushed li")


def push_first(page: Page, search: str) -> str:
    """Push the only page that matches, by keyboard; answers the id of the push."""
    page.fill("#push-q", search)
    page.press("#push-q", "Enter")
    expect(pushed(page)).to_have_count(1)
    return pushed(page).first.get_attribute("data-push") or ""


def test_before_signing_on_only_the_subject_is_seen(gus_desk: Page, gus: WebScene) -> None:
    call = gus.ring_web()
    expect(gus_desk.locator("#call-name")).to_have_text("Orders and gift baskets")
    expect(gus_desk.locator("#sign-on")).to_contain_text("press #")
    expect(gus_desk.locator("#push")).to_be_hidden()
    expect(gus_desk.locator("#entry")).to_be_hidden()
    assert "nuts" not in gus_desk.content()

    gus.sign_on(call)
    gus.connect(call)
    expect(gus_desk.locator("#sign-on")).to_be_hidden()
    visit = gus_desk.locator("#web")
    expect(visit.locator("[data-note]")).to_have_text("Is there a basket without nuts?")
    expect(visit.locator("[data-whisper]")).to_contain_text("Web call about baskets")
    expect(visit.locator("[data-pages] li")).to_have_count(2)
    expect(visit.locator("[data-pages] li").nth(1)).to_contain_text("1 min 15 s")
    expect(visit.locator(".here")).to_have_attribute("data-here", "true")


def test_a_push_and_what_became_of_it(gus_desk: Page, gus: WebScene, call: str) -> None:
    push = push_first(gus_desk, "deliv")
    assert [event["title"] for event in gus.arrived()] == ["Delivery areas and times"]
    state = pushed(gus_desk).first.locator(".push-state")
    expect(state).to_have_text("sent")
    gus.shown(call, push)
    expect(state).to_have_text("shown")
    gus.viewed(call, push, 12)
    expect(state).to_have_text("viewed 12 s")
    expect(gus_desk.locator("#push-q")).to_have_value("")

    gus_desk.reload()
    expect(pushed(gus_desk)).to_have_count(1)
    expect(pushed(gus_desk).first.locator(".push-state")).to_have_text("viewed 12 s")
    expect(pushed(gus_desk).first).to_contain_text("from the desk")


def test_several_pages_in_the_order_of_choosing(gus_desk: Page, gus: WebScene, call: str) -> None:
    for title in ("Delivery areas and times", "Gift baskets"):
        gus_desk.get_by_role("checkbox", name=re.compile(title)).check()
    gus_desk.get_by_role("button", name="Push 2 pages").click()
    expect(pushed(gus_desk)).to_have_count(2)
    titles = [event["title"] for event in gus.arrived()]
    assert titles == ["Delivery areas and times", "Gift baskets"]
    expect(gus_desk.locator("#push-list :checked")).to_have_count(0)


def test_two_desks_of_the_agent_agree(
    windows: Windows, gus_desk: Page, gus: WebScene, call: str
) -> None:
    other = windows.desk("gus")
    expect(card(other)).to_have_attribute("data-call", call)
    push = push_first(gus_desk, "*12#")
    expect(pushed(other)).to_have_count(1)
    gus.viewed(call, push, 75)
    for page in (gus_desk, other):
        expect(pushed(page).first.locator(".push-state")).to_have_text("viewed 1 min 15 s")


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("javascript:alert(1)", "begin with https"),
        ("https://evil.example.net/", "evil.example.net is not on this company's list"),
    ],
)
def test_a_link_that_may_not_be_pushed_stays_typed(
    gus_desk: Page, gus: WebScene, call: str, link: str, why: str
) -> None:
    gus_desk.click(".push-link summary")
    gus_desk.fill("#push-url", link)
    gus_desk.press("#push-url", "Enter")
    expect(gus_desk.locator(".push-link [data-error]")).to_contain_text(why)
    assert gus.arrived() == []
    gus_desk.reload()
    expect(gus_desk.locator("#push-url")).to_have_value(link)


def test_a_link_of_the_company(gus_desk: Page, gus: WebScene, call: str) -> None:
    gus_desk.click(".push-link summary")
    gus_desk.fill("#push-url", "https://news.example.com/spring")
    gus_desk.fill("#push-name", "Spring news")
    gus_desk.press("#push-name", "Enter")
    expect(pushed(gus_desk).first).to_contain_text("Spring news")
    expect(gus_desk.locator("#push-url")).to_have_value("")
    assert gus.arrived()[0]["framing"] == "window"


def test_the_visitor_leaves_and_comes_back(gus_desk: Page, gus: WebScene, call: str) -> None:
    here = gus_desk.locator("#web .here")
    gus.leave(call)
    expect(here).to_have_text("Visitor has left the page")
    gus.come_back(call)
    expect(here).to_have_text("Visitor is here")


def test_after_the_call_nothing_can_be_pushed(gus_desk: Page, gus: WebScene, call: str) -> None:
    gus.hang_up(call)
    expect(gus_desk.locator("#push [data-hint]")).to_have_text(
        "Pages can be pushed while you talk."
    )
    gus_desk.get_by_role("checkbox", name=re.compile("Gift baskets")).check()
    expect(gus_desk.locator("[data-push]").first).to_be_disabled()


def test_by_keyboard_alone(gus_desk: Page, gus: WebScene, call: str) -> None:
    gus_desk.keyboard.press("Alt+Shift+G")
    expect(gus_desk.locator("#push-q")).to_be_focused()
    gus_desk.keyboard.type("baskets")
    gus_desk.keyboard.press("Enter")
    expect(pushed(gus_desk)).to_have_count(1)
    expect(gus_desk.locator("#announce")).to_have_text("Pushed: Gift baskets")


def entries(database: Database, call: str) -> list[dict[str, Any]]:
    return database.rows(
        "SELECT kind::text, fields FROM merchant_entry WHERE call_id = %s ORDER BY created_at", call
    )


def test_a_form_survives_a_reload_and_is_sent_once(
    gus_desk: Page, gus: WebScene, call: str, database: Database
) -> None:
    gus_desk.locator("#entry .segments label", has_text="Complaint").click()
    gus_desk.fill("#entry-complaint-text", "The basket came late")
    gus_desk.reload()
    expect(gus_desk.locator("#entry-complaint-text")).to_have_value("The basket came late")
    gus_desk.select_option("#entry-complaint-about", "delivery")
    gus_desk.get_by_role("button", name="Send complaint").dblclick()
    expect(gus_desk.locator("#entry [data-saved] li")).to_have_count(1)
    expect(gus_desk.locator("#entry-complaint-text")).to_have_value("")
    expect(gus_desk.locator("#entry form[data-kind=complaint] [data-status]")).to_contain_text(
        "Sent at"
    )
    [entry] = entries(database, call)
    assert entry["fields"]["text"] == "The basket came late"
    assert entry["fields"]["about"] == "delivery"
    gus_desk.reload()
    expect(gus_desk.locator("#entry [data-saved] li")).to_have_count(1)


def test_a_form_with_something_missing_says_so(
    gus_desk: Page, gus: WebScene, call: str, database: Database
) -> None:
    gus_desk.fill("#entry-order-remarks", "Ring twice")
    gus_desk.get_by_role("button", name="Send order").click()
    error = gus_desk.locator("#entry form[data-kind=order] [data-error]")
    expect(error).to_have_text("Fill in “What is ordered” first.")
    expect(gus_desk.locator("#entry-order-remarks")).to_have_value("Ring twice")
    assert entries(database, call) == []


def test_a_form_that_was_not_sent_is_offered_after_the_call(
    gus_desk: Page, gus: WebScene, call: str, database: Database
) -> None:
    gus_desk.locator("#entry .segments label", has_text="Note").click()
    gus_desk.fill("#entry-note-text", "Call about nuts again")
    gus.hang_up(call)
    gus.end_wrap_up(call)
    kept = gus_desk.locator("#orphan-entry")
    expect(kept).to_contain_text("Call about nuts again")
    kept.get_by_role("button", name="Send it with that call").click()
    expect(kept).to_be_hidden()
    assert [entry["kind"] for entry in entries(database, call)] == ["note"]


def test_a_call_that_is_no_web_call_has_none_of_it(
    desk: Page, ava: Scene, at_desk: Callable[[str], Scene]
) -> None:
    call = ava.ring()
    ava.connect(call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    for part in ("#web", "#push", "#entry", "#sign-on"):
        expect(desk.locator(part)).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(windows: Windows, gus: WebScene, scheme: Scheme, width: int) -> None:
    page = open_desk(windows, scheme=scheme, width=width)
    call = gus.ring_web()
    expect(page.locator("#sign-on")).to_be_visible()
    assert findings(page) == []
    gus.sign_on(call)
    gus.connect(call)
    expect(page.locator("#push-list [data-page]").first).to_be_visible()
    push = push_first(page, "baskets")
    gus.viewed(call, push, 12)
    page.click(".push-link summary")
    page.fill("#push-url", "javascript:x")
    page.press("#push-url", "Enter")
    expect(page.locator(".push-link [data-error]")).to_be_visible()
    assert findings(page) == []
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"{overflow} px beyond the screen"
