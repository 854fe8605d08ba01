"""The ranked offers on the desk: why, what else, and presenting another than the first."""

from __future__ import annotations

import pytest
from browser_words import card, choose, findings, icon, is_dark, is_lit, offer
from playwright.sync_api import Locator, Page, expect

from conftest import Scheme, Windows
from cordboard.events import CallUpdated
from support.database import Database
from support.decisions import MARCUS_ENTRIES, store_decision
from support.people import ACCOUNT_LINE, MARCUS, Person
from support.scene import Scene

BUNDLE, FIBER, CARE, TV = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-CARE-PLUS", "HAL-TV"
WHY = "Agents of halyard-service with the skill es, who can present HAL-FIBER-BUNDLE, are free."
ROUTE = {"to": "group", "group": "halyard-service", "why": "agents_free", "words": WHY}


def ranked(page: Page, code: str) -> Locator:
    return page.locator(f".ranked > [data-code={code}]")


def present(page: Page, code: str) -> None:
    ranked(page, code).get_by_role("button", name="Present this instead").click()


def presented(page: Page, kind: str, code: str) -> None:
    expect(offer(page, kind)).to_have_attribute("data-code", code)
    expect(ranked(page, code)).to_have_attribute("data-attached", "true")


def codes_in_force(database: Database, call: str) -> dict[str, str]:
    rows = database.rows(
        "SELECT o.code AS offer, d.code FROM disposition d JOIN offer o ON o.id = d.offer_id"
        " WHERE d.call_id = %s AND d.replaced_at IS NULL",
        call,
    )
    return {row["offer"]: row["code"] for row in rows}


def decided(ava: Scene, database: Database) -> str:
    """Marcus Bell, for whom it was decided, before he rings."""
    call = ava.open_call(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    store_decision(database.value, call, MARCUS_ENTRIES, ROUTE)
    return call


@pytest.fixture
def call(desk: Page, ava: Scene, database: Database) -> str:
    """He talks to ava."""
    call = decided(ava, database)
    ava.offer(call)
    ava.connect(call)
    is_lit(desk, "sales")
    return call


def test_from_the_pop_to_the_results_of_two_offers(
    desk: Page, ava: Scene, call: str, database: Database
) -> None:
    expect(desk.locator(".ranked > li .rank")).to_have_text(["Rank 1", "Rank 2", "Rank 3"])
    expect(ranked(desk, BUNDLE).locator("dd")).to_have_text(["30%", "$360", "$108"])
    expect(ranked(desk, BUNDLE).locator(".why")).to_have_text("Every rule holds.")
    expect(desk.locator("#ranking [data-route]")).to_have_text(f"Why here: {WHY}")
    expect(desk.locator(".kept-out summary")).to_have_text("Kept out: 1")
    desk.click(".kept-out summary")
    expect(desk.locator(f".kept-out [data-code={TV}]")).to_contain_text("presented 3 days ago")
    with desk.expect_popup() as opened:
        icon(desk, "sales").click()
    expect(opened.value.locator("h1")).to_have_text("Fiber and mobile in one bill")
    opened.value.close()
    expect(ranked(desk, BUNDLE).locator(".badge")).to_have_text("presented")

    choose(desk, "sales", "DECLINED")
    present(desk, FIBER)
    presented(desk, "sales", FIBER)
    presented(desk, "service", CARE)
    expect(icon(desk, "sales")).to_be_focused()
    expect(desk.locator("#announce")).to_have_text("Presented now: Fiber 1000 for the price of 300")
    expect(ranked(desk, BUNDLE).locator(".badge")).to_have_text("Declined")
    expect(desk.locator("form.codes[data-kind=sales] [aria-pressed=true]")).to_have_count(0)
    with desk.expect_popup() as opened:
        desk.keyboard.press("Alt+Shift+S")
    expect(opened.value.locator("section.script")).to_contain_text("I can make that Fiber 1000")
    opened.value.close()
    choose(desk, "sales", "ACCEPTED")
    choose(desk, "service", "RESOLVED")
    ava.hang_up(call)
    is_dark(desk, "sales")
    desk.click("[data-action=finish]")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")
    assert codes_in_force(database, call) == {
        BUNDLE: "DECLINED",
        FIBER: "ACCEPTED",
        CARE: "RESOLVED",
    }
    seen = database.rows(
        "SELECT o.code, x.outcome::text FROM exposure x JOIN offer o ON o.id = x.offer_id"
        " WHERE x.call_id = %s ORDER BY x.id",
        call,
    )
    assert [(row["code"], row["outcome"]) for row in seen] == [
        (BUNDLE, "declined"),
        (FIBER, "accepted"),
    ]


def test_a_reload_in_mid_call_shows_what_is_presented(desk: Page, call: str) -> None:
    choose(desk, "sales", "LATER")
    present(desk, FIBER)
    presented(desk, "sales", FIBER)
    desk.reload()
    is_lit(desk, "sales")
    presented(desk, "sales", FIBER)
    expect(ranked(desk, BUNDLE).locator(".badge")).to_have_text("Interested, call later")
    expect(desk.locator("form.codes[data-kind=sales] [aria-pressed=true]")).to_have_count(0)


def test_two_windows_agree(windows: Windows, desk: Page, call: str) -> None:
    other = windows.desk()
    is_lit(other, "sales")
    note = other.locator("#note")
    note.focus()
    present(desk, FIBER)
    presented(desk, "sales", FIBER)
    presented(other, "sales", FIBER)
    expect(note).to_be_focused()  # where it was not asked for, nobody is led away
    choose(other, "sales", "ACCEPTED")
    expect(ranked(desk, FIBER).locator(".badge")).to_have_text("Accepted")


def test_a_result_for_an_offer_that_is_not_presented_any_more_is_refused(
    desk: Page, call: str, database: Database
) -> None:
    desk.route("**/desk/calls/*/dispositions", lambda route: route.continue_(
        post_data=(route.request.post_data or "").replace(BUNDLE, "HAL-MESH")))  # fmt: skip
    desk.click("form.codes[data-kind=sales] button[value=ACCEPTED]")
    error = desk.locator("form.codes[data-kind=sales] [data-error]")
    expect(error).to_contain_text("you present another offer by now")
    assert codes_in_force(database, call) == {}


def test_withdrawn_a_moment_ago_is_said_and_the_first_stays(
    desk: Page, call: str, database: Database
) -> None:
    with database.changed("offer", {"code": FIBER}, active=False):
        present(desk, FIBER)
        expect(desk.locator("#ranking [data-error]")).to_contain_text("was withdrawn")
    presented(desk, "sales", BUNDLE)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("interested", "Said yes to the automated offer"),
        ("not_interested", "Said no to the automated offer"),
        ("later", "Said “later” to the automated offer"),
    ],
)
def test_what_the_caller_answered_the_ivr_is_said(
    desk: Page, ava: Scene, call: str, answer: str, words: str
) -> None:
    expect(desk.locator("#ivr-answer")).to_be_hidden()
    ava.tell(CallUpdated(call, {"cti": {"OFFER_ANSWER": answer}}))
    expect(desk.locator("#ivr-answer")).to_have_text(words)


