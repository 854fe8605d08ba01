"""An agent who has signed on waits for the customer."""

from __future__ import annotations

from ari_app.call import Call
from ari_app.client import AriError


def agent_is_ready(call: Call) -> bool:
    """Whether an agent has signed on to this call and is still there."""
    call.note_all()
    return bool(call.state.signed_on_ms and call.agent and not call.agent.gone)


async def end_agent_wait(call: Call) -> None:
    """End that music, which would go on in the bridge."""
    if call.order and call.order.rule.placement != "customer_first":
        await call.services.client.channel(call.agent_leg().channel).stop_moh()


async def let_agent_wait(call: Call) -> None:
    """Music for the agent while the customer's phone rings."""
    if call.state.answered_ms or not agent_is_ready(call):
        return
    try:
        await call.services.client.channel(call.agent_leg().channel).start_moh()
    except AriError as error:
        call.log.info("agent.waits_in_silence", error=str(error))
