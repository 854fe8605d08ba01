"""Recording a caller: a beep, then what is said until ``#``, silence, or the longest time."""

from __future__ import annotations

from ari_app.call import Call
from ari_app.client import AriError, Recording
from ari_app.clock import now_ms
from ari_app.verbs.listen import LATE_S, Words, hush_words
from ari_app.verbs.order_memory import Conversation
from cordboard.orders.dialogue import Heard, Pressed, Record, Recorded
from cordboard.voice import listen_to

#: So much silence ends a recording, seconds.
SILENCE_S = 4
#: The largest recording that is kept, bytes: ``client_audio`` takes no more.
MOST_BYTES = 2_000_000
#: Instead of speaking, the caller asks for a person.
PERSON = "0"


async def record(talk: Conversation, wanted: Record, words: Words) -> Heard:
    """Record after the last word, or at once when a key cuts it short.

    Raises:
        CallHungUp: the caller left.
    """
    call = talk.call
    keyed = call.customer.keyed
    await call.until(lambda: bool(keyed) or words.over(call), within=words.seconds + LATE_S)
    await hush_words(call, words)
    if _wants_person(call):
        return Pressed(PERSON)
    keyed.clear()
    name = f"{call.id}.record.{wanted.what}-{now_ms()}"
    talk.notes.recording = name
    talk.remember()
    recording = await call.channel.record(
        name, longest_s=round(wanted.longest_s), silence_s=SILENCE_S
    )
    longest_s = wanted.longest_s + SILENCE_S + LATE_S
    await call.until(lambda: _wants_person(call) or name in call.recorded, within=longest_s)
    if _wants_person(call):
        await recording.stop()
        await recording.delete()
        return Pressed(PERSON)
    return await _judge(call, wanted.what, recording)


def _wants_person(call: Call) -> bool:
    return any(key.digit == PERSON for key in call.customer.keyed)


async def _judge(call: Call, what: str, recording: Recording) -> Recorded:
    """Whether there is a voice in it; what is silence, or no recording at all, is removed."""
    try:
        sound = await recording.content()
        heard = listen_to(sound)
    except (AriError, ValueError) as error:
        call.log.info("recording.unusable", error=str(error))
        return Recorded(what, 0.0, silent=True)
    if heard.silent or len(sound) > MOST_BYTES:
        await recording.delete()
        return Recorded(what, heard.seconds, silent=True)
    return Recorded(what, heard.seconds, silent=False)


async def forget_recordings(call: Call, names: set[str]) -> None:
    """Remove recordings from Asterisk, whose disk is no place for a client's voice."""
    for name in sorted(names - {""}):
        recording = Recording(call.services.client, name)
        try:
            await recording.stop()
            await recording.delete()
        except AriError as error:
            call.log.warning("recording.not_removed", error=str(error))
