"""The operations area in a real browser: by keyboard, on a phone, by day and by night."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import orjson
import pytest
from playwright.sync_api import Page, expect
from test_desk_look import findings

from conftest import Scheme, Windows, log_in
from cordboard.settings import load_settings
from support import stack as local
from support.database import Database

LISTS = ("/ops", "/ops/requests", "/ops/refusals", "/ops/routing", "/ops/pages", "/ops/groups",
         "/ops/do-not-call", "/ops/audit", "/ops/offers", "/ops/offers/1/rules",
         "/ops/decisions?subscriber=halyard")  # fmt: skip
FORMS = ("/ops/routing/new?subscriber=pantry", "/ops/pages/new?subscriber=pantry",
         "/ops/presence?subscriber=pantry", "/ops/policy?subscriber=pantry",
         "/ops/secrets?subscriber=pantry", "/ops/offers/new?subscriber=pantry", "/ops/offers/1",
         "/ops/offers/1/rules/1", "/ops/decision-policy?subscriber=pantry",
         "/ops/what-if?subscriber=halyard&customer=H10002")  # fmt: skip


@pytest.fixture
def clean(stack: object, database: Database) -> Iterator[Database]:
    """Nothing of these tests stays."""
    yield database
    database.rows("DELETE FROM routing_rule WHERE subject_code LIKE 'TEA%%' RETURNING 1")
    database.rows("DELETE FROM page WHERE digits LIKE '77%%' RETURNING 1")


@pytest.fixture
def request_id(clean: Database) -> Iterator[str]:
    """Somebody who wants to be called far in the future."""
    wish = {
        "subscriber": "pantry",
        "subject": "ORDERS",
        "source": "web",
        "number": "+13125550150",
        "note": "Is the large one in stock?",
        "page_title": "Baskets",
        "wanted_ms": 4_000_000_000_000,
        "key": uuid.uuid4().hex,
    }
    query = "SELECT request::text FROM make_request_v1(%s::jsonb)"
    made = str(clean.value(query, orjson.dumps(wish).decode()))
    yield made
    clean.rows("DELETE FROM call_request WHERE id = %s RETURNING 1", made)


@pytest.fixture
def refused(clean: Database) -> Iterator[None]:
    """Numbers that were refused for several reasons, which the chart draws."""
    made = clean.rows(
        "INSERT INTO policy_refusal (subscriber_id, number, reason)"
        " SELECT 2, '+13125550150', unnest(ARRAY['do_not_call', 'region_not_allowed',"
        " 'number_type_not_allowed', 'outside_calling_hours']) RETURNING id"
    )
    yield
    for row in made:
        clean.rows("DELETE FROM policy_refusal WHERE id = %s RETURNING 1", row["id"])


@pytest.fixture
def ops(windows: Windows, clean: Database) -> Page:
    page = windows.open()
    log_in(page, "olga")
    return page


def fits(page: Page) -> bool:
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return bool(page.evaluate(wide) <= 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(windows: Windows, request_id: str, scheme: Scheme) -> None:
    page = windows.open(scheme=scheme)
    log_in(page, "olga")
    for path in (*LISTS, *FORMS, f"/ops/requests/{request_id}"):
        page.goto(path)
        assert findings(page) == [], path
    page.goto(FORMS[0])
    page.click("button:text-is('Save')")
    expect(page.locator("[data-summary]")).to_be_focused()
    assert findings(page) == []


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_wider_than_the_window(
    windows: Windows, request_id: str, refused: None, width: int
) -> None:
    page = windows.open(width=width, height=844)
    log_in(page, "olga")
    for path in (*LISTS, *FORMS, f"/ops/requests/{request_id}"):
        page.goto(path)
        assert fits(page), path


def test_a_rule_is_added_by_keyboard_with_its_preview(ops: Page, clean: Database) -> None:
    ops.goto("/ops/routing/new?subscriber=pantry")
    ops.focus("#subject_code")
    ops.keyboard.type("TEA-TIME")
    ops.keyboard.press("Tab")
    ops.keyboard.type("Tea")
    ops.keyboard.press("Tab")
    ops.keyboard.press("ArrowDown")  # a call centre elsewhere
    expect(ops.locator("#external")).to_be_visible()
    expect(ops.locator("#group_id")).to_be_hidden()
    ops.keyboard.press("Tab")
    ops.keyboard.type("202 555 0190")
    ops.fill("#whisper_template", "{company}. {subject}. {wrong}")
    expect(ops.locator("[data-preview]")).to_have_text("Corner Pantry. Tea. {wrong}")
    expect(ops.locator("[data-preview-error]")).to_have_text("Not known: {wrong}")
    ops.fill("#whisper_template", "{company}. {subject}. Looking at {page_title}. {note}")
    expect(ops.locator("[data-preview]")).to_contain_text("Tea. Looking at Gift baskets")
    expect(ops.locator("[data-bare]")).to_have_text("Corner Pantry. Tea.")
    expect(ops.locator("[data-preview-error]")).to_be_hidden()
    ops.fill("[name=tag2-0-key]", "CAMPAIGN")
    ops.fill("[name=tag2-0-value]", "autumn")
    ops.locator("[data-pairs=tag2] [data-add]").focus()
    ops.keyboard.press("Enter")
    ops.keyboard.type("SHELF")
    ops.keyboard.press("Tab")
    ops.keyboard.type("7")
    ops.locator("button:has-text('Save')").focus()
    ops.keyboard.press("Enter")
    expect(ops.locator(".alert.good")).to_contain_text("Saved: TEA-TIME")
    row = clean.rows("SELECT * FROM routing_rule WHERE subject_code = 'TEA-TIME'")[0]
    assert row["tag2"] == {"CAMPAIGN": "autumn", "SHELF": "7"}
    assert row["external"] == "+12025550190"


def test_what_is_wrong_stands_at_its_field_and_is_led_to(ops: Page) -> None:
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.fill("#digits", "0")
    ops.fill("#title", "Tea")
    ops.fill("#url", "javascript:alert(1)")
    ops.click("button:text-is('Save')")
    expect(ops.locator("[data-summary]")).to_be_focused()
    expect(ops.locator("#url")).to_have_value("javascript:alert(1)")
    expect(ops.locator("#url")).to_have_attribute("aria-invalid", "true")
    described = ops.locator("#url").get_attribute("aria-describedby") or ""
    assert "url-error" in described.split()
    ops.click("[data-summary] a[href='#url']")
    expect(ops.locator("#url")).to_be_focused()


def test_typed_text_survives_a_closed_tab(ops: Page) -> None:
    ops.goto("/ops/routing/new?subscriber=pantry")
    ops.fill("#subject_code", "TEA-LEAF")
    ops.fill("#name", "Loose leaves")
    ops.click("[data-pairs=tag2] [data-add]")
    ops.fill("[name=tag2-1-key]", "SHELF")
    ops.fill("[name=tag2-1-value]", "7")
    other = ops.context.new_page()
    ops.close()
    other.goto("/ops/routing/new?subscriber=pantry")
    expect(other.locator("#name")).to_have_value("")
    other.click("text=Put it back")
    expect(other.locator("#name")).to_have_value("Loose leaves")
    expect(other.locator("[name=tag2-1-value]")).to_have_value("7")
    other.check("[name=destination][value=external]")
    other.fill("#external", "+12025550190")
    other.click("button:text-is('Save')")
    expect(other.locator(".alert.good")).to_contain_text("Saved")
    # The page is shown before its script has run, which ends the draft.
    other.wait_for_load_state()
    other.goto("/ops/routing/new?subscriber=pantry")
    expect(other.locator(".draft")).to_have_count(0)


def test_typed_text_survives_the_end_of_the_session(ops: Page) -> None:
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.fill("#title", "Tea in tins")
    ops.context.clear_cookies()
    ops.click("button:text-is('Save')")
    expect(ops.locator("h1")).to_contain_text("out of date")
    log_in(ops, "olga")
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.click("text=Put it back")
    expect(ops.locator("#title")).to_have_value("Tea in tins")


def test_typed_text_survives_an_outage_of_the_database(ops: Page, clean: Database) -> None:
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.fill("#digits", "772")
    ops.fill("#title", "Tea in tins")
    ops.fill("#url", "https://shop.example/tins")
    with local.stopped(load_settings(local.INSTANCE), "postgres"):
        ops.click("button:text-is('Save')")
        expect(ops.locator("h1")).to_contain_text("database does not answer")
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.click("text=Put it back")
    ops.click("button:text-is('Save')")
    expect(ops.locator(".alert.good")).to_contain_text("*772#")


def test_two_who_edit_the_same_page(windows: Windows, ops: Page, clean: Database) -> None:
    ops.goto("/ops/pages/new?subscriber=pantry")
    ops.fill("#digits", "771")
    ops.fill("#title", "Tea")
    ops.fill("#url", "https://shop.example/tea")
    ops.click("button:text-is('Save')")
    ops.click("td a:text-is('Tea')")
    late = windows.open()
    log_in(late, "olga")
    late.goto(ops.url)
    ops.fill("#title", "Green tea")
    ops.click("button:text-is('Save')")
    late.fill("#title", "Black tea")
    late.click("button:text-is('Save')")
    expect(late.locator("[data-summary]")).to_contain_text("saved this while you were editing")
    expect(late.locator("#title")).to_have_value("Black tea")
    expect(late.locator("#title-stored")).to_have_text("Stored now: Green tea")
    late.click("button:text-is('Save')")
    expect(late.locator(".alert.good")).to_be_visible()
    assert clean.value("SELECT title FROM page WHERE digits = '771'") == "Black tea"


def test_the_list_of_requests_follows_by_itself(
    ops: Page, request_id: str, clean: Database
) -> None:
    ops.goto("/ops/requests?subscriber=pantry")
    row = ops.locator("tr", has=ops.locator(f"[data-key='{request_id}']"))
    expect(row).to_contain_text("Waiting")
    clean.rows("SELECT cancel_request_v1(%s, 'test')", request_id)
    expect(row).to_contain_text("Taken back")


def test_a_request_is_taken_back_after_being_asked_again(
    ops: Page, request_id: str, clean: Database
) -> None:
    ops.goto(f"/ops/requests/{request_id}")
    ops.click("button.danger")
    expect(ops.locator("button.danger")).to_have_text("Really take it back?")
    ops.click("button.danger")
    expect(ops.locator(".alert.good")).to_contain_text("Taken back")
    state = "SELECT state::text FROM call_request WHERE id = %s"
    assert clean.value(state, request_id) == "cancelled"


def test_on_a_phone_the_menu_opens_and_leads_on(windows: Windows, clean: Database) -> None:
    page = windows.open(width=390, height=844)
    log_in(page, "olga")
    expect(page.locator("#ops-menu nav")).to_be_hidden()
    page.click("#ops-menu summary")
    page.click("#ops-menu >> text=Dialling policy")
    expect(page.locator("h1")).to_have_text("Dialling policy")
    expect(page.locator("#ops-menu summary")).to_contain_text("Dialling policy")


def test_a_colour_shows_at_once_how_it_reads(ops: Page) -> None:
    ops.goto("/ops/presence?subscriber=pantry")
    ops.fill("#accent", "#ffd400")
    expect(ops.locator("[data-samples] >> text=below 4.5").first).to_be_visible()
    ops.fill("#accent", "#0b3d91")
    expect(ops.locator("[data-shade=day] >> text=below 4.5")).to_have_count(0)


def test_a_new_secret_is_the_same_when_the_page_is_loaded_again(ops: Page, clean: Database) -> None:
    try:
        ops.goto("/ops/secrets?subscriber=pantry")
        ops.get_by_label("What it is for").fill("browser test")
        ops.get_by_role("button", name="Make a secret").click()
        made = ops.locator("[data-secret]").inner_text()
        ops.reload()
        expect(ops.locator("[data-secret]")).to_have_text(made)
        expect(ops.get_by_role("rowheader", name="browser test")).to_have_count(1)
    finally:
        clean.rows("DELETE FROM subscriber_secret WHERE label = 'browser test' RETURNING 1")
