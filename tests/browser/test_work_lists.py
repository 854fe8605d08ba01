"""Work lists of agents in real browsers: two of them type what two new clients said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser_words import findings
from playwright.sync_api import Page, expect
from test_ops import fits

from conftest import Windows, log_in
from cordboard.settings import Settings
from db.orders import ask
from db.queries import sql
from support.database import Database
from support.enrolments import enrolled, forget
from support.shop_orders import CODES, LAKE, made_elsewhere, paid_and_cancelled, place, read, remove

Json = dict[str, Any]


@pytest.fixture
def new(database: Database) -> Iterator[list[Json]]:
    """Two new clients, the older one first."""
    made = [enrolled(database, f"+1773559090{n}") for n in range(2)]
    yield made
    forget(database, *made)


def enrolments(windows: Windows, username: str, **window: Any) -> Page:
    page = windows.open(**window)
    log_in(page, username)
    page.goto("/desk/enrolments")
    return page


def own(page: Page) -> str:
    return page.locator("#enrolment").get_attribute("data-enrolment") or ""


def test_two_agents_type_two_enrolments(
    windows: Windows, new: list[Json], database: Database
) -> None:
    gus, hana = enrolments(windows, "gus"), enrolments(windows, "hana", width=390, scheme="dark")
    for page in (gus, hana):
        page.get_by_role("button", name="Take the oldest").click()
    assert [own(gus), own(hana)] == [one["enrolment"] for one in new]
    for page in (gus, hana):
        fits(page)
        assert findings(page) == []

    player = gus.locator("audio[data-what=name]")
    gus.wait_for_function("document.querySelector('audio').duration > 0.4")
    gus.get_by_role("radio", name="0.75 ×").check()
    assert player.evaluate("player => player.playbackRate") == 0.75

    gus.get_by_label("First name").fill("Ada")
    expect(gus.locator("[data-kept]")).to_contain_text("Kept in this browser")
    gus.reload()
    expect(gus.get_by_label("First name")).to_have_value("Ada")
    gus.get_by_label("Last name").fill("Moor")
    gus.get_by_label("Postcode").fill("00000")
    gus.keyboard.press("Enter")
    expect(gus.locator("#e-postcode")).to_contain_text("There is no postcode 00000")
    expect(gus.get_by_label("Postcode")).to_be_focused()
    expect(gus.get_by_label("Last name")).to_have_value("Moor")
    gus.get_by_label("Postcode").fill("60601")
    gus.keyboard.press("Enter")
    expect(gus.get_by_text("The recordings are deleted")).to_be_visible()
    name = "SELECT first_name || ' ' || last_name || ', ' || city FROM customer WHERE id = %s"
    assert database.value(name, new[0]["customer"]) == "Ada Moor, Chicago"

    hana.get_by_text("Nothing can be understood").click()
    hana.get_by_label("Why it is discarded").fill("Only noise")
    hana.keyboard.press("Enter")
    expect(hana.get_by_text("The recordings are deleted")).to_be_visible()


def test_what_was_typed_is_not_kept_by_who_types_it_no_more(
    windows: Windows, new: list[Json], database: Database
) -> None:
    gus, hana = enrolments(windows, "gus"), enrolments(windows, "hana")
    for way in ("released", "taken by somebody else"):
        gus.get_by_role("button", name="Take the oldest").click()
        expect(gus.get_by_label("First name")).to_be_focused()
        gus.get_by_label("First name").fill("Ada")
        assert kept(gus) == [f"cb:enrolment:{new[0]['enrolment']}"]
        if way == "released":
            gus.get_by_role("button", name="Leave it to somebody else").click()
            expect(gus.locator("#enrolment")).to_have_count(0)
            gus.wait_for_load_state()
        else:
            database.connection.execute("UPDATE enrolment SET claimed_until = now()")
            gus.reload()
            assert len(kept(gus)) == 1, "it may still be taken again"
            hana.get_by_role("button", name="Take the oldest").click()
            expect(hana.locator("#enrolment")).to_be_visible()
            gus.reload()
        assert kept(gus) == [], way


def kept(page: Page) -> list[str]:
    """What this browser keeps of enrolments."""
    keys = "Object.keys(localStorage).filter((key) => key.startsWith('cb:enrolment:'))"
    found: list[str] = page.evaluate(keys)
    return found


@pytest.fixture
def moved(database: Database, stack: Settings) -> Iterator[Json]:
    """An order to be fetched elsewhere now, by a client who cannot be written to."""
    with made_elsewhere(database.connection, stack) as made:
        yield made


def test_a_client_is_told_that_the_order_is_made_elsewhere(
    windows: Windows, moved: Json, database: Database, stack: Settings
) -> None:
    page = windows.desk("gus", width=390, height=844)
    page.locator("a:has([data-work=orders])").click()
    found = page.locator(f'[data-order="{moved["order"]}"]')
    expect(found).to_contain_text("Corner Pantry Lakeside, 240 Gull Street, Chicago")
    expect(found).to_contain_text("+1 312-555-0150")
    page.wait_for_load_state()
    fits(page)
    assert findings(page) == []
    found.get_by_role("button", name="The client knows").press("Enter")
    expect(found).to_have_count(0)
    assert read(database.connection, stack, moved)["to_tell"] is False


def test_a_long_list_is_left_alone_until_it_changes(
    windows: Windows, moved: Json, database: Database, stack: Settings
) -> None:
    """More wait than are shown; what is ticked is not thrown away by a reload."""
    conn = database.connection
    made: list[Json] = []
    try:
        for _ in range(51):
            made.append(place(conn, stack))
            asked = {"order": made[-1]["order"], "version": made[-1]["version"]}
            assert ask(conn, stack, sql.pass_over_order, location=None, **asked)
        page = windows.desk("gus", width=390, height=844)
        page.clock.install()
        page.goto("/desk/orders")
        expect(page.locator("main")).to_contain_text("51 of 52 are shown")
        expect(page.locator("[data-order]")).to_have_count(51)
        fits(page)
        page.evaluate("window.sameLoad = true")
        for _ in range(2):
            with page.expect_response("**/desk/work"):
                page.clock.run_for(5_000)
        page.wait_for_load_state()
        assert page.evaluate("window.sameLoad") is True
        remove(conn, [made.pop()])
        knows = page.get_by_label("The client knows where it is made").first
        knows.check()
        page.clock.run_for(5_000)
        expect(page.get_by_text("The list has changed")).to_be_visible()
        knows.uncheck()
        with page.expect_navigation():
            page.clock.run_for(5_000)
        expect(page.locator("main")).not_to_contain_text("are shown")
    finally:
        remove(conn, made)


def test_an_order_that_no_location_took_is_assigned_and_what_was_paid_is_paid_back(
    windows: Windows, database: Database, stack: Settings
) -> None:
    conn = database.connection
    order, paid = place(conn, stack), paid_and_cancelled(conn, stack)
    try:
        asked = {"order": order["order"], "location": None, "version": order["version"]}
        assert ask(conn, stack, sql.pass_over_order, **asked)
        page = windows.desk("gus", width=390, height=844, scheme="dark")
        page.locator("a:has([data-work=orders])").click()
        found = page.locator(f'[data-order="{order["order"]}"]')
        expect(found).to_contain_text("+1 312-555-0150")
        page.wait_for_load_state()
        fits(page)
        assert findings(page) == []
        found.get_by_label("Location").select_option(CODES[LAKE])
        found.get_by_role("button", name="Assign").click()
        expect(found).to_have_count(0)
        assert read(conn, stack, order)["location"]["code"] == CODES[LAKE]
        owed = page.locator(f'[data-order="{paid["order"]}"]')
        expect(owed).to_contain_text("$6.53 at test")
        owed.get_by_role("button", name="Take it").press("Enter")
        expect(owed).to_contain_text("$6.53 at test, reference T-77")
        hana = windows.desk("hana")
        hana.goto("/desk/orders")
        hers = hana.locator(f'[data-order="{paid["order"]}"]')
        expect(hers).to_contain_text("Gus Hartley pays it back, until")
        expect(hers.get_by_role("button")).to_have_count(0)
        owed.locator("summary").press("Enter")
        expect(owed).to_contain_text("Have you paid $6.53 back to Rosa Klein at test?")
        for window in (page, hana):
            fits(window)
            assert findings(window) == []
        assert read(conn, stack, paid)["payment"]["repaid_at"] is None, "it is asked first"
        owed.get_by_role("button", name="Yes, it is paid back").press("Enter")
        expect(owed).to_have_count(0)
        assert read(conn, stack, paid)["payment"]["repaid_at"]
    finally:
        remove(conn, [order, paid])
