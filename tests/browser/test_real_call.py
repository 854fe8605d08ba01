"""One call through everything: SIPp, Asterisk, the app, and an agent in a real browser.

The other browser tests play the telephone side (``support.scene``); this one does not.
"""

from __future__ import annotations

from browser_words import card, choose, icon, is_dark, is_lit
from playwright.sync_api import expect

from conftest import Windows
from cordboard.agent_state import State
from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT, MARCUS, SSN_PROMPT, STRANGER
from support.scene import renew_offers
from support.world import Given

#: The announcement to the agent is heard before contact begins, milliseconds.
ANNOUNCED_MS = 30_000


def test_keyed_digits_become_a_lit_offer_and_a_disposition(given: Given, windows: Windows) -> None:
    renew_offers(given.database, MARCUS)
    ava = given.agent_with_phone("ava", ring_ms=None)
    desk = windows.desk("ava")
    expect(desk.locator("#phone")).to_have_attribute("data-registered", "true")
    desk.click("[data-action=available]")

    call = given.call(ACCOUNT_LINE, STRANGER)
    call.answer(ACCOUNT_PROMPT, f"{MARCUS.account}#")
    call.answer(SSN_PROMPT, f"{MARCUS.ssn}#")
    expect(card(desk)).to_have_attribute("data-call", call.call_id())
    expect(desk.locator("#call-name")).to_have_text(MARCUS.name)
    ava.phone.rings()
    is_dark(desk, "sales")
    is_dark(desk, "service")

    ava.phone.go_on()
    expect(card(desk)).to_have_attribute("data-state", "connected", timeout=ANNOUNCED_MS)
    is_lit(desk, "sales")
    is_lit(desk, "service")
    with desk.expect_popup() as opened:
        icon(desk, "sales").click()
    expect(opened.value.locator("section.script")).to_contain_text("Hello Marcus, this is Ava")
    opened.value.close()
    choose(desk, "sales", "ACCEPTED")

    desk.reload()
    is_lit(desk, "service")
    choose(desk, "service", "RESOLVED")
    call.hang_up()
    expect(desk.locator("#wrapup")).to_be_visible()
    is_dark(desk, "service")
    desk.click("[data-action=finish]")
    expect(desk.locator("#presence")).to_have_attribute("data-state", "available")
    ava.becomes(State.AVAILABLE)
    record = given.ended(call, "answered")
    assert {d["kind"]: d["code"] for d in record["dispositions"]} == {
        "sales": "ACCEPTED",
        "service": "RESOLVED",
    }
