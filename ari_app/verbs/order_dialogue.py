"""The order call itself: the dialogue says what is next, and this plays, listens, does and stores.

What it remembers is stored before it is heard, so a call that is adopted says its turn once more.
The database away is told to the caller, who gets a person; so does whoever cannot be spoken to.
"""

from __future__ import annotations

import asyncio
import subprocess

from ari_app.call import Call
from ari_app.client import Playback
from ari_app.clock import now_ms
from ari_app.orders import OrdersAway
from ari_app.verbs.hold import give_sign_of_life
from ari_app.verbs.listen import Words, begin_words, hush_words, length_s, listen
from ari_app.verbs.order_acts import do_act, read_client
from ari_app.verbs.order_memory import Conversation, Notes, notes_of, store
from ari_app.verbs.order_speech import Speechless, now_at, sounds_of, speak_ahead
from ari_app.verbs.record import forget_recordings, record
from ari_app.verbs.say import prompt, recording
from cordboard.orders import postcodes
from cordboard.orders.dialogue import (
    Answers,
    Heard,
    Keys,
    Record,
    Step,
    again,
    begin,
    hear,
    memory_from_json,
)
from cordboard.orders.dialogue.acts import Act, Hangup, ToPerson
from cordboard.orders.facts import Facts, callers_facts
from db.errors import DatabaseRefusal

#: What a turn may take beyond its words, seconds: thinking, keying or speaking, and the words of a
#: turn that follows without a pause.
SLACK_S = 90.0
#: How long the news of the caller's end may be behind the refusal to play, seconds.
NEWS_S = 1.0
#: Said when the call cannot go on by keys.
SORRY = "order-sorry"


async def converse(call: Call) -> tuple[ToPerson | Hangup, Words]:
    """Hold the dialogue to its end; answers how it ended, and the last words, just begun.

    Raises:
        CallHungUp: the caller left.
    """
    notes = notes_of(call)
    try:
        welcome, talk = await _open(call, notes)
        return await _hold(talk, welcome)
    except (OrdersAway, Speechless) as error:
        call.log.warning("order.cannot_go_on", error=repr(error))
        return await _apologise(call, notes)


async def _open(call: Call, notes: Notes) -> tuple[Words, Conversation]:
    """Welcome whoever calls, and read meanwhile what is known; a call that is adopted goes on."""
    if notes.memory:
        await _hush_former(call, notes)
        welcome = Words()
    else:
        await give_sign_of_life(call, SLACK_S)
        welcome = await begin_words(call, _welcome(call))
    await _know_postcodes()
    facts = await _read_callers(call, notes)
    talk = Conversation(call, facts, notes)
    await read_client(talk)
    return welcome, talk


async def _know_postcodes() -> None:
    """Soon after a start they are still being read; asked for, they would stop every other call."""
    try:
        await asyncio.to_thread(postcodes.load)
    except (OSError, subprocess.SubprocessError) as error:
        raise OrdersAway(f"no postcodes: {error!r}") from error


def _welcome(call: Call) -> list[str]:
    """Whoever calls every day hears the short one, where there is one."""
    subscriber = str((call.state.card.get("subscriber") or {}).get("code") or "")
    names = (f"order-welcome-{subscriber}", f"welcome-{subscriber}", "welcome")
    return next((sounds for name in names if (sounds := recording(call, name))), [])


async def _hush_former(call: Call, notes: Notes) -> None:
    """End what the process before us began to say, or to record: it would be heard first."""
    for name in reversed(notes.playing):
        await Playback(call.services.client, name).stop()
    await forget_recordings(call, {notes.recording})


async def _read_callers(call: Call, notes: Notes) -> Facts:
    """Raises OrdersAway, also when the database does not know the call: it was away before."""
    orders = call.services.orders
    try:
        by_link = bool(call.services.settings.payment_provider)
        facts = callers_facts(call.id, await orders.callers(call.id), by_link=by_link)
        if notes.number:
            found = callers_facts(call.id, await orders.callers(call.id, notes.number))
            facts = _with_callers(facts, found)
    except DatabaseRefusal as error:
        raise OrdersAway(str(error)) from error
    return facts


def _with_callers(facts: Facts, found: Facts) -> Facts:
    return Facts(facts.call, facts.number, facts.shop, found.callers, facts.client)


