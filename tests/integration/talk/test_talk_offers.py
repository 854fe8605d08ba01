"""Offers on the connect page: for whom the site named, without figures, presented when opened."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from cordboard.settings import Settings
from support.database import Database
from support.talk_browser import Browser

#: The demo world has a past; what a test brings is younger than this.
NEW = "channel = 'web' AND at > now() - interval '1 hour'"


@pytest.fixture(autouse=True)
def nothing_new(database: Database) -> Iterator[None]:
    """Neither from the tests before, nor left for those after."""
    forget_new(database)
    yield
    forget_new(database)


def forget_new(database: Database) -> None:
    database.rows(f"DELETE FROM exposure WHERE {NEW} RETURNING id")
    database.rows(f"DELETE FROM decision WHERE {NEW} RETURNING id")


@pytest.fixture
def rosa(database: Database) -> str:
    code: str = database.value("SELECT code FROM customer WHERE last_name = 'Klein' LIMIT 1")
    return code


def connect_page(browser: Browser, **link: str) -> str:
    browser.open(**link)
    answer = browser.send()
    assert answer.status_code == 303, answer.text
    page = browser.client.get(answer.location)
    assert page.status_code == 200
    return page.text


def links(page: str) -> dict[str, str]:
    """Title -> address of what stands under *For you*."""
    part = page.partition('class="for-you"')[2].partition("</section>")[0]
    found = re.findall(r'<a href="([^"]+)".*?<span>([^<]+)</span>', part)
    return {html.unescape(title): html.unescape(href) for href, title in found}


def exposures(database: Database) -> list[dict[str, Any]]:
    return database.rows(
        "SELECT o.title, x.channel, x.rank, x.call_id, x.decision_id,"
        " x.features IS NOT NULL AS known"
        " FROM exposure x JOIN offer o ON o.id = x.offer_id"
        f" WHERE x.id IN (SELECT id FROM exposure WHERE {NEW}) ORDER BY x.id"
    )


def test_titles_and_links_and_nothing_else(browser: Browser, rosa: str, database: Database) -> None:
    page = connect_page(browser, customer_code=rosa)
    found = links(page)
    (stored,) = database.rows(f"SELECT ranking, call_id FROM decision WHERE {NEW}")
    best = [e["title"] for e in stored["ranking"] if e["state"] == "offered"][:3]
    assert list(found) == best
    assert best
    part = page.partition('class="for-you"')[2].partition("</section>")[0]
    for figure in ("%", "likely", "Eligible", "cents", "PAN-"):
        assert figure not in re.sub(r'href="[^"]+"', "", part)
    assert exposures(database) == [], "shown is not presented"


def test_who_opens_one_was_presented_it_once(
    browser: Browser, app: Flask, rosa: str, database: Database
) -> None:
    title, href = next(iter(links(connect_page(browser, customer_code=rosa)).items()))
    # In a window of its own, where the panel's cookie does not come along.
    window = app.test_client()
    assert window.head(href).status_code == 200
    assert window.get(href, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    assert exposures(database) == [], "nobody has seen it yet"
    for _ in range(2):
        answer = window.get(href)
        assert answer.status_code == 200, answer.text
        assert title in html.unescape(answer.text)
        assert "Hello" not in answer.text, "the script is for agents"
    (seen,) = exposures(database)
    assert (seen["title"], seen["rank"], seen["call_id"]) == (title, 1, None)
    assert seen["known"]
    assert database.value(f"SELECT id FROM decision WHERE {NEW}") == seen["decision_id"]


def test_an_offer_with_a_page_of_its_own_leads_there(
    browser: Browser, app: Flask, rosa: str, database: Database
) -> None:
    title, href = next(iter(links(connect_page(browser, customer_code=rosa)).items()))
    own = "https://shop.example/box?c={customer}"
    with database.changed("offer", {"title": title}, url=own):
        answer = app.test_client().get(href)
    assert (answer.status_code, answer.location) == (303, f"https://shop.example/box?c={rosa}")
    assert [seen["title"] for seen in exposures(database)] == [title]


def test_nobody_known_nothing_offered(browser: Browser, database: Database) -> None:
    assert links(connect_page(browser)) == {}
    assert database.rows(f"SELECT FROM decision WHERE {NEW}") == []


def test_a_code_that_nobody_has(browser: Browser, database: Database) -> None:
    assert links(connect_page(browser, customer_code="NOBODY-HAS-IT")) == {}


def test_a_changed_or_foreign_link_shows_nothing(
    browser: Browser, app: Flask, rosa: str, database: Database
) -> None:
    href = next(iter(links(connect_page(browser, customer_code=rosa)).values()))
    window = app.test_client()
    for changed in (
        href[:-2] + "xx",
        href.replace("/pantry/", "/halyard/"),
        href[:40],
        "/talk/pantry/offer/x",
    ):
        assert window.get(changed).status_code == 404, changed
    with database.changed("offer", {"id": exposed_offer(database)}, active=False):
        assert window.get(href).status_code == 404
    assert exposures(database) == []


def exposed_offer(database: Database) -> int:
    """The first offer of the list."""
    (stored,) = database.rows(f"SELECT ranking FROM decision WHERE {NEW}")
    found: int = next(e["offer"] for e in stored["ranking"] if e["rank"] == 1)
    return found


def test_the_page_comes_without_a_decider(
    make_app: Callable[..., Flask], web_settings: Settings, gus: object, rosa: str
) -> None:
    app = make_app(decider_url="http://127.0.0.1:9")
    assert links(connect_page(Browser(app, web_settings), customer_code=rosa)) == {}
