"""A caller leaves the queue to be called back, and keeps the place.

The number that the call came from is confirmed by one key, or another one is keyed. What is keyed
is in memory until it is judged, and stored in the request alone.
"""

from __future__ import annotations

import re

from ari_app.call import CALL_ME_BACK, Call
from ari_app.requests import Kept, Place
from ari_app.verbs.hold import give_sign_of_life
from ari_app.verbs.say import hush, prompt, say, start_saying

#: How often a number is asked for.
TRIES = 3
#: How long the caller has until the first key, and from it to the last, seconds.
ASK_S = 30.0
#: After the confirming key nothing else comes for so long, seconds; else a number begins with it.
CONFIRMED_S = 2.0
#: All of it takes no longer, seconds.
BUSY_S = TRIES * (ASK_S + CONFIRMED_S + ASK_S)
END_KEY = "#"
#: A number that can be said back and dialled.
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


async def keep_place_of(call: Call) -> bool:
    """Note whom to call back; True when that is done and the call may end.

    Raises:
        CallHungUp: the caller left before that.
    """
    if call.state.outcome != "callback":
        if not call.wants_callback:
            return False
        await give_sign_of_life(call, BUSY_S)
        if not await _note(call):
            call.customer.keyed.clear()
            await say(call, call.customer, prompt(call, "callback-not-kept"))
            return False
        call.state.outcome = "callback"
        call.state.queue_save(call.services.bus.pipe)
        call.services.journal.event(call.id, "callback.promised")
    await say(call, call.customer, prompt(call, "callback-kept"))
    return True


async def _note(call: Call) -> bool:
    """Ask for the number until it is one that may be called, and store the request."""
    own = call.state.ani if NUMBER.fullmatch(call.state.ani) else ""
    sorry: list[str] = []
    for _ in range(TRIES):
        number = await _ask_number(call, own, sorry)
        kept = await call.services.requests.keep(_place(call, number, own)) if number else None
        if kept is Kept.YES or kept is Kept.UNAVAILABLE:
            return kept is Kept.YES
        sorry = [prompt(call, "callback-not-this-number" if number else "nothing-heard")]
        own = "" if number == own else own
    return False


def _place(call: Call, number: str, own: str) -> Place:
    state, card = call.state, call.state.card
    return Place(
        call_id=call.id,
        subscriber=str((card.get("subscriber") or {}).get("code") or ""),
        subject=call.services.groups.get(state.group).callback_subject,
        number=number,
        own=number == own,
        entered_ms=state.entered_ms,
        customer=(card.get("customer") or {}).get("id"),
    )


async def _ask_number(call: Call, own: str, sorry: list[str]) -> str:
    """The confirmed or keyed number; empty when nothing was keyed in time."""
    leg = call.customer
    leg.keyed.clear()
    asking = await start_saying(call, leg, [*sorry, *_question(call, own)])
    call.services.journal.event(call.id, "callback.number_asked")
    if not await call.until(lambda: bool(leg.keyed), within=ASK_S):
        return ""
    await hush(call, asking)
    if own and _entry(call) == CALL_ME_BACK:
        more = await call.until(lambda: len(leg.keyed) > 1, within=CONFIRMED_S)
        if not more or _entry(call) == CALL_ME_BACK + END_KEY:
            return own
    await call.until(lambda: END_KEY in _entry(call), within=ASK_S)
    return _entry(call).partition(END_KEY)[0]


def _question(call: Call, own: str) -> list[str]:
    if not own:
        return [prompt(call, "callback-key-number")]
    spoken = f"digits:{own.removeprefix('+')}"
    return [prompt(call, "callback-number"), spoken, prompt(call, "callback-confirm")]


def _entry(call: Call) -> str:
    return "".join(key.digit for key in call.customer.keyed)
