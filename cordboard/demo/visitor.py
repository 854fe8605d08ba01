"""A visitor of the demo shop: the shop's pages, and the platform's page in a panel or a window."""

from __future__ import annotations

import re

from playwright.sync_api import Frame, Locator, Page, expect

#: Where the platform shows what became of a request.
_REQUEST = re.compile(r"/call/([0-9a-f-]{36})$")
_PANEL = "section.panel iframe"


class Shopper:
    """Somebody at a shop page, who may press its talk button."""

    def __init__(self, page: Page, shop: str) -> None:
        self.page = page
        self._shop = shop

    def read(self, path: str) -> str:
        """Open a page of the shop; answers its heading."""
        self.page.goto(f"{self._shop}{path}")
        return self.page.inner_text("h1")

    def press_talk(self, label: str) -> Talk:
        """Press a talk button: the platform's page opens in a panel of this page."""
        self._button(label).click()
        frame = self.page.locator(_PANEL).element_handle().content_frame()
        if frame is None:
            raise AssertionError("the panel has no frame")
        frame.wait_for_selector("h1")
        return Talk(frame)

    def press_talk_on_a_phone(self, label: str) -> Talk:
        """The same where there is no room for a panel: a window opens."""
        with self.page.expect_popup() as opened:
            self._button(label).click()
        opened.value.wait_for_selector("h1")
        return Talk(opened.value)

    def enlarge_panel(self) -> None:
        """Give the panel the room that pushed pages want."""
        self.page.get_by_label("Larger or smaller").click()

    def _button(self, label: str) -> Locator:
        return self.page.locator("[data-cordboard-talk]", has_text=label)


class Talk:
    """The platform's pages for one visitor, in a frame or a window."""

    def __init__(self, place: Page | Frame) -> None:
        self.place = place

    # --- Asking for a call ---------------------------------------------------------------------
    def fill(self, number: str, note: str = "") -> None:
        """Number, note and consent, as a person types them."""
        self.place.fill("#number", number)
        self.place.fill("#note", note)
        self.place.check("input[name=consent]")

    def ask_for_time(self, wall_clock: str) -> None:
        """Choose a time of one's own, as ``YYYY-MM-DDTHH:MM``."""
        self.place.check("input[name=when][value=later]")
        own = self.place.locator("input[name=pick][value=own]")
        if own.count():
            own.check()
        self.place.fill("#at", wall_clock)

    def send(self) -> None:
        """Press the button that asks for the call."""
        self.place.click(".go button[type=submit]")

    def refusal(self) -> str:
        """What the page says is wrong, "" when nothing is."""
        problem = self.place.locator("#problem")
        return problem.inner_text() if problem.count() else ""

    def offers(self) -> Locator:
        """Buttons with the times that are offered instead."""
        return self.place.locator("#problem .offer-times button")

    # --- The call ------------------------------------------------------------------------------
    def request(self) -> str:
        """Id of the request, once it has been taken."""
        self.place.wait_for_url(_REQUEST)
        expect(self.place.locator("#link")).to_have_attribute("data-link", "live")
        found = _REQUEST.search(self.place.url)
        assert found is not None
        return found[1]

    def phase(self) -> str:
        """Which part of the page is shown: ``later``, ``connect``, ``talk``, ``done``, …"""
        return self.place.get_attribute("[data-phase]:not([hidden])", "data-phase") or ""

    def heading(self) -> str:
        """The heading of that part."""
        return self.place.inner_text("[data-phase]:not([hidden]) h1")

    def leg(self, name: str) -> str:
        """What the page says of a phone, ``customer`` or ``agent``."""
        return self.place.get_attribute(f".plug[data-leg={name}]", "data-state") or ""

    def history(self) -> list[str]:
        """Titles of the pages pushed so far."""
        return self.place.locator("#history button").all_inner_texts()

    def look_at(self, title: str) -> None:
        """Go back to a page that was pushed before."""
        self.place.click(f"#history button:has-text('{title}')")

    def shows(self, title: str) -> bool:
        """Whether the pushed page is on the screen and has loaded, with its own heading."""
        if self.place.inner_text(".shown [data-shown-title]") != title:
            return False
        return self.place.frame_locator(".shown iframe").locator("h1").count() == 1

    def rate(self, stars: int, comment: str) -> None:
        """Answer the survey."""
        self.place.click(f"#survey .stars label:nth-of-type({stars})")
        self.place.fill("#comment", comment)
        self.place.click("#survey button[type=submit]")
        expect(self.place.locator(".thanks")).to_be_visible()
