"""One visit from the link to the survey, in a window; the telephone is played by a scene."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from talk_words import NUMBER, Visit, fill, phase

from conftest import Windows
from support.database import Database

BASKETS = "Gift baskets"


def test_from_the_link_to_the_survey(windows: Windows, visit: Visit, database: Database) -> None:
    page = windows.open()
    scene = visit.ask(page, note="Is there one without nuts?")
    phase(page, "connect")
    row = scene.row
    assert (row["number"], row["note"]) == (NUMBER, "Is there one without nuts?")
    assert (row["state"], row["page_title"]) == ("waiting", BASKETS)
    assert row["consent_text"].startswith("I agree that Corner Pantry calls me at this number")

    scene.dial().leg("customer", "dialling", "ringing")
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    expect(page.locator("[data-phase=connect] [data-title]")).to_have_text("Your phone rings")
    scene.leg("customer", "answered").leg("agent", "dialling", "ringing")
    expect(page.locator("[data-leg=agent] [data-word]")).to_have_text("ringing")

    scene.connect()
    phase(page, "talk")
    expect(page.locator("[data-phase=talk] h1")).to_have_text("You are talking with Gus")

    push = scene.push(BASKETS, visit.shop())
    frame = page.frame_locator(".shown iframe")
    expect(frame.locator("h1")).to_have_text(BASKETS)
    assert scene.desk_hears("page.shown")["push_id"] == push
    seconds = scene.desk_hears("page.viewed")["seconds"]
    assert seconds >= 1
    assert database.value("SELECT shown_at FROM page_push WHERE id = %s", push) is not None

    second = scene.push("Cheese of the month", visit.shop("/cheese"))
    expect(page.locator(".shown")).to_have_attribute("data-push", second)
    page.click(f"#history [data-push='{push}']")
    expect(page.locator(".shown")).to_have_attribute("data-push", push)

    scene.hang_up()
    phase(page, "done")
    expect(page.locator("[data-agent-name]")).to_have_text("Gus")
    expect(page.locator(".page-list li")).to_have_text([BASKETS, "Cheese of the month"])
    page.fill("#comment", "Very kind")
    page.reload()
    expect(page.locator("#comment")).to_have_value("Very kind")
    page.locator(".stars label").nth(3).click()
    page.click("#survey button")
    expect(page.locator(".thanks")).to_be_visible()
    survey = database.rows(
        "SELECT score, comment FROM visitor_survey WHERE request_id = %s", scene.request
    )
    assert survey == [{"score": 4, "comment": "Very kind"}]

    page.reload()
    phase(page, "done")
    expect(page.locator(".thanks")).to_be_visible()
    page.click("text=Call again")
    expect(page.locator("#number")).to_have_value("+1 312-555-0163")


def test_the_page_is_the_same_after_a_reload_at_each_step(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.link(title=BASKETS))
    page.fill("#note", "typed before the reload")
    page.reload()
    expect(page.locator("#note")).to_have_value("typed before the reload")
    fill(page)
    page.click("button[type=submit]")
    scene = visit.scene(page)
    page.reload()
    phase(page, "connect")
    scene.dial().leg("customer", "ringing")
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    page.reload()
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    scene.connect()
    phase(page, "talk")
    push = scene.push(BASKETS, visit.shop())
    expect(page.locator(".shown")).to_have_attribute("data-push", push)
    page.reload()
    phase(page, "talk")
    expect(page.locator(".shown")).to_have_attribute("data-push", push)
    expect(page.locator("[data-phase=talk] h1")).to_have_text("You are talking with Gus")
    scene.hang_up()
    phase(page, "done")
    page.reload()
    phase(page, "done")
    expect(page.locator(".page-list li")).to_have_count(1)


def test_an_attempt_that_failed_is_followed_by_another_or_by_the_reason(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    scene = visit.ask(page)
    scene.dial().leg("customer", "ringing", "ended").fail("busy")
    phase(page, "retry")
    expect(page.locator("[data-phase=retry] h1")).to_have_text("Your line was busy")
    for _ in range(2):
        scene.dial()
        phase(page, "connect")
        scene.fail("no_answer")
    phase(page, "failed")
    expect(page.locator("[data-phase=failed] h1")).to_have_text("We could not reach you")
    expect(page.locator("[data-phase=failed] [data-hint]")).to_have_text("Nobody answered.")
    expect(page.locator("[data-phase=failed] a[href^='tel:']")).to_have_text(
        re.compile(r"Call \+1 202-555-011\d")
    )


def test_the_visitor_ends_the_call(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().connect()
    phase(page, "talk")
    with page.expect_response("**/end*"):
        page.click("[data-action=end]")
    assert scene.asked_to_end() == ["visitor"]
    scene.hang_up()
    phase(page, "done")


def test_the_visitor_takes_the_request_back(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page)
    page.click("[data-phase=connect] [data-action=cancel]")
    phase(page, "failed")
    expect(page.locator("[data-phase=failed] h1")).to_have_text("The call is cancelled")
    assert scene.row["state"] == "cancelled"


def test_a_call_at_a_chosen_time(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.link())
    fill(page)
    page.locator("label", has_text="Later").click()
    page.locator("label", has_text="Another time").click()
    tomorrow = page.evaluate(
        "new Date(Date.now() + 86400000 - new Date().getTimezoneOffset() * 60000)"
        ".toISOString().slice(0, 11) + '15:30'"
    )
    page.fill("#at", tomorrow)
    page.click("button[type=submit]")
    scene = visit.scene(page)
    phase(page, "later")
    expect(page.locator("[data-phase=later] [data-due]")).to_contain_text("3:30")
    assert scene.row["due_at"].strftime("%H:%M") == "15:30"  # the test's browser lives in UTC


def test_a_page_that_forbids_framing_is_opened_by_the_visitor(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().connect()
    push = scene.push("Gift cards", visit.shop("/gift"), framing="window")
    expect(page.locator(".shown")).to_have_attribute("data-framing", "window")
    assert scene.desk_heard("page.shown") == []
    with page.expect_popup() as opened:
        page.click("[data-open-window]")
    expect(opened.value.locator("h1")).to_have_text("Gift cards")
    page.bring_to_front()
    assert scene.desk_hears("page.shown")["push_id"] == push


def test_the_record_of_a_push_may_come_after_the_push(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().connect()
    with page.expect_response("**/shown*"):
        push = scene.push(BASKETS, visit.shop(), record=False)
    scene.record_push(push, BASKETS, visit.shop())
    assert scene.desk_hears("page.shown")["push_id"] == push


@pytest.fixture
def proof(database: Database) -> Iterator[None]:
    with database.changed("dialling_policy", {"subscriber_id": 2}, proof_required=True):
        yield


def test_the_code_to_key_is_shown_when_the_company_wants_proof(
    windows: Windows, visit: Visit, proof: None
) -> None:
    page = windows.open()
    scene = visit.ask(page)
    shown = page.locator("[data-phase=connect] [data-proof] strong")
    expect(shown).to_have_text(re.compile(r"^\d{4}$"))
    assert scene.row["proof_code"] == shown.inner_text()
