"""What others tell the app through ``cb:events``: agents' choices, edits, desks' records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ari_app.bus import SILENCE_S
from cordboard import keys

log = structlog.get_logger(__name__)

Handler = Callable[[dict[str, Any]], Awaitable[None] | None]

BLOCK_MS = 2000
AGAIN_S = 0.2
#: Events are gathered so long before the next read, seconds.
GATHER_S = 0.05


def entries_of(answer: Any) -> list[tuple[str, dict[str, str]]]:
    """The entries of the one stream that XREAD or XREADGROUP was asked for, in RESP2 or RESP3."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return list(next(iter(answer.values()))[0])
    return list(answer[0][1])


class Listener:
    """Reads the stream from the moment of :meth:`begin` on; no event is missed after that."""

    def __init__(self, redis: Redis, handlers: dict[str, Handler]) -> None:
        self._redis = redis
        self._handlers = handlers
        self._last = "0"

    async def begin(self) -> None:
        """Mark the present; call it before the state that the events change is read."""
        newest = await self._redis.xrevrange(keys.EVENTS, count=1)
        self._last = str(newest[0][0]) if newest else "0"

    async def run(self) -> None:
        """Hand events to their handlers until cancelled."""
        while True:
            try:
                async with asyncio.timeout(BLOCK_MS / 1000 + SILENCE_S):
                    answer: Any = await self._redis.xread(
                        {keys.EVENTS: self._last}, block=BLOCK_MS, count=500
                    )
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("listener.waits", error=repr(error))
                await asyncio.sleep(AGAIN_S)
                continue
            for entry_id, fields in entries_of(answer):
                self._last = entry_id
                await self._hand_out(fields)
            # At high load one read brings many events.
            await asyncio.sleep(GATHER_S)

    async def _hand_out(self, fields: dict[str, str]) -> None:
        handler = self._handlers.get(fields.get("type", ""))
        if handler is None:
            return
        try:
            done = handler(orjson.loads(fields["data"]))
            if done is not None:
                await done
        except Exception:
            log.exception("listener.handler_failed", event_type=fields["type"])
