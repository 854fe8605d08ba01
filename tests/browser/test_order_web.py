"""A client orders in a browser: linked by a code, read back, placed once, followed live, paid."""

from __future__ import annotations

import re
from datetime import date, timedelta
from email import message_from_bytes

import pytest
from order_words import HOME, Client, add, place, tess
from playwright.sync_api import Page, expect
from test_desk_look import findings
from test_talk_look import fits

from conftest import Scheme, Windows
from cordboard.sipp import eventually
from support.order_browser import ENROLMENT

__all__ = ["tess"]


def test_from_the_code_to_an_order_that_is_followed(windows: Windows, tess: Client) -> None:
    page = tess.link(windows.open())
    add(page, "Butter croissant")
    page.get_by_role("link", name="Read it back").first.click()
    page.locator("label", has_text="Corner Pantry Lakeside").click()
    expect(page.locator("#ready")).to_contain_text("Corner Pantry Lakeside")
    page.wait_for_load_state()
    page.fill("#note", "Ring twice")
    assert len(kept(page)) == 1
    order = place(page)
    assert kept(page) == [], "what was taken is not kept any longer"
    (row,) = tess.orders()
    assert (str(row["id"]), row["state"], row["note"]) == (order, "placed", "Ring twice")
    expect(page.locator("[data-headline]")).to_have_text("Sent to the shop")
    tess.advance(order, "accepted")
    expect(page.locator("[data-headline]")).to_have_text("Accepted")
    expect(page.locator("#announce")).to_have_text("Accepted")
    tess.advance(order, "ready")
    expect(page.locator("[data-headline]")).to_have_text("Ready")
    expect(page.get_by_role("button", name="Cancel it")).to_have_count(0)


def test_two_tabs_and_a_double_click_are_one_order_as_it_was_shown(
    windows: Windows, tess: Client
) -> None:
    page = tess.link(windows.open())
    add(page, "Butter croissant")
    page.goto(f"{HOME}review")
    other = page.context.new_page()
    other.goto(HOME)
    add(other, "Baguette")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".notice")).to_contain_text("Look once more")
    expect(page.locator("#what .lines")).to_contain_text("Baguette")
    page.get_by_role("button", name="Place the order").dblclick()
    expect(page.locator("#now")).to_be_visible()
    other.goto(f"{HOME}review")
    expect(other.locator(".notice")).to_contain_text("nothing in your order")
    page.go_back()
    page.reload()
    (row,) = tess.orders()
    assert row["state"] == "placed"


def test_what_was_begun_by_telephone_goes_on_here_and_is_paid(
    windows: Windows, tess: Client
) -> None:
    begun = tess.began_by_telephone()
    page = tess.link(windows.open())
    expect(page.locator("#basket")).to_contain_text("Rye loaf")
    page.get_by_role("link", name="Read it back").first.click()
    page.locator("label", has_text="Online").click()
    assert place(page) == begun
    page.click("#pay")
    expect(page.locator("h1")).to_have_text("Test payment")
    page.get_by_role("button", name="Decline").click()
    expect(page.locator(".notice").first).to_contain_text("declined")
    page.click("#pay")
    page.get_by_role("button", name=re.compile("^Pay")).click()
    expect(page.locator("#now")).to_contain_text("It is paid.")
    expect(page.locator("#pay")).to_have_count(0)


def test_what_is_typed_outlives_a_reload_and_a_wrong_form(windows: Windows) -> None:
    page = windows.open(width=390, height=844)
    page.goto(HOME)
    page.fill("#first_name", "Nils")
    page.fill("#street", "5 Heron Street")
    page.reload()
    expect(page.locator("#street")).to_have_value("5 Heron Street")
    page.get_by_role("button", name="Enrol").click()
    expect(page.locator("#postcode-error")).to_be_visible()
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#problem")).to_be_in_viewport()
    expect(page.locator("#first_name")).to_have_value("Nils")


