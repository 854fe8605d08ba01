"""The parts of the agent's desk that a web call has."""

from __future__ import annotations

from playwright.sync_api import expect

from cordboard.demo.browser import Desk


class WebDesk(Desk):
    """An agent's desk during a call that came from a web site."""

    def asks_to_sign_on(self) -> bool:
        """Whether the desk says that the agent must sign on."""
        return self.page.locator("#sign-on").is_visible()

    def everything(self) -> str:
        """All text of the desk."""
        return self.page.inner_text("main")

    def pages_viewed(self) -> list[str]:
        """Titles of the pages that the visitor looked at before."""
        return self.page.locator("#web [data-pages] li").all_inner_texts()

    def visit(self, part: str) -> str:
        """A part of the visit: ``subject``, ``note``, ``whisper``, ``page``, ``here-text``."""
        return self.page.locator(f"#web [data-{part}]").inner_text()

    def push(self, search: str) -> None:
        """Find a page and push it."""
        self.page.fill("#push-q", search)
        self.page.click("#push [data-push]")

    def pushed(self) -> dict[str, str]:
        """Title -> ``sent``, ``shown`` or ``viewed``, of each pushed page."""
        rows = self.page.locator("#pushed li").all()
        return {
            row.locator("a").inner_text(): row.locator(".push-state").get_attribute("data-state")
            or ""
            for row in rows
        }

    def send_order(self, **fields: str) -> None:
        """Fill in the order form and send it to the merchant."""
        form = self.page.locator("#entry form[data-kind=order]")
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button[type=submit]").click()
        expect(form.locator("[data-status]")).to_contain_text("Sent")
