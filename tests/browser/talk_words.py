"""Words in which the browser tests speak of a visitor's pages, and the fixtures of a visit."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import redis
from playwright.sync_api import Frame, FrameLocator, Page, expect

from cordboard.secrets import signing_key
from cordboard.settings import Settings
from cordboard.tag1 import Tag1, make_nonce, mint
from db.demo.web import SECRETS, shop_url
from db.demo.world import PANTRY
from support.database import Database
from support.visitor_scene import VisitorScene

NUMBER = "+13125550163"
TYPED = "(312) 555-0163"

Pageish = Page | Frame | FrameLocator


@dataclass
class Visit:
    """Makes links, fills forms in, and finds the scene of what was asked for."""

    settings: Settings
    live: redis.Redis
    database: Database

    def link(self, sc: str = "ORDERS", *, life_s: int = 600, **more: str) -> str:
        """A signed talk link of the shop."""
        tag = Tag1("pantry", sc, int(time.time()) + life_s, make_nonce(), **more)
        return mint(self.settings.web, tag, signing_key(SECRETS[PANTRY]))

    def shop(self, path: str = "/baskets", host: str = "localhost") -> str:
        """A page of the demo shop; ``localhost`` is another site than the platform's 127.0.0.1."""
        return shop_url(self.settings, host) + path

    def ask(self, page: Page, sc: str = "ORDERS", note: str = "") -> VisitorScene:
        """A visitor comes by a link and asks to be called now."""
        page.goto(self.link(sc, title="Gift baskets", page_url=self.shop()))
        fill(page, note=note)
        page.click("button[type=submit]")
        return self.scene(page)

    def scene(self, page: Page | Frame) -> VisitorScene:
        """The scene of the request that a page shows."""
        if isinstance(page, Page):
            expect(page).to_have_url(re.compile(r"/call/[0-9a-f-]{36}$"))
        else:
            page.wait_for_url(re.compile(r"/call/[0-9a-f-]{36}$"))
        expect(page.locator("#link")).to_have_attribute("data-link", "live")
        return VisitorScene(self.live, self.database, page.url.rpartition("/")[2])


def fill(page: Pageish, number: str = TYPED, note: str = "") -> None:
    """Number, note and consent."""
    page.locator("#number").fill(number)
    if note:
        page.locator("#note").fill(note)
    page.locator("input[name=consent]").check()


def phase(page: Pageish, name: str) -> None:
    """The page shows this phase, and no other."""
    expect(page.locator("[data-phase]:not([hidden])")).to_have_attribute("data-phase", name)


def panel(page: Page) -> FrameLocator:
    """The platform's page in the panel of a shop page."""
    return page.frame_locator("section.panel iframe")


def panel_frame(page: Page) -> Frame:
    """The same as a frame, whose address can be read."""
    frame = page.locator("section.panel iframe").element_handle().content_frame()
    assert frame is not None
    return frame
