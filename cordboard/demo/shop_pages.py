"""The pages of the shop's story: a location's board, the agent's work list, the order pages."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from cordboard.settings import Settings

PASSWORD = "cordboard-demo"  # noqa: S105 - the demo world's, see README


def log_in(page: Page, settings: Settings, username: str) -> None:
    """Log in, wherever that leads."""
    page.goto(f"{settings.web}/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state()


class Board:
    """The board of one location, on its tablet."""

    def __init__(self, page: Page, settings: Settings, username: str) -> None:
        self.page = page
        log_in(page, settings, username)
        expect(page.locator("#link")).to_have_attribute("data-link", "live")

    def column_of(self, order: str) -> str:
        """In which column the order stands: ``placed``, ``accepted``, ``ready``, ``done``."""
        found = self.page.locator(f"[data-column]:has({_card(order)})")
        return (found.get_attribute("data-column") or "") if found.count() else ""

    def words(self, order: str) -> str:
        """What its card says."""
        return self.page.locator(_card(order)).inner_text()

    def press(self, order: str, deed: str) -> None:
        """Do something with it: ``accept``, ``ready``, ``hand-over``."""
        self.page.click(f'{_card(order)} [data-do="{deed}"]')


def _card(order: str) -> str:
    return f'.ticket[data-order="{order}"]'


class WorkList:
    """An agent's list of enrolments."""

    def __init__(self, page: Page, settings: Settings, username: str) -> None:
        self.page = page
        log_in(page, settings, username)
        page.goto(f"{settings.web}/desk/enrolments")

    def take(self) -> str:
        """Take the oldest; its id."""
        button = self.page.get_by_role("button", name="Take the oldest")
        if button.count():
            button.click()
        return self.page.locator("#enrolment").get_attribute("data-enrolment") or ""

    def listens(self) -> float:
        """Play the name at three quarters of its speed; how long it is, seconds."""
        self.page.get_by_role("radio", name="0.75 ×").check()
        player = self.page.locator("audio[data-what=name]")
        player.evaluate("player => { player.muted = true; return player.play(); }")
        return float(player.evaluate("player => player.duration"))

    def types(self, **fields: str) -> None:
        """Fill the form in, and store it."""
        for name, value in fields.items():
            self.page.fill(f"#f-{name}", value)
        self.page.get_by_role("button", name="Store").click()
        expect(self.page.locator("[data-done]")).to_be_visible()


class OrderPages:
    """Somebody at home who orders in a browser."""

    def __init__(self, page: Page, settings: Settings, shop: str) -> None:
        self.page = page
        self.url = f"{settings.web}/order/{shop}"

    def enrol(self, **fields: str) -> str:
        """Fill the form of new clients in; answers the greeting."""
        self.page.goto(f"{self.url}/welcome")
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)
        for words in ("pick it up", "when you get it"):
            self.page.locator("label.choice", has_text=words).click()
        self.page.get_by_role("button", name="Enrol").click()
        self.page.wait_for_selector("#basket")
        return self.page.inner_text("h1")

    def add(self, product: str) -> None:
        """Put one into the basket."""
        form = self.page.locator(f'form:has(input[name=product][value="{product}"])')
        form.get_by_role("button").click()
        self.page.wait_for_selector("#basket .lines, #basket li")

    def read_back(self) -> str:
        """Go to the read-back; what it says."""
        self.page.locator("#basket").get_by_role("link", name="Read it back").click()
        self.page.wait_for_selector(".readback")
        return " ".join(self.page.inner_text(".readback").split())

    def place(self) -> str:
        """Place it; the order's id."""
        self.page.locator(".readback button[value=place]").click()
        self.page.wait_for_selector("#now")
        return self.page.locator("#now").get_attribute("data-order") or ""

    def now(self) -> Locator:
        """What the page says of the order, live."""
        return self.page.locator("#now")
