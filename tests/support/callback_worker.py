"""Workers that call back while a test runs, and what reached the app's stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import orjson
import pytest
from redis.asyncio import Redis

from ari_app.worker.__main__ import call_back
from ari_app.worker.parts import Parts
from cordboard import keys
from support.beside import running
from support.callback_world import allow_all
from support.requests import Connection, SqlRequest

Connect = Callable[[], Connection]


@pytest.fixture
def conn(connect: Connect) -> Connection:
    """The database of the test, in which everybody may be called."""
    conn = connect()
    allow_all(conn)
    return conn


def working(*parts: Parts) -> AbstractAsyncContextManager[None]:
    return running(*(call_back(one) for one in parts))


async def handed(redis: Redis) -> list[str]:
    """Requests of the attempts in the app's stream."""
    return [orjson.loads(f["attempt"])["request"] for _, f in await redis.xrange(keys.CALLBACKS)]


def is_handed(redis: Redis, *requests: SqlRequest) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return sorted(await handed(redis)) == sorted(request.id for request in requests)

    return look
