"""What calls need of PostgreSQL: agents, groups, phones, pages; read at start and when changed."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from redis.exceptions import RedisError

from ari_app.agents import Agents
from ari_app.client import AriError
from ari_app.groups import Groups
from ari_app.pages import Pages
from ari_app.phones import Phones
from ari_app.registrations import Registrations
from cordboard import keys
from db.queries import sql

log = structlog.get_logger(__name__)

#: It is read again this often even if nobody said that it changed, seconds.
EVERY_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
_AWAY = (psycopg.Error, PoolTimeout, RedisError, AriError, OSError, TimeoutError)


class Directory:
    """Keeps the app's agents, groups, pages and Asterisk's phones equal to the database."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        agents: Agents,
        groups: Groups,
        pages: Pages,
        phones: Phones,
        registrations: Registrations,
    ) -> None:
        self._pool = pool
        self._agents = agents
        self._groups = groups
        self._pages = pages
        self._phones = phones
        self._registrations = registrations
        self._changed = asyncio.Event()

    def changed(self, _event: object = None) -> None:
        """Read it again soon."""
        self._changed.set()

    async def read(self) -> None:
        """Agents, groups and pages.

        Raises:
            psycopg.Error, PoolTimeout: the database is away.
        """
        async with self._pool.connection(timeout=5) as connection:
            groups = await (await connection.execute(sql.group_settings)).fetchall()
            lines = await (await connection.execute(sql.lines)).fetchall()
            agents = await (await connection.execute(sql.agent_directory)).fetchall()
            pages = await (await connection.execute(sql.active_pages)).fetchall()
            pins = await (await connection.execute(sql.agent_pins)).fetchall()
        self._groups.store(groups, lines)
        self._pages.store(pages)
        self._agents.bus.pipe.set(keys.DIRECTORY, self._groups.dump())
        self._agents.bus.pipe.set(keys.PAGES, self._pages.dump())
        self._agents.pins = {row["id"]: bytes(row["pin_hash"]) for row in pins}
        await self._agents.store(agents)

    async def read_copy(self) -> None:
        """The same as Redis has them from last time."""
        redis = self._agents.bus.redis
        if dumped := await redis.get(keys.DIRECTORY):
            self._groups.restore(str(dumped))
        if dumped := await redis.get(keys.PAGES):
            self._pages.restore(str(dumped))
        await self._agents.read()

    async def run(self) -> None:
        """Keep everything equal until cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            self._changed.clear()
            try:
                await self.read()
                await self._provision()
                pause = FIRST_PAUSE_S
            except _AWAY as error:
                log.warning("directory.waits", error=repr(error), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                continue
            await self._wait()

    async def _provision(self) -> None:
        async with self._pool.connection(timeout=5) as connection:
            phones = await (await connection.execute(sql.phone_devices)).fetchall()
        await self._phones.provision(phones)
        await self._registrations.read()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._changed.wait()
        except TimeoutError:
            return
