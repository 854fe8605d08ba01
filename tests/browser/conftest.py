"""A real browser on the real desk; the telephone side is played by ``support.scene``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from talk_words import Visit

from cordboard.agent_state import Event
from cordboard.demo.browser import FLAGS
from cordboard.settings import Settings
from support import stack as local
from support.database import Database
from support.people import DANA, LENA, MARCUS, OTTO
from support.scene import Scene, renew_offers
from support.web import PASSWORD

Scheme = Literal["light", "dark"]

#: Longest time the page may take for anything, milliseconds.
PATIENCE_MS = 10_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Windows:
    """Opens windows; a script error or a violated content policy in any of them fails the test."""

    browser: Browser
    settings: Settings
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(
        self,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Scheme = "light",
        scripts: bool = True,
    ) -> Page:
        """A page of a browser of its own: nobody is logged in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            base_url=self.settings.web,
            java_script_enabled=scripts,
        )
        self.contexts.append(context)
        context.on("page", self._watch)
        return context.new_page()

    def desk(self, username: str = "ava", **window: Any) -> Page:
        """A logged-in desk that is live."""
        page = self.open(**window)
        log_in(page, username)
        expect(page.locator("#link")).to_have_attribute("data-link", "live")
        return page

    def _watch(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        # Refused requests are part of some tests; everything else is a fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert self.errors == []


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


@pytest.fixture
def windows(chromium: Browser, stack: Settings) -> Iterator[Windows]:
    opened = Windows(chromium, stack)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def what_runs(request: pytest.FixtureRequest, stack: Settings) -> None:
    """Before anything else: what a scene plays in this test is away, all the rest runs."""
    if "without_telephone" in request.fixturenames:
        local.run_all_but(stack, "ari_app", "worker")
    elif "without_app" in request.fixturenames:
        local.run_all_but(stack, "ari_app")
    else:
        local.run_all_but(stack)


@pytest.fixture
def without_app(what_runs: None, stack: Settings) -> Settings:
    """The scene plays the app; the real one would put right what it finds of that."""
    return stack


@pytest.fixture
def at_desk(
    without_app: Settings, live: redis.Redis, database: Database
) -> Iterator[Callable[[str], Scene]]:
    """Seats agents with registered phones; they are gone afterwards."""
    seated: list[Scene] = []

    def seat(username: str) -> Scene:
        seated.append(Scene(without_app, live, database, username).sit_down())
        return seated[-1]

    yield seat
    for scene in seated:
        scene.sit_down(registered=False)


@pytest.fixture
def ava(at_desk: Callable[[str], Scene], database: Database) -> Scene:
    for person in (DANA, LENA, MARCUS, OTTO):
        renew_offers(database, person)
    return at_desk("ava")


@pytest.fixture
def desk(windows: Windows, ava: Scene) -> Page:
    """Ava's desk, available."""
    page = windows.desk()
    page.click("[data-action=available]")
    expect(page.locator("#presence")).to_have_attribute("data-state", "available")
    return page


@pytest.fixture
def without_telephone(what_runs: None, stack: Settings, database: Database) -> Iterator[Settings]:
    """The scene plays worker and app; the real ones would dial what visitors ask for."""
    yield stack
    database.end_callbacks()


@pytest.fixture
def visit(without_telephone: Settings, live: redis.Redis, database: Database) -> Iterator[Visit]:
    """Visits of the shop's talk pages, while Gus is on duty; no limit stands from another test."""
    for key in live.scan_iter("cb:limit*"):
        live.delete(key)
    gus = Scene(without_telephone, live, database, "gus").sit_down()
    gus.happen(Event.LOG_IN, reason="log_in")
    yield Visit(without_telephone, live, database)
    gus.sit_down(registered=False)
