"""Page push from the keys of the agent's telephone, while agent and customer talk.

What was keyed goes from the event to the visitor's stream by way of this process and Redis alone:
the pages are known here (``ari_app/pages.py``), and PostgreSQL hears of it by the journal. What
keys mean is in ``cordboard/page_digits.py``.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid5

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.leg import Leg
from ari_app.pages import Page
from ari_app.verbs import tones
from cordboard.events import PagePushed, tell_desk
from cordboard.page_digits import IDLE, Asked, Keying, give_up, press
from cordboard.visitor_events import PageArrived, tell_visitor

#: How long Redis may take to store a push before the agent hears that it did not work, seconds.
STORED_S = 2.0


async def serve_keys(call: Call, within: float) -> None:
    """Until the agent leaves, at most ``within`` seconds: do what is keyed.

    Raises:
        CallHungUp: the customer left.
    """
    leg, keying, end_ms = call.agent_leg(), IDLE, now_ms() + int(within * 1000)
    # What was keyed before contact, a sign-on say, was meant for somebody else.
    leg.keyed.clear()
    while not leg.gone and (left_ms := end_ms - now_ms()) > 0:
        pause_ms = keying.waits_ms(now_ms())
        wait_ms = left_ms if pause_ms is None else min(left_ms, pause_ms)
        await call.until(lambda: leg.gone or bool(leg.keyed), within=wait_ms / 1000)
        keying, asked = take_keys(leg, keying)
        if asked is not None:
            pushed = await push_asked(call, asked)
            await tones.tell_agent(call, tones.PUSHED if pushed else tones.REFUSED)


def take_keys(leg: Leg, keying: Keying) -> tuple[Keying, Asked | None]:
    """Take keys until a sequence is finished, or none is left; then its time may be up."""
    while leg.keyed:
        key = leg.keyed.popleft()
        keying, asked = press(keying, key.digit, key.at_ms)
        if asked is not None:
            return keying, asked
    return give_up(keying, now_ms())


async def push_asked(call: Call, asked: Asked) -> bool:
    """Push what was keyed; False when there is no such page, or nobody to see it."""
    pages = last_pushed(call) if asked.repeat else _find(call, asked.codes)
    if not call.state.visitor or not pages:
        # Never the digits themselves: an agent may have keyed something else.
        call.log.info("page.refused", bonded=bool(call.state.visitor), found=len(pages))
        return False
    at_ms = now_ms()
    for page in pages:
        _push(call, page, at_ms)
    call.state.queue_save(call.services.bus.pipe)
    try:
        async with asyncio.timeout(STORED_S):
            await call.services.bus.flush()
    except TimeoutError:
        call.log.warning("page.late", pages=len(pages))
        return False
    return True


def _find(call: Call, codes: tuple[str, ...]) -> list[Page]:
    subscriber = call.state.card.get("subscriber") or {}
    return call.services.pages.find(str(subscriber.get("code") or ""), codes)


def last_pushed(call: Call) -> list[Page]:
    """The pages of the last push of this call, by keys or from the desk, in order."""
    pushes: list[dict[str, Any]] = call.state.pushes()
    newest = max((push["at_ms"] for push in pushes), default=0)
    return [
        Page(push.get("page") or 0, push["title"], push["url"], push.get("framing") or "window")
        for push in pushes
        if push["at_ms"] == newest
    ]


def _push(call: Call, page: Page, at_ms: int) -> None:
    """Queue one page for the visitor, the desk, the database and ``*0#``."""
    state, services = call.state, call.services
    state.pushed += 1
    # The same after a crash in between, so that a push that is told twice is one.
    push_id = str(uuid5(UUID(call.id), f"push-{state.pushed}"))
    pipe = services.bus.pipe
    arrived = PageArrived(push_id, page.title, page.url, page.framing, at_ms)
    tell_visitor(pipe, state.visitor, arrived)
    event = PagePushed(
        call.id, push_id, page.title, page.url, "dtmf", at_ms, page.id or None, page.framing
    )
    if state.agent:  # a call centre elsewhere has no desk here
        tell_desk(pipe, state.agent, event)
    state.add_push(event)
    record = {
        "id": push_id,
        "visitor": state.visitor,
        "page": page.id or None,
        "title": page.title,
        "url": page.url,
        "framing": page.framing,
        "agent": state.agent or None,
        "origin": "dtmf",
    }
    services.journal.push(call.id, record)
    call.log.info("page.pushed", push=push_id, page=page.id)