async def _hold(talk: Conversation, words: Words) -> tuple[ToPerson | Hangup, Words]:
    """Turn after turn. ``words`` are those that are being said already."""
    step = _first(talk)
    first, asked_ms = True, now_ms()
    while not isinstance(end := step.acts[-1] if step.acts else None, ToPerson | Hangup):
        heard, words = await _take_turn(talk, step, words, first=first, asked_ms=asked_ms)
        asked_ms = now_ms()
        first = first and isinstance(step.turn.then, Answers)
        step = hear(step.memory, heard, talk.facts, now_at(talk.facts))
    await _do(talk, step.acts[:-1])
    talk.remember(step.memory)
    return end, await _say(talk, step, words)


def _first(talk: Conversation) -> Step:
    now = now_at(talk.facts)
    if not talk.notes.memory:
        return begin(talk.facts, now)
    return again(memory_from_json(talk.notes.memory), talk.facts, now)


async def _take_turn(
    talk: Conversation, step: Step, before: Words, *, first: bool, asked_ms: int
) -> tuple[Heard, Words]:
    """Acts, words, and what is heard; also the words that may still be heard after it."""
    then = step.turn.then
    last = step.acts[-1:] if isinstance(then, Answers) else ()
    await _do(talk, step.acts[: len(step.acts) - len(last)])
    if not isinstance(then, Answers) and not first:
        # What was keyed before it was asked is no answer: a second press of the same key, say.
        talk.call.customer.keyed.clear()
    talk.notes.open_ms = 0
    talk.remember(step.memory)
    words, answer = await asyncio.gather(_say(talk, step, before), _do(talk, last))
    if isinstance(then, Answers):
        assert answer is not None, f"{step.memory.at}: no act answers"
        return answer, words
    _told(talk, step, now_ms() - asked_ms)
    if isinstance(then, Record):
        return await record(talk, then, words), Words()
    assert isinstance(then, Keys)
    ahead = speak_ahead(talk.call, step, talk.facts)
    try:
        return await listen(talk.call, then, words, talk.notes.open_ms), Words()
    finally:
        ahead.cancel()
        await hush_words(talk.call, words)


async def _do(talk: Conversation, acts: tuple[Act, ...]) -> Heard | None:
    """Do acts in order; answers what the last one answered."""
    answer: Heard | None = None
    for act in acts:
        answer = await do_act(talk, act)
    return answer


async def _say(talk: Conversation, step: Step, before: Words) -> Words:
    """Begin to say a turn; its playbacks are stored, so that an adopted call can stop them.

    Each sentence begins, or waits for its turn, while the next ones are still being made. The sign
    of life comes before: Asterisk sets no variable until what is being said is over. Words that
    follow others are covered by the sign that was given before those.
    """
    say, words = step.turn.say, before
    making = [asyncio.create_task(sounds_of(talk.call, (text,))) for text in say]
    try:
        first = await making[0] if making else []
        if before.over(talk.call):
            await give_sign_of_life(talk.call, length_s(first) + SLACK_S)
        for text, made in zip(say, making, strict=True):
            words = (await begin_words(talk.call, await made, text)).after(words)
    finally:
        for made in making:
            made.cancel()
    if say and words == before:
        # Whoever has just left is not spoken to: the news of it is on its way.
        await talk.call.until(lambda: False, within=NEWS_S)
        raise Speechless
    talk.notes.playing = list(words.playbacks)
    talk.notes.open_ms = now_ms() + _deaf_ms(step, Words() if before.over(talk.call) else before)
    talk.remember()
    return words


def _deaf_ms(step: Step, before: Words) -> int:
    """How long keys do not count, from now on: to the first word, and as long as the turn says."""
    then = step.turn.then
    deaf_s = then.deaf_s if isinstance(then, Keys) else 0.0
    return round((before.seconds + deaf_s) * 1000) if deaf_s else 0


def _told(talk: Conversation, step: Step, silence_ms: int) -> None:
    """A line of the timeline: where the caller is, and how long it took to say something."""
    at, turn = step.memory.at, step.memory.turns
    talk.call.services.journal.event(talk.call.id, "order.asked", at=at, turn=turn, ms=silence_ms)


async def _apologise(call: Call, notes: Notes) -> tuple[ToPerson, Words]:
    """By a prompt, which is always there; the draft as it was saved last goes along."""
    sorry = await begin_words(call, [prompt(call, SORRY)])
    order = ""
    if notes.memory:
        memory = memory_from_json(notes.memory)
        order = memory.draft.order if memory.basket.lines else ""
    return ToPerson("failed", order), sorry


async def forget_kept(call: Call) -> None:
    """Remove recordings of whoever left before they were enrolled."""
    notes = notes_of(call)
    names = {notes.recording, *notes.kept.values()}
    if names - {""}:
        await forget_recordings(call, names)
        notes.recording, notes.kept = "", {}
        store(call, notes)
