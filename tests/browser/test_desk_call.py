"""One call on the desk, from the pop to the end of wrap-up."""

from __future__ import annotations

import re
import time

import pytest
from browser_words import card, choose, icon, is_dark, is_lit, stored
from playwright.sync_api import Page, expect

from cordboard.events import CallOffered
from support.database import Database
from support.people import ACCOUNT_LINE, LENA, MARCUS, OTTO, Person
from support.scene import Scene


@pytest.fixture
def call(desk: Page, ava: Scene) -> str:
    """Marcus Bell, by account and SSN, rings."""
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    expect(card(desk)).to_have_attribute("data-call", call)
    return call


def test_from_log_in_to_the_end_of_wrap_up(
    desk: Page, ava: Scene, call: str, database: Database
) -> None:
    expect(card(desk)).to_have_attribute("data-state", "offered")
    expect(desk.locator("#call-name")).to_have_text("Marcus Bell")
    expect(desk.locator("[data-verified]")).to_contain_text(["Verified"])
    expect(desk.locator("[data-identified]")).to_have_text(
        "Identified by account number and social security number"
    )
    expect(desk.locator("#cti")).to_contain_text("SALES_OFFER_URL")
    is_dark(desk, "sales")
    is_dark(desk, "service")

    ava.connect(call)
    is_lit(desk, "sales")
    is_lit(desk, "service")
    with desk.expect_popup() as opened:
        icon(desk, "sales").click()
    expect(opened.value.locator("section.script")).to_contain_text("Hello Marcus, this is Ava")
    opened.value.close()

    choose(desk, "sales", "ACCEPTED")
    ava.hang_up(call)
    expect(desk.locator("#wrapup")).to_be_visible()
    is_dark(desk, "sales")
    desk.click("[data-action=finish]")
    expect(desk.locator("#wrapup [data-error]")).to_have_text("Choose a service disposition first.")
    choose(desk, "service", "RESOLVED")
    desk.click("[data-action=finish]")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")
    expect(card(desk)).to_be_hidden()
    assert stored(database, call) == {"sales": "ACCEPTED", "service": "RESOLVED"}


def test_the_pop_says_when_it_was_painted(desk: Page, ava: Scene) -> None:
    before = time.time() * 1000
    ava.ring(MARCUS, dnis=ACCOUNT_LINE)
    desk.wait_for_selector("#call[data-painted-ms]")
    painted = float(card(desk).get_attribute("data-painted-ms") or 0)
    assert before <= painted <= time.time() * 1000
    assert desk.evaluate("performance.getEntriesByName('call.offered').length") == 1


def test_a_ringing_call_is_seen_from_another_tab_and_heard(desk: Page, call: str) -> None:
    expect(desk).to_have_title("● Call: Marcus Bell")
    expect(desk.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-ring"))
    said = desk.locator("#announce")
    expect(said).to_have_text("Incoming call: Marcus Bell, Halyard Service")


def test_a_reload_in_mid_call_shows_the_call(desk: Page, ava: Scene, call: str) -> None:
    ava.connect(call)
    is_lit(desk, "sales")
    choose(desk, "sales", "LATER")
    desk.reload()
    expect(card(desk)).to_have_attribute("data-call", call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    expect(desk.locator("#call-name")).to_have_text("Marcus Bell")
    expect(desk.locator("form.codes[data-kind=sales] [aria-pressed=true]")).to_have_count(1)
    is_lit(desk, "sales")


def test_a_reload_in_wrap_up_keeps_the_time_left(desk: Page, ava: Scene, call: str) -> None:
    ava.connect(call)
    ava.hang_up(call, wrap_up_s=600)
    desk.reload()
    expect(desk.locator("#wrapup")).to_be_visible()
    expect(desk.locator("[data-clock]")).to_contain_text("9:")


def test_wrap_up_that_runs_out_says_what_was_stored(desk: Page, ava: Scene, call: str) -> None:
    ava.connect(call)
    choose(desk, "sales", "ACCEPTED")
    ava.hang_up(call, wrap_up_s=0)
    ava.end_wrap_up(call)
    expect(desk.locator(".toast")).to_have_text(
        "Time was up. The system's own code was stored for the service offer."
    )


def test_a_double_click_stores_once(desk: Page, ava: Scene, call: str, database: Database) -> None:
    ava.connect(call)
    desk.dblclick("form.codes[data-kind=sales] button[value=DECLINED]")
    pressed = desk.locator("form.codes[data-kind=sales] button[value=DECLINED]")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    rows = database.rows("SELECT code FROM disposition WHERE call_id = %s", call)
    assert rows == [{"code": "DECLINED"}]


def test_an_offer_without_a_page_stays_dark(desk: Page, ava: Scene) -> None:
    call = ava.ring(OTTO)
    ava.connect(call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    is_dark(desk, "service")
    expect(desk.locator(".offer[data-kind=service] [data-hint]")).to_have_text(
        "This offer has no page."
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/offers/X", ""])
def test_an_address_that_is_none_never_lights_an_icon(desk: Page, ava: Scene, url: str) -> None:
    call = ava.open_call(MARCUS, dnis=ACCOUNT_LINE)
    ava.offer(call)
    offer = {"kind": "sales", "code": "X-1", "title": "<b>Bold</b>", "url": url}
    ava.tell(CallOffered({"id": call, "ani": MARCUS.phone, "offers": [offer], "cti": {}}))
    ava.connect(call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    is_dark(desk, "sales")
    expect(desk.locator(".offer[data-kind=sales] [data-title]")).to_have_text("<b>Bold</b>")


def test_an_outage_is_shown_with_what_to_say(desk: Page, ava: Scene) -> None:
    ava.ring(LENA)
    outage = desk.locator("#outage")
    expect(outage).to_be_visible()
    expect(outage).to_contain_text("Lena")
    expect(outage).to_contain_text(LENA.account)
    expect(outage).to_contain_text("Expected to be over")


def test_a_call_that_leaves_is_explained(desk: Page, ava: Scene, call: str) -> None:
    ava.withdraw(call, "caller_hung_up")
    expect(desk.locator(".toast")).to_contain_text("hung up before you answered")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")
    expect(card(desk)).to_be_hidden()


def test_a_customer_who_was_not_reached_is_explained(desk: Page, ava: Scene, call: str) -> None:
    ava.withdraw(call, "customer_busy")
    expect(desk.locator(".toast")).to_contain_text("The customer is busy")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")


def test_a_call_not_answered_says_what_to_do_next(desk: Page, ava: Scene, call: str) -> None:
    ava.withdraw(call, "no_answer")
    expect(desk.locator("#idle [data-title]")).to_have_text("Not responding")
    expect(desk.locator("#presence [data-reason]")).to_have_text("Phone was not answered")
    desk.click("[data-action=available]")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")


def test_a_customer_is_looked_up_and_attached(desk: Page, ava: Scene) -> None:
    call = ava.ring(Person("", "", ""))
    ava.connect(call)
    expect(desk.locator("#call-name")).to_have_text("Unknown caller")
    desk.locator("#lookup .segments label", has_text="Name").click()
    desk.fill("#lookup-q", "dana reed")
    desk.press("#lookup-q", "Enter")
    desk.click(".result >> text=Attach")
    expect(desk.locator("#call-name")).to_have_text("Dana Reed")
    expect(desk.locator("#cti")).to_contain_text("LOOKUP_CUSTOMER_NAME")
    expect(desk.locator("[data-identified]")).to_have_text("Identified by you, by look-up")
    is_lit(desk, "service")
    expect(desk.locator("#history")).to_contain_text("HAL-ROUTER")
