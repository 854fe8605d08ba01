"""The announcement to the agent before the bridge: made while the phone rings, for one ear only.

Of a web call it is the whisper of the routing rule, and comes after the agent has signed on.
"""

from __future__ import annotations

import asyncio

from ari_app.call import Call
from ari_app.client import AriError
from ari_app.verbs.say import recording, speak
from cordboard import announcement, whisper
from cordboard.tts import SpeechError

#: How long an agent who has answered waits for speech that is not ready, seconds.
PATIENCE_S = 1.0
#: Longest announcement, and longest whisper of a web call, seconds.
LONGEST_S, LONGEST_WHISPER_S = 20.0, 40.0
#: Played when there is no speech, so that the agent knows that a caller comes.
INSTEAD = "sound:beep"


async def prepare(call: Call) -> list[str]:
    """Speak the phrases; answers what to play, in order."""
    order = call.order
    texts = whisper.phrases(order) if order else announcement.phrases(call.state.card)
    recorded = recording(call, f"whisper-{order.whisper_code}") if order else []
    try:
        spoken = await speak(call, texts)
    except (SpeechError, ValueError, OSError) as error:
        call.log.warning("announcement.without_speech", error=str(error))
        spoken = []
    return [*recorded, *spoken] or [INSTEAD]


async def announce_to_agent(call: Call) -> bool:
    """Play the announcement; False when the agent hung up meanwhile."""
    leg = call.agent_leg()
    call.playing = name = f"{call.id}.play.announcement-{call.state.attempt}"
    try:
        await call.services.client.channel(leg.channel).play(name, await _sounds(call))
    except AriError as error:
        call.log.warning("announcement.not_played", error=str(error))
        return not leg.gone and await _still_there(call)
    longest_s = LONGEST_WHISPER_S if call.order else LONGEST_S
    if not await call.until(lambda: leg.gone or name in call.finished_playbacks, within=longest_s):
        call.log.warning("announcement.too_long")
    return not leg.gone


async def _sounds(call: Call) -> list[str]:
    task = call.announcement or asyncio.create_task(prepare(call))
    try:
        return await asyncio.wait_for(asyncio.shield(task), PATIENCE_S)
    except TimeoutError:
        call.log.warning("announcement.too_late")
        return [INSTEAD]


async def _still_there(call: Call) -> bool:
    """Whether the agent's leg exists; its end is on its way to us if it does not."""
    leg = call.agent_leg()
    return not await call.until(lambda: leg.gone, within=0.5)
