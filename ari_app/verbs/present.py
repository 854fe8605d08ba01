"""The IVR presents an offer that nobody can present now; the caller answers by a key.

It begins once, whatever crashes: that it began is stored before the first word is heard, and a call
that is adopted in the middle goes on to the queue. It counts as presented when it was played
through, or answered.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.verbs.decide import decided_offer, move_to, route_of
from ari_app.verbs.hold import give_sign_of_life
from ari_app.verbs.say import hush, prompt, say, speak, start_saying
from cordboard import script
from cordboard.tts import SpeechError

#: Key -> what it means (``OFFER_ANSWER``), the system's code, and what is said.
ANSWERS = {
    "1": ("interested", "SYS_IVR_ACCEPTED", "offer-interested"),
    "2": ("not_interested", "SYS_IVR_DECLINED", "offer-declined"),
    "3": ("later", "SYS_IVR_LATER", "offer-later"),
}
#: Straight to a person.
PERSON = "0"
#: Longest wait for speech that is not made yet, seconds.
SPEECH_S = 3.0
#: Longest presentation, and longest question, seconds.
LONGEST_S, LONGEST_QUESTION_S = 75.0, 20.0
#: How long after the question the caller may think, seconds.
THINK_S = 5.0
#: All of it takes no longer, seconds.
BUSY_S = LONGEST_S + LONGEST_QUESTION_S + THINK_S + 30.0


async def present_offer(call: Call) -> None:
    """Present the offer of the decision, where the IVR is to do it.

    Raises:
        CallHungUp: the caller left.
    """
    if route_of(call).get("to") != "ivr" or call.state.presented_ms:
        return
    if not (sounds := await _spoken(call)):
        return
    await _begin(call)
    key = await _listen(call, sounds)
    call.customer.keyed.clear()
    if key in ANSWERS:
        await _take_answer(call, *ANSWERS[key])


def text_of(template: str, card: dict[str, Any]) -> str:
    """What is said: ``{first_name}`` and ``{subscriber}`` filled, what is not known left out."""
    name = str((card.get("customer") or {}).get("name") or "")
    values = {
        "first_name": name.partition(" ")[0],
        "subscriber": (card.get("subscriber") or {}).get("name"),
    }
    segments = script.fill(template, values)
    return "".join(part.text for part in segments if not part.gap).strip(" ,")


async def _spoken(call: Call) -> list[str]:
    text = text_of(str(route_of(call).get("text") or ""), call.state.card)
    try:
        async with asyncio.timeout(SPEECH_S):
            return await speak(call, [text])
    except (SpeechError, ValueError, OSError, TimeoutError) as error:
        call.log.warning("offer.without_speech", error=repr(error))
        return []


async def _begin(call: Call) -> None:
    """Stored before it is done: never begun twice."""
    state, services = call.state, call.services
    state.presented_ms = now_ms()
    state.queue_save(services.bus.pipe)
    code = decided_offer(call).get("code")
    services.journal.event(call.id, "offer.presentation_began", offer=code)
    await services.bus.flush()
    await give_sign_of_life(call, BUSY_S)


async def _listen(call: Call, sounds: list[str]) -> str:
    """Play it and ask; answers the key, at any time, or nothing."""
    leg = call.customer
    leg.keyed.clear()
    offer = await start_saying(call, leg, [prompt(call, "offer-for-you"), *sounds])
    if offer and not await _key_during(call, offer, LONGEST_S) and offer in call.played:
        _presented(call)
        question = await start_saying(call, leg, [prompt(call, "offer-answers")])
        if question and not await _key_during(call, question, LONGEST_QUESTION_S):
            await call.until(lambda: bool(_key(call)), within=THINK_S)
    await hush(call, call.playing)
    return _key(call)


async def _key_during(call: Call, name: str, longest_s: float) -> str:
    """Wait for a key or for the end of what is played."""
    finished = call.finished_playbacks
    await call.until(lambda: bool(_key(call)) or name in finished, within=longest_s)
    return _key(call)


def _key(call: Call) -> str:
    """The first key that means anything."""
    keys = (key.digit for key in call.customer.keyed)
    return next((key for key in keys if key in ANSWERS or key == PERSON), "")


def _presented(call: Call) -> None:
    """Really presented: written once for the call and the offer, and shown on the card."""
    entry = decided_offer(call)
    if entry.get("presented"):
        return
    entry["presented"] = "ivr"
    call.services.journal.exposure(call.id, offer=entry["offer"], channel="ivr")
    call.state.queue_save(call.services.bus.pipe)


async def _take_answer(call: Call, answer: str, code: str, thanks: str) -> None:
    """Record what the caller said; whoever is interested is for those who can go on from there."""
    state, services, entry = call.state, call.services, decided_offer(call)
    _presented(call)
    entry["answer"] = answer
    services.journal.disposition(
        call.id, 0, entry["kind"], code, f"{call.id}:ivr:{entry['offer']}", offer=entry["code"]
    )
    state.card["cti"] = {**(state.card.get("cti") or {}), "OFFER_ANSWER": answer}
    if entry.get("attached"):
        done = state.card.get("dispositions") or {}
        state.card["dispositions"] = {**done, entry["kind"]: code}
    services.journal.call(call.id, cti={"OFFER_ANSWER": answer})
    if answer == "interested":
        _to_who_is_able(call, entry)
    state.queue_save(services.bus.pipe)
    await say(call, call.customer, prompt(call, thanks))


def _to_who_is_able(call: Call, entry: dict[str, Any]) -> None:
    """The offer's own group, while somebody is there; its skill counts until it is relaxed."""
    group = str(route_of(call).get("group") or "")
    there = group and call.services.agents.in_group(group)
    move_to(call, group if there else call.state.group, entry.get("skill"))
