"""The words of an order call as sounds: prompts, spoken texts, and names that clients recorded.

Speech is made ahead: while the caller listens, the words that the likely keys lead to are spoken
into the cache. The dialogue is pure, so it can simply be asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import wave
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ari_app.call import Call
from ari_app.orders import OrdersAway
from ari_app.verbs.say import recording, speak
from cordboard.orders.dialogue import Step, hear
from cordboard.orders.dialogue.turns import Keys, Pressed
from cordboard.orders.facts import Facts
from cordboard.spoken import NAMES, is_there
from cordboard.tts import SpeechError, write_wav

PROMPT, AUDIO = "prompt:", "audio:"
#: Said in place of a recorded name that cannot be had.
NAMELESS = "a client without a name"
#: Keys whose words are made ahead, likeliest first.
LIKELY = "12340"


class Speechless(Exception):
    """Nothing of a turn can be said: the caller would hear silence."""


async def sounds_of(call: Call, say: Iterable[str]) -> list[str]:
    """What to play for these words, in order; what cannot be said is left out."""
    parts = await asyncio.gather(*(_sounds(call, part) for part in say))
    return [sound for part in parts for sound in part]


async def _sounds(call: Call, part: str) -> list[str]:
    if part.startswith(PROMPT):
        return recording(call, part.removeprefix(PROMPT))
    if part.startswith(AUDIO):
        _, customer, what = part.split(":")
        path = await _recorded(call, int(customer), what)
        if path is not None:
            return [f"sound:{path.with_suffix('')}"]
        part = NAMELESS
    try:
        return await speak(call, [part])
    except (SpeechError, ValueError, OSError) as error:
        call.log.warning("order.without_speech", error=str(error))
        return []


async def _recorded(call: Call, customer: int, what: str) -> Path | None:
    """A copy of what a client recorded, where Asterisk can play it."""
    try:
        sound = await call.services.orders.audio(customer, what)
        return await asyncio.to_thread(_copy, sound, _folder(call), customer) if sound else None
    except (OrdersAway, OSError, wave.Error, EOFError) as error:
        call.log.warning("order.without_recording", customer=customer, error=repr(error))
        return None


def _folder(call: Call) -> Path:
    return call.services.settings.sounds / NAMES


def _copy(sound: bytes, folder: Path, customer: int) -> Path:
    """Write it once while it is used; another recording has another name."""
    path = folder / f"{customer}-{hashlib.sha256(sound).hexdigest()[:16]}.wav"
    if not is_there(path):
        with wave.open(io.BytesIO(sound)) as file:
            write_wav(file.readframes(file.getnframes()), path)
    return path


def now_at(facts: Facts) -> datetime:
    """The present, as the shop's clock has it."""
    return datetime.now(facts.shop.zone)


def speak_ahead(call: Call, step: Step, facts: Facts) -> asyncio.Task[None]:
    """Begin to make the speech that the likely answers to this step lead to; cancel it any time."""
    task = asyncio.create_task(_speak_ahead(call, step, facts), name=f"ahead {call.id}")
    task.add_done_callback(_looked_at)
    return task


async def _speak_ahead(call: Call, step: Step, facts: Facts) -> None:
    if not isinstance(step.turn.then, Keys):
        return
    for key in LIKELY:
        following = hear(step.memory, Pressed(key), facts, now_at(facts))
        for part in following.turn.say:
            if not part.startswith((PROMPT, AUDIO)):
                await speak(call, [part])


def _looked_at(task: asyncio.Task[None]) -> None:
    """It is only a help: what fails is told when the words are really needed."""
    if not task.cancelled():
        task.exception()
