"""The code that is heard in a call links the browser in which it is typed."""

from __future__ import annotations

import re

from order_words import HOME
from playwright.sync_api import expect

from conftest import Windows
from cordboard.sipp import eventually
from cordboard.sipp.overheard import Overheard
from support.regulars import CROISSANTS, Shop
from support.world import Given

SPOKEN = re.compile(r"Your code is ((?:[0-9] ){5}[0-9])\.")


def test_a_code_that_was_heard_links_the_browser(given: Given, windows: Windows) -> None:
    shop = Shop(given)
    rosa = shop.client("Rosa", *[CROISSANTS] * 2)
    call = shop.call(rosa)
    overheard = Overheard(given.settings, call.caller.sip_call_id).start()
    call.answers("main", "8")
    heard: list[str] = []

    def code() -> str:
        heard.extend(overheard.lines())
        found = SPOKEN.search(" ".join(heard))
        return found[1] if found else ""

    spoken = eventually(code, within=20, what="a code is spoken")
    call.hang_up()
    overheard.close()

    page = windows.open()
    page.goto(HOME)
    page.fill("#link-number", rosa.number)
    page.fill("#code", spoken)
    page.get_by_role("button", name="Link this browser").click()
    expect(page.locator("h1")).to_have_text("Hello Rosa")
    expect(page.locator("body")).to_contain_text("Butter croissant")