def test_by_keyboard_alone(desk: Page, call: str) -> None:
    desk.locator(".ranking-body").focus()
    desk.keyboard.press("Tab")
    expect(ranked(desk, FIBER).get_by_role("button")).to_be_focused()
    name = ranked(desk, FIBER).get_by_role("button").get_attribute("aria-label")
    assert name == (
        "Present this instead of Fiber and mobile in one bill: Fiber 1000 for the price of 300"
    )
    desk.keyboard.press("Enter")
    presented(desk, "sales", FIBER)
    expect(icon(desk, "sales")).to_be_focused()


MOVED = """new Promise((seen) => {
    window.moved = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) window.moved += shift.value;
    }).observe({ type: "layout-shift", buffered: false });
    requestAnimationFrame(seen);
})"""


def test_nothing_moves_when_the_list_comes(desk: Page, ava: Scene, database: Database) -> None:
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.connect(call)
    is_lit(desk, "sales")
    expect(desk.locator("#ranking [data-route]")).to_contain_text("No list was made")
    expect(desk.locator("#history h3")).to_have_count(2)
    place = desk.locator("#note").bounding_box()
    desk.evaluate(MOVED)
    store_decision(database.value, call, MARCUS_ENTRIES, ROUTE)
    told = database.value("SELECT call_card_v1(%s)", call)
    ava.tell(CallUpdated(call, {name: told[name] for name in ("ranking", "decision")}))
    expect(desk.locator(".ranked > li")).to_have_count(3)
    desk.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert desk.evaluate("window.moved") == 0
    assert desk.locator("#note").bounding_box() == place


def test_nobody_known_no_list(desk: Page, ava: Scene) -> None:
    ava.ring(Person("", "", ""))
    expect(card(desk)).to_have_attribute("data-state", "offered")
    expect(desk.locator("#ranking")).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "dark")]
)
def test_everybody_can_use_it(
    windows: Windows, ava: Scene, database: Database, width: int, scheme: Scheme
) -> None:
    page = windows.desk(width=width, height=844, scheme=scheme)
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    call = decided(ava, database)
    ava.offer(call)
    ava.connect(call)
    is_lit(page, "sales")
    present(page, FIBER)
    presented(page, "sales", FIBER)
    page.click(".kept-out summary")
    ava.tell(CallUpdated(call, {"cti": {"OFFER_ANSWER": "later"}}))
    expect(page.locator("#ivr-answer")).to_be_visible()
    assert findings(page) == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
