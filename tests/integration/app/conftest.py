"""Parts of call control on a numbered Redis database of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from ari_app.agents import Agents
from ari_app.bus import Bus
from ari_app.worker.parts import Parts
from cordboard.settings import Settings
from db.pool import open_async_pool
from support.beside import running

#: The running app and desk use number 0.
REDIS_NUMBER = 6


@pytest.fixture(scope="session")
def redis_url(stores: Settings) -> str:
    return stores.redis.rpartition("/")[0] + f"/{REDIS_NUMBER}"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        await client.flushdb()
        yield client
        await client.flushdb()


@pytest.fixture
async def bus(redis: Redis) -> AsyncIterator[Bus]:
    bus = Bus(redis)
    async with running(bus.run()):
        yield bus


@pytest.fixture
async def agents(bus: Bus) -> Agents:
    """Two agents of ``sales``, logged in, available, with phones."""
    agents = Agents(bus)
    await agents.store(
        {
            "id": number,
            "name": f"Agent {number}",
            "username": f"agent{number}",
            "device": f"phone-agent{number}",
            "number": None,
            "groups": {"sales": 1},
            "skills": {},
        }
        for number in (1, 2)
    )
    return agents


@pytest.fixture
async def parts(
    stores: Settings, fresh_database_url: str, redis_url: str, redis: Redis
) -> AsyncIterator[Parts]:
    addresses = {"database_url": fresh_database_url, "redis_url": redis_url}
    settings = stores.model_copy(update=addresses)
    settings.__dict__.pop("database", None)  # they were computed for the stack's own
    settings.__dict__.pop("redis", None)
    async with await open_async_pool(settings.database, size=4, name="test") as pool:
        yield Parts(settings, pool, redis)
