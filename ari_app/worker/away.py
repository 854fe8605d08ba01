"""Database or Redis are away: a task says so, waits a little longer each time, and goes on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from ari_app.bus import heed_cancellation
from ari_app.worker.parts import Parts

log = structlog.get_logger(__name__)

#: What the absence of a neighbour looks like.
AWAY = (psycopg.Error, PoolTimeout, RedisError, OSError, TimeoutError)
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


async def keep_trying(parts: Parts, name: str, once: Callable[[], Awaitable[None]]) -> None:
    """Do ``once`` again and again until cancelled, whatever neighbour is away meanwhile."""
    pause = FIRST_PAUSE_S
    while True:
        heed_cancellation()
        try:
            await once()
        except AWAY as error:
            parts.problems[name] = " ".join(str(error).split())[:200] or type(error).__name__
            log.warning("worker.waits", task=name, error=repr(error), again_in_s=round(pause, 2))
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE_S)
        else:
            parts.problems.pop(name, None)
            pause = FIRST_PAUSE_S