def test_what_a_client_typed_is_not_shown_to_the_next_one(windows: Windows, tess: Client) -> None:
    page = tess.link(windows.open())
    add(page, "Butter croissant")
    page.goto(f"{HOME}review")
    page.fill("#note", "To the back door")
    page.goto(f"{HOME}settings")
    page.fill("#name", "Breakfast")
    page.locator("[data-keep=dial] button").click()
    expect(page.locator(".notice").first).to_be_visible()
    expect(page.locator("#name")).to_have_value("")
    page.goto(f"{HOME}review")
    expect(page.locator("#note")).to_have_value("To the back door")
    page.goto(f"{HOME}settings")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Unlink this browser").click()
    expect(page.locator("#first_name")).to_be_visible()
    page.wait_for_load_state()
    assert kept(page) == []

    for name in ("first_name", "last_name", "number", "email", "street", "postcode", "city"):
        page.fill(f"#{name}", ENROLMENT[name])
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Enrol").click()
    expect(page.locator("h1")).to_have_text("Hello Nils")
    page.wait_for_load_state()
    assert kept(page) == []
    page.goto(f"{HOME}welcome")
    expect(page.locator("#first_name")).to_have_value("")


def test_a_changed_order_keeps_its_address_its_time_and_its_note(
    windows: Windows, tess: Client
) -> None:
    page = tess.link(windows.open())
    add(page, "Butter croissant")
    page.goto(f"{HOME}review")
    page.locator("label", has_text="Delivery").click()
    page.locator("label", has_text="Later").click()
    at = f"{date.today() + timedelta(days=7)}T12:00"
    wanted = {"street": "9 Ash Street", "postcode": "60601", "city": "Chicago", "note": "No nuts"}
    for name, text in wanted.items():
        page.fill(f"#{name}", text)
    page.fill("#at", at)
    page.locator("#at").blur()
    expect(page.locator("#ready")).to_contain_text("Delivery")
    place(page)
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("h1")).to_have_text("Your changed order")
    for name, text in {**wanted, "at": at}.items():
        expect(page.locator(f"#{name}")).to_have_value(text)
    place(page)
    first, second = tess.orders()
    assert (first["state"], second["state"]) == ("cancelled", "placed")
    assert [second[name] for name in (*wanted, "due_at")] == [
        first[name] for name in (*wanted, "due_at")
    ]
    assert second["street"] == "9 Ash Street"


def kept(page: Page) -> list[str]:
    """Names of forms whose text this tab keeps."""
    keys = "Object.keys(sessionStorage).filter((key) => key.startsWith('order-typed:'))"
    found: list[str] = page.evaluate(keys)
    return found


def test_an_accepted_order_is_told_by_e_mail(windows: Windows, tess: Client) -> None:
    page = tess.link(windows.open())
    add(page, "Butter croissant")
    page.goto(f"{HOME}review")
    order = place(page)
    tess.advance(order, "accepted")
    folder = tess.settings.run / "outbox"

    def mails() -> list[str]:
        query = "SELECT id FROM outbox WHERE order_id = %s AND state = 'sent'"
        files = [folder / f"{row['id']}.eml" for row in tess.database.rows(query, order)]
        return [str(message_from_bytes(f.read_bytes())["Subject"]) for f in files]

    found = eventually(lambda: [m for m in mails() if "accepted" in m], what="the e-mail is sent")
    number = tess.orders()[0]["number"]
    assert found == [f"Corner Pantry: order {number} is accepted"]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_everybody_can_use_it(windows: Windows, tess: Client, width: int, scheme: Scheme) -> None:
    page = windows.open(width=width, height=844, scheme=scheme)
    page.goto(HOME)
    page.get_by_role("button", name="Enrol").click()
    expect(page.locator("#problem")).to_be_visible()
    assert (findings(page), fits(page)) == ([], True)
    tess.link(page)
    add(page, "Butter croissant")
    for path in ("", "review", "settings"):
        page.goto(f"{HOME}{path}")
        assert (path, findings(page), fits(page)) == (path, [], True)
    page.goto(f"{HOME}review")
    page.locator("label", has_text="Delivery").click()
    expect(page.locator("#street")).to_be_visible()
    assert (findings(page), fits(page)) == ([], True)
    place(page)
    assert (findings(page), fits(page)) == ([], True)
    page.goto(f"{HOME}orders")
    assert (findings(page), fits(page)) == ([], True)
