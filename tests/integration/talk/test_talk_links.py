"""Who may follow a talk link: changed, expired, copied, without cookies, from a site not named."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from support.database import Database
from support.talk_browser import Browser

NewBrowser = Callable[[], Browser]


def test_a_link_leads_to_the_welcome_page(browser: Browser) -> None:
    answer = browser.open(title="Gift baskets", number="+13125550171")
    assert answer.status_code == 200
    assert "Gift baskets" in browser.page
    assert 'value="+13125550171"' in browser.page
    assert "Corner Pantry" in browser.page


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        (lambda link: link.replace("ORDERS", "HELP"), "changed", 400),
        (lambda link: link.replace("t=Baskets", "t=Casket"), "changed", 400),
        (lambda link: link + "&w=EXTRA", "changed", 400),
        (lambda link: link + "&evil=1", "malformed", 400),
        (lambda link: link.partition("&s=")[0], "malformed", 400),
        (lambda link: link.replace("&s=", "&s=%00"), "malformed", 400),
        (lambda link: link + "&t=" + "x" * 7000, "malformed", 400),
        (lambda link: link.replace("pantry", "nobody"), "unknown_sid", 404),
        (lambda link: link.replace("pantry", "halyard").replace("ORDERS", "FIBER"), "changed", 400),
        (lambda link: link.replace("ORDERS", "NOTHING"), "unknown_sc", 404),
        (lambda link: link.replace("ORDERS", "%00"), "unknown_sid", 404),
        (lambda link: link.replace("ORDERS", "../../etc"), "", 404),
    ],
)
def test_a_link_that_is_not_what_was_signed_is_refused(
    browser: Browser, change: Callable[[str], str], code: str, status: int
) -> None:
    answer = browser.get(change(browser.link(title="Baskets")))
    assert (answer.status_code, browser.refusal) == (status, code)


def test_an_expired_link_says_what_to_do(browser: Browser) -> None:
    answer = browser.get(browser.link(life_s=-1, page_url="https://shop.example.com/a"))
    assert (answer.status_code, browser.refusal) == (410, "expired")
    assert 'href="https://shop.example.com/a"' in browser.page
    assert 'href="tel:+1202555011' in browser.page


def test_a_changed_link_leads_nowhere_in_the_companys_name(browser: Browser) -> None:
    elsewhere = "https://shop.example.evil/a"
    browser.get(browser.link(title="Baskets", page_url=elsewhere).replace("t=Baskets", "t=Casket"))
    assert browser.refusal == "changed"
    assert elsewhere not in browser.page


def test_a_link_goes_on_for_the_browser_that_opened_it_in_time(
    browser: Browser, new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = browser.link(life_s=60)
    browser.get(link)
    later = time.time() + 300
    monkeypatch.setattr("webdesk.talk.place.time.time", lambda: later)
    assert browser.get(link).status_code == 200
    assert browser.send().status_code == 303
    other = new_browser()
    assert (other.get(link).status_code, other.refusal) == (410, "expired")


def test_a_link_that_another_browser_opened_is_refused(
    browser: Browser, new_browser: NewBrowser
) -> None:
    link = browser.link()
    assert browser.get(link).status_code == 200
    assert browser.get(link).status_code == 200
    thief = new_browser()
    assert (thief.get(link).status_code, thief.refusal) == (409, "used")


def test_two_links_of_one_company_are_one_visitor(browser: Browser, database: Database) -> None:
    one, two = browser.ask(), browser.ask()
    visitors = database.rows(
        "SELECT DISTINCT visitor_id FROM call_request WHERE id = ANY (%s::uuid[])", [one, two]
    )
    assert len(visitors) == 1


def test_a_browser_without_cookies_is_shown_the_way(browser: Browser) -> None:
    browser.client = browser.client.application.test_client(use_cookies=False)
    headers = {"Sec-Fetch-Dest": "iframe"}
    answer = browser.get(browser.link(), headers=headers)
    assert answer.status_code == 200
    assert browser.refusal == "no-cookie"
    assert "Go on in a window" in browser.page
    browser.get(browser.link())
    assert "Please allow a cookie" in browser.page


def test_only_named_origins_may_frame_the_talk_pages(browser: Browser) -> None:
    answer = browser.open()
    policy = answer.headers["Content-Security-Policy"]
    ancestors = policy.partition("frame-ancestors ")[2].split(";")[0].split()
    shop = str(browser.settings.port("shop"))
    assert sorted(ancestors) == sorted(
        ["'self'", f"http://127.0.0.1:{shop}", f"http://localhost:{shop}"]
    )
    assert "X-Frame-Options" not in answer.headers
    desk = browser.client.get("/login")
    assert desk.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in desk.headers["Content-Security-Policy"]


def test_the_cookie_is_for_the_talk_pages_alone(browser: Browser) -> None:
    answer = browser.client.get(browser.link())
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/talk"):
        assert part in cookie


def test_a_changed_cookie_is_no_cookie(browser: Browser) -> None:
    browser.open()
    name = f"cordboard-visitor-{browser.settings.instance}"
    browser.client.set_cookie(name, "eyJwYW50cnkiOiJ4In0.aaaa.bbbb", path="/talk")
    assert browser.client.get("/talk/events").status_code == 401


def test_the_script_may_be_loaded_by_any_site(browser: Browser) -> None:
    answer = browser.client.get("/talk/talk.js", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "javascript" in answer.content_type


def test_colours_are_the_companys(browser: Browser) -> None:
    assert "--accent: #2f6b3a" in browser.client.get("/talk/theme/pantry.css").text
    for sid in ("nobody", "x", "A%22%3B"):
        assert browser.client.get(f"/talk/theme/{sid}.css").status_code == 404
