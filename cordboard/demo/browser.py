"""The agent's browser: headless Chromium on the desk, seen through what a person would see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

#: Chromium as root, without a graphics card, and without asking the Internet for anything.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]

#: How long the desk may take to show something, milliseconds.
PATIENCE = 10_000


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; whoever shall not share cookies with others in it gets a :func:`window`.

    Raises:
        NoBrowser: Chromium is not installed.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NoBrowser("Chromium is missing: run 'make setup'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def window(browser: Browser, width: int = 1440, height: int = 1000) -> Page:
    """A window of somebody's own: nobody is logged in, no cookie is known."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    return context.new_page()


@contextmanager
def browser_page(width: int = 1440, height: int = 1000) -> Iterator[Page]:
    """A page in a browser of its own.

    Raises:
        NoBrowser: Chromium is not installed.
    """
    with chromium() as browser:
        yield window(browser, width, height)


class Album:
    """Pictures of pages, numbered in the order in which they were taken."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self.folder = folder
        self.taken: list[Path] = []
        self._prefix = prefix

    def take(self, page: Page, name: str, *, whole: bool = True) -> Path:
        """Photograph a page: the whole of it, or what its window shows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self._prefix}{len(self.taken) + 1:02}-{name}.png"
        page.screenshot(path=path, full_page=whole, animations="disabled")
        self.taken.append(path)
        return path


class Desk:
    """One agent's desk."""

    def __init__(self, page: Page, url: str, album: Album) -> None:
        self.page = page
        self.album = album
        self._url = url

    def log_in(self, username: str, password: str) -> None:
        """Log in and wait for the desk to be live."""
        self.page.goto(f"{self._url}/login")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        expect(self.page.locator("#link")).to_have_attribute("data-link", "live")

    def become_available(self) -> None:
        """Press Available once the phone is seen to be registered.

        In the wrap-up of a performance that was broken off it takes effect when that ends.
        """
        expect(self.page.locator("#phone")).to_have_attribute("data-registered", "true")
        self.page.click("[data-action=available]")
        expect(self.presence).to_have_text("Available", timeout=60_000)

    def log_out(self) -> None:
        """End the agent's day."""
        self.page.click("form.who button[type=submit]")
        expect(self.page).to_have_url(f"{self._url}/login")

    @property
    def presence(self) -> Locator:
        """The word for the agent's state."""
        return self.page.locator("#presence [data-label]")

    @property
    def caller(self) -> str:
        """Name on the call's card, "" without a call."""
        name = self.page.locator("#call:not([hidden]) #call-name")
        return name.inner_text() if name.count() else ""

    def text(self, part: str) -> str:
        """Text of a part of the card: ``state-text``, ``identified``, ``verified``, ``queue``."""
        return self.page.locator(f"#call [data-{part}]").first.inner_text()

    def is_lit(self, kind: str) -> bool:
        """Whether the icon of an offer is lit."""
        offer = self.page.locator(f"#offers .offer[data-kind={kind}]")
        return offer.get_attribute("data-lit") == "true"

    def ranked(self) -> list[str]:
        """Each ranked offer with its figures and its reason, best first, as text on one line."""
        rows = self.page.locator("#ranking .ranked > li").all_inner_texts()
        return [" ".join(row.split()) for row in rows]

    def bars(self) -> int:
        """How many small bars the ranked list has."""
        return self.page.locator("#ranking .ranked progress:visible").count()

    def kept_out(self) -> dict[str, str]:
        """Offer -> why it is kept out."""
        entries = self.page.locator("#ranking .kept-out li").all()
        return {
            entry.get_attribute("data-code") or "": entry.locator("p").text_content() or ""
            for entry in entries
        }

    def why_here(self) -> str:
        """Why the call came to this agent."""
        return self.page.inner_text("#ranking [data-route]")

    def answered_by_key(self) -> str:
        """What the caller answered to the automated presentation, in words."""
        return self.page.inner_text("#ivr-answer")

    def present_another(self, kind: str) -> str:
        """Present the next offer of a kind instead; answers its title."""
        row = self.page.locator(f'#ranking .ranked > li[data-kind="{kind}"]:has(button)').first
        title, code = row.locator("strong").inner_text(), row.get_attribute("data-code") or ""
        row.get_by_role("button").click()
        expect(self.page.locator(f"#offers .offer[data-kind={kind}]")).to_have_attribute(
            "data-code", code
        )
        return title

    def look_up(self, name: str) -> None:
        """Find a customer by name and attach the first to the call."""
        self.page.locator("#lookup .segments label", has_text="Name").click()
        self.page.fill("#lookup-q", name)
        self.page.press("#lookup-q", "Enter")
        self.page.locator("#lookup .result button").first.click()

    def call_data(self) -> dict[str, str]:
        """The key-value pairs shown."""
        rows = self.page.locator("#cti tr").all()
        cells = [row.locator("th,td").all_inner_texts() for row in rows]
        return {name.strip(): value.strip() for name, value in cells}

    def open_offer(self, kind: str, picture: str) -> tuple[str, str]:
        """Click a lit icon; answer the opened page's heading and script, and photograph it."""
        with self.page.expect_popup() as opened:
            self.page.click(f"#offers a.offer-icon[data-kind={kind}]")
        window = opened.value
        window.wait_for_load_state()
        title, script = window.inner_text("h1"), window.inner_text("section.script")
        self.photograph(picture, window)
        window.close()
        return title, script

    def choose(self, kind: str, code: str) -> None:
        """Choose the result of one offer."""
        self.page.click(f"#offers form.codes[data-kind={kind}] button[value='{code}']")

    def write_note(self, text: str) -> None:
        """Type a note on the call."""
        self.page.fill("#note", text)
        expect(self.page.locator("#note-status")).to_contain_text("Stored")

    def in_wrap_up(self) -> bool:
        """Whether the wrap-up bar is shown."""
        return self.page.locator("#wrapup").is_visible()

    def finish_wrap_up(self) -> None:
        """Press the button that ends wrap-up."""
        self.page.click("#wrapup [data-action=finish]")
        expect(self.presence).to_have_text("Available")

    def photograph(self, name: str, page: Page | None = None) -> Path:
        """Take a picture of the whole page."""
        return self.album.take(page or self.page, name)
