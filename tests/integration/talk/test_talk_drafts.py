"""What is typed and not sent, where the visitor's browser can keep nothing."""

from __future__ import annotations

from collections.abc import Callable

import redis
from werkzeug.test import TestResponse

from cordboard import keys
from support.talk_browser import Browser

NewBrowser = Callable[[], Browser]
NOTE = "Two baskets"


def keep(browser: Browser, **fields: str) -> TestResponse:
    """As the page does after each key."""
    path = browser.url.partition("?")[0] + "/draft"
    return browser.client.post(path, data={"token": browser.hidden("token"), **fields})


def test_it_is_in_the_form_again_until_it_is_sent(browser: Browser, live: redis.Redis) -> None:
    browser.open()
    assert keep(browser, number="(312) 555-", note="Two").status_code == 204
    assert (
        keep(browser, number="(312) 555-0171", note=NOTE, at="2027-01-01T10:00").status_code == 204
    )
    browser.open()
    for typed in ("(312) 555-0171", NOTE, "2027-01-01T10:00"):
        assert typed in browser.page
    [key] = live.scan_iter("cb:draft:*")
    assert 0 < int(str(live.ttl(key))) <= keys.DRAFT_S
    assert browser.send(note=NOTE).status_code == 303
    assert list(live.scan_iter("cb:draft:*")) == []
    browser.open()
    assert NOTE not in browser.page


def test_it_belongs_to_one_subject_and_one_browser(
    browser: Browser, new_browser: NewBrowser
) -> None:
    browser.open()
    keep(browser, note=NOTE)
    browser.open("FAST")
    assert NOTE not in browser.page
    other = new_browser()
    other.open()
    assert NOTE not in other.page


def test_a_form_that_was_emptied_is_empty(browser: Browser, live: redis.Redis) -> None:
    browser.open()
    keep(browser, note=NOTE)
    keep(browser, note="  ")
    assert list(live.scan_iter("cb:draft:*")) == []


def test_what_none_of_our_pages_sent_is_refused(
    browser: Browser, new_browser: NewBrowser, live: redis.Redis
) -> None:
    browser.open()
    path = browser.url.partition("?")[0]
    client = browser.client
    assert client.post(f"{path}/draft", data={"note": NOTE}).status_code == 400
    assert keep(browser, note="x" * 70_000).status_code == 413
    long = {"token": browser.hidden("token"), "note": NOTE}
    assert client.post(f"{path}{'A' * 60}/draft", data=long).status_code == 404
    stranger = new_browser().client
    assert stranger.post(f"{path}/draft", data={"note": NOTE}).status_code == 401
    assert list(live.scan_iter("cb:draft:*")) == []
