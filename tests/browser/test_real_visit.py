"""One visit through everything: a shop page, the panel, worker, app, Asterisk, and two telephones.

The other tests of visits play the telephone side (``support.visitor_scene``); this one does not.
"""

from __future__ import annotations

from playwright.sync_api import expect
from talk_words import Visit, fill, panel, panel_frame, phase

from conftest import Windows
from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.people import ROSA
from support.world import Given

#: The hold text, the way to an agent, and the whisper are heard before contact, milliseconds.
SPOKEN_MS = 40_000


def test_a_visitor_is_called_shown_a_page_and_hangs_up(given: Given, windows: Windows) -> None:
    visit = Visit(given.settings, given.redis, given.database)
    gus = given.agent("gus")
    rosa = given.answering(ROSA.phone)
    given.network_opens()
    page = windows.open()
    page.goto(visit.shop("/baskets"))
    page.click("button[data-cordboard-talk]")
    fill(panel(page), number=ROSA.phone, note="Two baskets")
    panel(page).locator("button[type=submit]").click()
    scene = visit.scene(panel_frame(page))

    rosa.rings()
    customer = panel(page).locator("[data-leg=customer]")
    expect(customer).to_have_attribute("data-state", "answered", timeout=SPOKEN_MS)
    gus.phone.rings()
    eventually(gus.phone.talks, what="the agent has answered")
    eventually(gus.phone.media.hears_something, what="the agent is asked to sign on")
    gus.phone.media.key("#")
    title = panel(page).locator("[data-phase=talk] h1")
    expect(title).to_have_text("You are talking with Gus", timeout=SPOKEN_MS)
    gus.becomes(State.ON_CALL)

    gus.phone.media.key("*12#")
    shown = panel(page).frame_locator(".shown iframe")
    expect(shown.locator("h1")).to_have_text("Gift baskets")
    push = "SELECT shown_at IS NOT NULL FROM page_push WHERE visitor_id = %s"
    eventually(lambda: given.database.value(push, scene.visitor), what="the page is shown")

    panel(page).locator("[data-action=end]").click()
    phase(panel(page), "done")
    expect(panel(page).locator(".page-list li")).to_have_text(["Gift baskets"])
    gus.becomes(State.WRAP_UP)
    eventually(lambda: scene.row["state"] == "completed", what="the request is completed")
