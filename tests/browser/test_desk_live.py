"""The desk stays true: connections cut, tabs in parallel, notes half typed, sessions ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from browser_words import card, choose, is_lit
from playwright.sync_api import Page, Route, expect

from conftest import Windows
from cordboard import keys
from cordboard.settings import Settings
from cordboard.sipp import eventually
from support import stack as local
from support.database import Database
from support.people import ACCOUNT_LINE, DANA, MARCUS
from support.scene import Scene

KEPT = "Kept in this browser"


def talk(page: Page, ava: Scene) -> str:
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.connect(call)
    expect(card(page)).to_have_attribute("data-state", "connected")
    return call


@contextmanager
def cut_off(page: Page, settings: Settings) -> Iterator[None]:
    """The web desk's worker is killed, and while this lasts the page cannot reach its successor."""
    page.route("**/desk/events*", lambda route: route.abort())
    for worker in children(local.pid_of(settings, "web")):
        os.kill(worker, signal.SIGKILL)
    expect(page.locator("#link")).to_have_attribute("data-link", "lost")
    yield
    eventually(lambda: local.answers(settings, "web"), within=20, what="the web desk is back")
    page.unroute("**/desk/events*")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_cut_stream_resumes_with_nothing_missed(desk: Page, ava: Scene, stack: Settings) -> None:
    with cut_off(desk, stack):
        call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
        ava.connect(call)
    expect(desk.locator("#link")).to_have_attribute("data-link", "live")
    expect(card(desk)).to_have_attribute("data-call", call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    expect(desk.locator("#announce")).to_have_text("In contact")


def test_what_can_no_longer_be_told_is_loaded_anew(
    desk: Page, ava: Scene, live: redis.Redis, stack: Settings
) -> None:
    with desk.expect_response("**/desk/state"), cut_off(desk, stack):
        call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
        ava.connect(call)
        live.xtrim(keys.desk(ava.agent), maxlen=1, approximate=False)
    expect(card(desk)).to_have_attribute("data-call", call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    expect(desk.locator("#link")).to_have_attribute("data-link", "live")


def test_two_tabs_and_two_log_ins_agree(desk: Page, windows: Windows, ava: Scene) -> None:
    tab = desk.context.new_page()
    tab.goto("/desk")
    elsewhere = windows.desk(scheme="dark")
    call = talk(desk, ava)
    choose(desk, "sales", "ACCEPTED")
    desk.fill("#note", "Wants fiber")
    for page in (tab, elsewhere):
        expect(card(page)).to_have_attribute("data-call", call)
        pressed = page.locator("form.codes[data-kind=sales] [aria-pressed=true]")
        expect(pressed).to_have_attribute("value", "ACCEPTED")
        expect(page.locator("#note")).to_have_value("Wants fiber")
    choose(elsewhere, "sales", "LATER")
    pressed = desk.locator("form.codes[data-kind=sales] [aria-pressed=true]")
    expect(pressed).to_have_attribute("value", "LATER")


def test_a_note_is_stored_while_it_is_typed(desk: Page, ava: Scene, database: Database) -> None:
    call = talk(desk, ava)
    desk.locator("#note").press_sequentially("Call back on Monday")
    expect(desk.locator("#note-status")).to_contain_text("Stored")
    body = database.value("SELECT body FROM call_note WHERE call_id = %s", call)
    assert body == "Call back on Monday"


def test_a_note_survives_a_reload_before_it_was_stored(
    desk: Page, ava: Scene, database: Database
) -> None:
    call = talk(desk, ava)
    desk.route("**/note", lambda route: route.abort())
    desk.fill("#note", "Half a though")
    expect(desk.locator("#note-status")).to_contain_text(KEPT)
    desk.reload()
    expect(desk.locator("#note")).to_have_value("Half a though")
    desk.unroute("**/note")
    desk.fill("#note", "Half a thought")
    expect(desk.locator("#note-status")).to_contain_text("Stored")
    body = database.value("SELECT body FROM call_note WHERE call_id = %s", call)
    assert body == "Half a thought"


def test_a_note_survives_the_end_of_wrap_up(desk: Page, ava: Scene, database: Database) -> None:
    call = talk(desk, ava)
    desk.route("**/note", lambda route: route.abort())
    desk.fill("#note", "Typed too late")
    ava.hang_up(call)
    ava.end_wrap_up(call)
    orphan = desk.locator("#orphan-note")
    expect(orphan).to_contain_text("Typed too late")
    desk.reload()
    expect(orphan).to_contain_text("Typed too late")
    desk.unroute("**/note")
    orphan.get_by_text("Save it").click()
    expect(orphan).to_be_hidden()
    body = database.value("SELECT body FROM call_note WHERE call_id = %s", call)
    assert body == "Typed too late"


def test_a_result_that_was_not_stored_says_so(desk: Page, ava: Scene) -> None:
    talk(desk, ava)

    def away(route: Route) -> None:
        detail = "The database does not answer at the moment, so nothing was stored."
        body = {"detail": detail, "code": "database-away"}
        route.fulfill(status=503, content_type="application/problem+json", json=body)

    desk.route("**/dispositions", away)
    desk.click("form.codes[data-kind=sales] button[value=ACCEPTED]")
    error = desk.locator("form.codes[data-kind=sales] [data-error]")
    expect(error).to_contain_text("nothing was stored")
    desk.unroute("**/dispositions")
    choose(desk, "sales", "ACCEPTED")
    expect(error).to_be_hidden()


def test_a_call_of_another_agent_is_refused(
    desk: Page, windows: Windows, ava: Scene, at_desk: Callable[[str], Scene], database: Database
) -> None:
    call = talk(desk, ava)
    at_desk("ben")
    other = windows.desk("ben")
    refused = other.evaluate(
        """async (call) => {
            const { post } = await import("/static/desk/api.js");
            const form = { kind: "sales", code: "ACCEPTED", key: "0123456789" };
            const url = `/desk/calls/${call}/dispositions`;
            return post(url, form).catch((problem) => problem.message);
        }""",
        call,
    )
    assert refused.startswith("This call is not yours")
    assert database.rows("SELECT FROM disposition WHERE call_id = %s", call) == []
    other.goto(f"/offers/HAL-FIBER-BUNDLE?call={call}")
    expect(other.locator("h1")).to_contain_text("This call is not yours")


def test_a_card_that_came_without_the_database_is_completed(desk: Page, ava: Scene) -> None:
    call = ava.open_call(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.offer(call, thin=True)
    expect(desk.locator("#call-name")).to_have_text("Marcus Bell")
    ava.connect(call)
    expect(card(desk)).to_have_attribute("data-state", "connected")
    is_lit(desk, "sales")
    choose(desk, "sales", "ACCEPTED")


def test_the_phone_is_watched_and_missed(desk: Page, ava: Scene) -> None:
    ava.unplug()
    expect(desk.locator("#phone")).to_have_attribute("data-registered", "false")
    expect(desk.locator("#idle")).to_contain_text("no call can reach you")
    desk.click("[data-action=available]")
    expect(desk.locator(".toast")).to_contain_text("phone-ava is not registered")
    ava.plug_in()
    expect(desk.locator("#phone")).to_have_attribute("data-registered", "true")


def test_logging_out_ends_all_tabs_of_the_log_in(desk: Page, ava: Scene) -> None:
    tab = desk.context.new_page()
    tab.goto("/desk")
    expect(tab.locator("#link")).to_have_attribute("data-link", "live")
    desk.click(".who button")
    for page in (desk, tab):
        page.wait_for_url("**/login")
    assert ava.state == "offline"


def test_logging_out_in_a_call_is_asked_again(desk: Page, ava: Scene) -> None:
    talk(desk, ava)
    desk.click(".who button")
    expect(desk.locator("#leave")).to_be_visible()
    desk.click("[data-action=stay]")
    expect(card(desk)).to_be_visible()
    desk.click(".who button")
    desk.click("[data-action=leave]")
    desk.wait_for_url("**/login")
    assert ava.state == "on_call"


def test_too_many_failed_log_ins(windows: Windows) -> None:
    page = windows.open()
    for _ in range(5):
        page.goto("/login")
        page.fill("input[name=username]", "nobody-at-all")
        page.fill("input[name=password]", "guess")
        page.click("button[type=submit]")
        expect(page.locator("[role=alert]")).to_contain_text("do not belong together")
    page.fill("input[name=password]", "guess")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_contain_text("Too many failed tries")


def test_the_next_call_starts_clean(desk: Page, ava: Scene) -> None:
    first = talk(desk, ava)
    desk.fill("#note", "For the first")
    desk.fill("#lookup-q", DANA.account)
    choose(desk, "sales", "ACCEPTED")
    ava.hang_up(first)
    ava.end_wrap_up(first)
    ava.ring(DANA)
    expect(desk.locator("#call-name")).to_have_text("Dana Reed")
    expect(desk.locator("#note")).to_have_value("")
    expect(desk.locator("#lookup-q")).to_have_value("")
    expect(desk.locator("form.codes [aria-pressed=true]")).to_have_count(0)
