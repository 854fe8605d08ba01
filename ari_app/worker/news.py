"""Changes of requests, as PostgreSQL tells them: the engine is woken, the visitor is told.

Several workers hear the same news; the first one tells the visitor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis

from ari_app.worker.hearing import hear
from ari_app.worker.parts import Parts
from cordboard import keys
from cordboard.visitor_events import RequestChanged, tell_visitor

Json = dict[str, Any]

CHANNEL = "call_request"


async def listen(parts: Parts, wake: Callable[[], None]) -> None:
    """Listen until cancelled."""

    async def begin() -> None:
        # What changed before is found by looking.
        wake()

    async def changed(change: Json) -> None:
        if change["state"] == "waiting":
            wake()
        await tell(parts.redis, change)

    await hear(parts, "news", CHANNEL, begin=begin, tell=changed)


async def tell(redis: Redis, change: Json) -> bool:
    """Tell the visitor of a change, unless another worker has; False when there was nobody."""
    visitor = change["visitor"]
    if not visitor:
        return False
    mark = keys.told(change["request"], change["state"], change["due_ms"])
    if not await redis.set(mark, "1", nx=True, ex=keys.TOLD_S):
        return False
    outcome = change["outcome"]
    event = RequestChanged(
        request_id=change["request"],
        state=change["state"],
        due_ms=change["due_ms"],
        outcome=outcome,
        reason=outcome if change["state"] == "refused" else "",
    )
    pipe = redis.pipeline(transaction=True)
    tell_visitor(pipe, visitor, event)
    await pipe.execute()
    return True
