"""A push through everything: keys on a telephone, Asterisk, the app, and the visitor's own browser.

The other browser tests play the telephone side (``support.web_scene``); this one does not.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from conftest import Windows
from cordboard import keys
from cordboard.agent_state import State
from cordboard.settings import Settings
from cordboard.sipp import eventually
from support.callbacks import Callback
from support.people import ROSA
from support.world import Given
from webdesk.talk.visitors import cookie_name, sign


def visitors_page(windows: Windows, settings: Settings, call: Callback, visitor: str) -> Page:
    """The page of a call, in a browser that has this visitor's session."""
    page = windows.open()
    cookie = {
        "name": cookie_name(settings),
        "value": sign(settings, {"pantry": visitor}),
        "url": settings.web,
    }
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"/talk/pantry/call/{call.request}")
    return page


@pytest.mark.parametrize("moment", ["the customer is rung", "the agent is asked to sign on"])
def test_a_visitor_who_closes_the_browser_before_contact(
    given: Given, windows: Windows, stack: Settings, moment: str
) -> None:
    gus = given.agent("gus")
    desk = windows.desk("gus")
    rosa = given.answering(ROSA.phone, ring_ms=None)
    call = given.call_back(ROSA.phone)
    page = visitors_page(windows, stack, call, call.visitor)
    rosa.rings()
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    if moment == "the customer is rung":
        page.close()
    rosa.go_on()
    eventually(gus.phone.talks, within=30, what="the agent has answered")
    expect(desk.locator("#sign-on")).to_be_visible()
    if moment != "the customer is rung":
        page.close()
    here = keys.presence(call.visitor)
    eventually(lambda: not given.redis.exists(here), what="the visitor's page is gone")
    gus.phone.media.key("#")
    gus.becomes(State.ON_CALL)  # the call goes on
    expect(desk.locator("#web .here")).to_have_attribute("data-here", "false")
    rosa.go_on()
    call.becomes("answered")


def test_a_keyed_page_is_on_the_visitors_screen_and_the_desk_says_so(
    given: Given, windows: Windows, stack: Settings
) -> None:
    gus = given.agent("gus")
    desk = windows.desk("gus")
    given.answering(ROSA.phone)
    call = given.call_back(ROSA.phone)
    page = visitors_page(windows, stack, call, call.visitor)
    eventually(gus.phone.talks, within=20, what="the agent has answered")
    expect(desk.locator("#sign-on")).to_be_visible()
    gus.phone.media.speak(500)
    gus.phone.media.key("#")
    gus.becomes(State.ON_CALL)
    expect(page.locator("[data-phase=talk]")).to_be_visible()
    expect(desk.locator("#web .here")).to_have_attribute("data-here", "true")

    gus.phone.media.key("*12#")
    expect(page.locator(".shown [data-shown-title]")).to_have_text("Gift baskets")
    frame = page.frame_locator(".shown iframe")
    expect(frame.locator("h1").first).to_be_visible()
    pushed = desk.locator("#pushed li").first
    expect(pushed).to_contain_text("by keys")
    expect(pushed.locator(".push-state")).to_have_text(re.compile("shown|viewed"))
    expect(pushed.locator(".push-state")).to_have_text(re.compile(r"viewed \d+ s"))

    # From the desk, to a second tab of the same visitor as well; never to somebody else's.
    second = page.context.new_page()
    second.goto(page.url)
    stranger = windows.open()
    answer = stranger.goto(page.url)
    assert answer is not None
    assert answer.status in (401, 403, 404)
    desk.fill("#push-q", "*15#")
    desk.press("#push-q", "Enter")
    for tab in (page, second):
        expect(tab.locator(".shown [data-shown-title]")).to_have_text("Delivery areas and times")
        expect(tab.locator("#history button")).to_have_count(2)

    desk.reload()
    expect(desk.locator("#pushed li")).to_have_count(2)
    page.click("[data-action=end]")
    expect(page.locator("[data-phase=done]")).to_be_visible()
    expect(desk.locator("#wrapup")).to_be_visible()
    expect(desk.locator("#push [data-hint]")).to_have_text("Pages can be pushed while you talk.")
