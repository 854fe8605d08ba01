"""Saying something to one leg: prompts and texts, each with a deadline."""

from __future__ import annotations

import asyncio
from time import time_ns

from ari_app.call import Call
from ari_app.client import AriError, Playback
from ari_app.leg import Leg
from cordboard.tts import SpeechError, speak_async

#: Programs that make speech at once; more would take the processor away from calls.
_SPEAKERS = asyncio.Semaphore(2)
#: Longest thing said, seconds.
LONGEST_S = 30.0


async def speak(call: Call, texts: list[str]) -> list[str]:
    """Sounds of texts, in order.

    Raises:
        SpeechError, ValueError, OSError: it cannot be spoken.
    """
    return list(await asyncio.gather(*(_speak(call, text) for text in texts)))


async def _speak(call: Call, text: str) -> str:
    async with _SPEAKERS:
        path = await speak_async(text, call.services.settings)
    return f"sound:{path.with_suffix('')}"


def prompt(call: Call, name: str) -> str:
    """Sound of a prompt of ``prompts.toml``."""
    return f"sound:{call.services.settings.sounds}/prompts/{name}"


def recording(call: Call, name: str) -> list[str]:
    """The prompt of that name, if there is one; the name may come from outside."""
    path = call.services.settings.sounds / "prompts" / f"{name}.wav"
    return [prompt(call, name)] if "/" not in name and path.exists() else []


async def say(call: Call, leg: Leg, *parts: str, without_caller: bool = False) -> bool:
    """Say prompts and texts to one leg; False when it is gone.

    Args:
        call: the call.
        leg: who hears it.
        parts: sounds (``sound:…``) and texts to be spoken. A text that cannot be is left out.
        without_caller: go on although the customer has left.

    Raises:
        CallHungUp: the customer left, or declined.
    """
    sounds = [sound for part in parts for sound in await _sounds(call, part)]
    if not sounds or leg.gone:
        return not leg.gone
    name = await start_saying(call, leg, sounds)
    if name:
        await call.until(
            lambda: leg.gone or name in call.finished_playbacks,
            within=LONGEST_S,
            without_caller=without_caller,
        )
    return not leg.gone


async def start_saying(call: Call, leg: Leg, sounds: list[str]) -> str:
    """Begin to play; answers the playback's id, nothing when Asterisk would not."""
    # Two may begin within one millisecond.
    name = f"{call.id}.play.{leg.role}-{time_ns()}"
    try:
        await call.services.client.channel(leg.channel).play(name, sounds)
    except AriError as error:
        call.log.info("say.not_played", channel=leg.channel, error=str(error))
        return ""
    call.playing = name
    return name


async def hush(call: Call, name: str) -> None:
    """Stop what was begun under this id: it has been answered."""
    if name and name not in call.finished_playbacks:
        await Playback(call.services.client, name).stop()


async def _sounds(call: Call, part: str) -> list[str]:
    if part.startswith("sound:"):
        return [part]
    try:
        return await speak(call, [part])
    except (SpeechError, ValueError, OSError) as error:
        call.log.warning("say.without_speech", error=str(error))
        return []
