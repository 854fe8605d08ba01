"""Putting caller and agent together, and waiting until one of them leaves."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ari_app.call import Call, CallHungUp
from ari_app.client import BadRequest, Conflict, Gone
from ari_app.verbs.hold import DEAD_MAN
from ari_app.verbs.pages import serve_keys

#: Longest conversation, seconds; Asterisk's own timer ends it should we have missed the end.
LONGEST_TALK_S = 4 * 3600
#: How long the news of a leg's end may be behind a refused command, seconds.
NEWS_S = 1.0


async def bridge_legs(call: Call) -> bool:
    """Let caller and agent hear each other; False when the agent has left."""
    bridge, leg = call.services.client.bridge(call.bridge_id), call.agent_leg()
    try:
        await asyncio.gather(
            bridge.create(),
            call.channel.set_variables({DEAD_MAN: str(LONGEST_TALK_S)}),
            # The music would go on in the bridge, over the agent's voice.
            call.channel.stop_moh(),
        )
        await bridge.add_channel(call.customer.channel)
        # In a call of its own: only the agent's digits are kept from the other side.
        await bridge.add_channel(leg.channel, absorb_dtmf=True)
    except (BadRequest, Gone, Conflict) as error:
        call.log.info("bridge.refused", error=str(error))
        if not await call.until(lambda: leg.gone, within=NEWS_S):
            raise
    return not leg.gone


async def talk_until_one_leaves(call: Call) -> None:
    """Until caller or agent leaves; meanwhile the agent may push pages by keys."""
    with suppress(CallHungUp):
        await serve_keys(call, within=LONGEST_TALK_S)
