"""A short tone for the agent's ear alone, in mid-call.

Played on the agent's own channel: Asterisk takes the channel out of the mixing for so long, so the
customer hears nothing of it, and what the agent says meanwhile is lost: the tones are short. A
snoop channel that whispers would lose nothing, but is silent while the customer sends no sound, as
muted telephones do (docs/adr/0074-tones-on-the-agents-channel.md).
"""

from __future__ import annotations

from ari_app.call import Call
from ari_app.client import AriError
from ari_app.clock import now_ms

#: Names of files in ``settings.sounds/tones``, see ``cordboard/stack/tones.py``.
PUSHED, REFUSED = "page-pushed", "page-refused"


async def tell_agent(call: Call, tone: str) -> None:
    """Play a tone to the agent; returns at once. A tone that cannot be played ends no call."""
    sound = f"sound:{call.services.settings.sounds}/tones/{tone}"
    channel = call.services.client.channel(call.agent_leg().channel)
    try:
        await channel.play(f"{call.id}.play.{tone}-{now_ms()}", [sound])
    except AriError as error:
        call.log.warning("tone.not_played", tone=tone, error=str(error))
