"""What PostgreSQL tells of its own accord, heard for as long as the worker lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from psycopg import AsyncConnection

from ari_app.bus import heed_cancellation
from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts

#: A connection that says nothing for so long is asked whether it still works, seconds.
SILENCE_S = 60.0


async def hear(
    parts: Parts,
    name: str,
    channel: str,
    *,
    begin: Callable[[], Awaitable[None]],
    tell: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Listen until cancelled, on a new connection whenever the one before is lost.

    Args:
        parts: the worker's.
        name: of the task, under which it says that PostgreSQL is away.
        channel: of ``NOTIFY``.
        begin: looks up what was told while nobody listened; nothing is missed from here on.
        tell: gets each notice, one after the other.
    """

    async def once() -> None:
        connection = await AsyncConnection.connect(
            parts.settings.database, autocommit=True, connect_timeout=3
        )
        async with connection:
            await connection.execute(f"LISTEN {channel}")
            await begin()
            parts.problems.pop(name, None)
            while True:
                async for notice in connection.notifies(timeout=SILENCE_S):
                    await tell(orjson.loads(notice.payload))
                    heed_cancellation()
                await connection.execute("SELECT 1")
                heed_cancellation()

    await keep_trying(parts, name, once)
