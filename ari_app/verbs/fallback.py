"""Handing a caller to the dialplan's plain queue, where nobody is lost."""

from __future__ import annotations

from ari_app.call import Call

CONTEXT, EXTENSION = "queue-fallback", "s"


async def leave_to_dialplan(call: Call, reason: str) -> None:
    """Let the caller leave for ``[queue-fallback]``, which is told the group by ``CB_QUEUE``."""
    call.log.warning("call.to_fallback", reason=reason, group=call.state.group)
    call.state.outcome = "fallback"
    call.services.journal.call(call.id, route=CONTEXT)
    call.services.journal.event(call.id, "call.to_fallback", reason=reason)
    await call.channel.set_variables({"CB_QUEUE": call.state.group})
    await call.channel.continue_in_dialplan(CONTEXT, EXTENSION)
    # From here on the caller's leg is the dialplan's; nothing of ours may end it.
    call.customer.gone = True
