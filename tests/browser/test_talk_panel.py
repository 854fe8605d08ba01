"""The panel on a shop page of another site, and the window where a panel cannot be."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from talk_words import NUMBER, TYPED, Visit, fill, panel, panel_frame, phase

from conftest import Windows
from cordboard.sipp import eventually

BUTTON = "button[data-cordboard-talk]"


def open_panel(page: Page, url: str) -> None:
    page.goto(url)
    page.click(BUTTON)
    expect(panel(page).locator("#number")).to_be_visible()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_visit_in_the_panel(windows: Windows, visit: Visit, host: str) -> None:
    page = windows.open()
    page.goto(visit.shop("/cheese", host))
    page.goto(visit.shop("/baskets", host))
    page.click(BUTTON)
    fill(panel(page))
    panel(page).locator("button[type=submit]").click()
    scene = visit.scene(panel_frame(page))
    titles = [viewed["title"].partition(" · ")[0] for viewed in scene.row["pages"]]
    assert titles == ["Cheese of the month", "Gift baskets"]
    assert scene.row["page_title"] == "Gift baskets"

    scene.dial().connect()
    phase(panel(page), "talk")
    scene.push("Fresh coffee", visit.shop("/coffee", host))
    pushed = panel(page).frame_locator(".shown iframe")
    expect(pushed.locator("h1")).to_have_text("Fresh coffee")
    scene.hang_up()
    phase(panel(page), "done")


def test_the_call_stays_in_the_panel_from_page_to_page(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    open_panel(page, visit.shop())
    fill(panel(page))
    panel(page).locator("button[type=submit]").click()
    scene = visit.scene(panel_frame(page))
    scene.dial().connect()
    phase(panel(page), "talk")
    page.goto(visit.shop("/coffee"))
    phase(panel(page), "talk")
    assert page.evaluate("document.activeElement.tagName") == "BODY"  # the page keeps the focus
    page.click(BUTTON)  # one call at a time: back to it
    phase(panel(page), "talk")
    page.locator("section.panel button[aria-label=Close]").click()
    pill = page.locator("button.pill")
    expect(pill).to_be_focused()
    pill.click()
    phase(panel(page), "talk")
    scene.hang_up()
    phase(panel(page), "done")
    page.goto(visit.shop("/cheese"))
    expect(page.locator("section.panel")).to_have_count(0)


def test_the_number_is_remembered_only_when_the_visitor_says_so(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    for remember, found in ((False, ""), (True, NUMBER)):
        open_panel(page, visit.shop())
        fill(panel(page))
        panel(page).locator("input[name=remember]").set_checked(remember)
        panel(page).locator("button[type=submit]").click()
        visit.scene(panel_frame(page))
        panel(page).locator("[data-phase=connect] [data-action=cancel]").click()
        phase(panel(page), "failed")
        open_panel(page, visit.shop("/cheese"))
        expect(panel(page).locator("#number")).to_have_value(found)
    stored = page.evaluate("Object.keys(localStorage)")
    assert stored == ["cordboard-number"]


def test_escape_closes_the_panel_and_the_focus_goes_back(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.shop())
    page.locator(BUTTON).focus()
    page.keyboard.press("Enter")
    # This part shows when the two pages know each other: from then on keys are listened for.
    expect(panel(page).locator("[data-part=remember]")).to_be_visible()
    panel(page).locator("#number").focus()
    page.keyboard.press("Escape")
    expect(page.locator("section.panel")).to_be_hidden()
    expect(page.locator(BUTTON)).to_be_focused()


@pytest.mark.parametrize(
    ("path", "selector"),
    [("/", "span[data-cordboard-talk]"), ("/baskets", "a[data-cordboard-talk]")],
)
def test_any_element_becomes_a_button(
    windows: Windows, visit: Visit, path: str, selector: str
) -> None:
    page = windows.open()
    page.goto(visit.shop(path))
    element = page.locator(selector)
    expect(element).to_have_attribute("aria-haspopup", "dialog")
    element.focus()
    page.keyboard.press("Enter")
    expect(panel(page).locator("#number")).to_be_visible()


def test_on_a_narrow_screen_it_is_a_window(windows: Windows, visit: Visit) -> None:
    page = windows.open(width=390, height=844)
    page.goto(visit.shop())
    with page.expect_popup() as opened:
        page.click(BUTTON)
    window = opened.value
    fill(window)
    window.locator("input[name=remember]").check()
    window.click("button[type=submit]")
    visit.scene(window)
    remembered = "JSON.parse(localStorage.getItem('cordboard-number'))"
    eventually(lambda: page.evaluate(remembered) == NUMBER, what="the number is remembered")


def test_without_cookies_in_panels_it_goes_on_in_a_window(windows: Windows, visit: Visit) -> None:
    page = windows.open()

    def drop_cookies(route: object) -> None:
        answer = route.fetch(max_redirects=0)  # type: ignore[attr-defined]
        kept = {k: v for k, v in answer.headers.items() if k.lower() != "set-cookie"}
        route.fulfill(response=answer, headers=kept)  # type: ignore[attr-defined]

    page.route("**/talk/pantry/**", drop_cookies)
    page.goto(visit.shop())
    page.click(BUTTON)
    go_on = panel(page).locator("a", has_text="Go on in a window")
    expect(go_on).to_be_visible()
    with page.expect_popup() as opened:
        go_on.click()
    fill(opened.value)
    opened.value.click("button[type=submit]")
    visit.scene(opened.value)


def test_what_is_typed_survives_a_reload_where_nothing_can_be_stored(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    refuse = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
    page.add_init_script(
        "if (window.top !== window) for (const name of ['sessionStorage', 'localStorage'])"
        f" Object.defineProperty(window, name, {refuse});"
    )
    open_panel(page, visit.shop())
    panel(page).locator("#number").press_sequentially(TYPED)
    panel(page).locator("#note").press_sequentially("Two baskets")
    eventually(lambda: drafts(visit, "Two baskets"), what="the server keeps it")
    open_panel(page, visit.shop())
    expect(panel(page).locator("#number")).to_have_value(TYPED)
    expect(panel(page).locator("#note")).to_have_value("Two baskets")
    fill(panel(page))
    panel(page).locator("button[type=submit]").click()
    scene = visit.scene(panel_frame(page))
    assert scene.row["note"] == "Two baskets"
    assert not drafts(visit, "Two baskets"), "it is forgotten when it is sent"


def drafts(visit: Visit, text: str) -> list[bytes]:
    """Drafts with this text that the server keeps."""
    found = (visit.live.get(key) or b"" for key in visit.live.scan_iter("cb:draft:*"))
    return [draft for draft in found if text.encode() in draft]  # type: ignore[operator]


def test_a_site_that_was_not_named_may_not_frame_us(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    with visit.database.changed("web_presence", {"subscriber_id": 2}, origins=[]):
        page.goto(visit.shop())
        page.click(BUTTON)
        # The browser refuses the frame; after a while the panel offers the window.
        expect(page.locator("section.panel a", has_text="Open it in a window")).to_be_visible()
    windows.errors[:] = [e for e in windows.errors if "frame-ancestors" not in e]


def test_a_page_between_us_and_the_shop_hears_nothing(windows: Windows, visit: Visit) -> None:
    """Only named origins are answered: a page that opened ours gets no message but `ready`."""
    page = windows.open()
    with visit.database.changed("web_presence", {"subscriber_id": 2}, origins=[]):
        page.goto(visit.shop("/delivery"))
        with page.expect_popup() as opened:
            page.evaluate(
                "url => { window.heard = [];"
                " addEventListener('message', ({data}) => heard.push(data));"
                " window.other = window.open(url); }",
                visit.link(),
            )
        window = opened.value
        expect(window.locator("#number")).to_be_visible()
        page.evaluate("other.postMessage({cordboard: 'hello', number: '+13125550199'}, '*')")
        eventually(lambda: page.evaluate("heard.length"), what="the opener hears something")
        expect(window.locator("#number")).to_have_value("")
        assert page.evaluate("heard") == [{"cordboard": "ready"}]


def test_the_shop_believes_nobody_but_the_platform(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    page.goto(visit.shop())
    page.evaluate("postMessage({cordboard: 'remember', number: '+13125550199'}, '*')")
    open_panel(page, visit.shop("/cheese"))
    assert page.evaluate("localStorage.getItem('cordboard-number')") is None
    expect(page.locator("section.panel iframe")).to_have_attribute(
        "src", re.compile(r"^http://127")
    )
