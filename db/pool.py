"""Pools of PostgreSQL connections, for threads (and gevent) and for asyncio.

A pool opens at once, whether or not the server is there; whoever asks for a connection waits at
most ``timeout_s`` seconds. A connection is tested before it is handed out, so a restarted server
costs the next question a reconnection, not an error; that test ends in the same time, whatever the
server does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolTimeout

from db.deadline import TimedAsyncConnection, TimedConnection

#: Seconds to wait for a connection when the caller of ``pool.connection()`` names no other time.
TIMEOUT_S = 5.0

#: Longest run of one statement, milliseconds; a question with a deadline of its own passes less.
STATEMENT_MS = 10_000

#: Without a server the pool tries for this long, seconds, then again when a question comes.
RECONNECT_S = 2.0

#: Connections kept open when idle.
KEPT = 4

Check = Callable[[Connection[DictRow]], None]


class CheckedPool(ConnectionPool[Connection[DictRow]]):
    """Hands out no broken connection, and replaces those it finds without delay.

    The library's own ``check`` waits a second after each broken connection, which is longer than a
    caller may wait for an answer.
    """

    probe: Check = staticmethod(ConnectionPool.check_connection)

    def getconn(self, timeout: float | None = None) -> Connection[DictRow]:
        """A working connection; ``psycopg_pool.PoolTimeout`` when there is none in time."""
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            conn = super().getconn(until - time.monotonic())
            try:
                _limit(conn, until)
                self.probe(conn)
            except Exception as error:
                conn.close()
                self.putconn(conn)
                _raise_if_late(until, error)
            except BaseException:
                self.putconn(conn)
                raise
            else:
                _limit(conn, None)
                return conn


class CheckedAsyncPool(AsyncConnectionPool[AsyncConnection[DictRow]]):
    """As :class:`CheckedPool`, for asyncio."""

    async def getconn(  # the library's own signature
        self,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncConnection[DictRow]:
        """A working connection; ``psycopg_pool.PoolTimeout`` when there is none in time."""
        until = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            conn = await super().getconn(until - time.monotonic())
            try:
                _limit(conn, until)
                await self.check_connection(conn)
            except Exception as error:
                await conn.close()
                await self.putconn(conn)
                _raise_if_late(until, error)
            except BaseException:
                await self.putconn(conn)
                raise
            else:
                _limit(conn, None)
                return conn


def _limit(conn: Connection[DictRow] | AsyncConnection[DictRow], until: float | None) -> None:
    if isinstance(conn, TimedConnection | TimedAsyncConnection):
        conn.until = until


def _raise_if_late(until: float, error: Exception) -> None:
    """One that does not answer is one: the next may, but there is no time to see."""
    if time.monotonic() >= until:
        raise PoolTimeout("the server did not answer in time") from error


def open_pool(
    url: str,
    *,
    size: int,
    name: str,
    timeout_s: float = TIMEOUT_S,
    statement_ms: int = STATEMENT_MS,
    check: Check | None = None,
) -> ConnectionPool[Connection[DictRow]]:
    """A pool whose rows are dicts and whose statements commit at once.

    Args:
        url: ``postgresql://…``
        size: most connections, usually the number of threads that ask.
        name: shown as ``application_name`` by PostgreSQL and in logs.
        timeout_s: wait for a connection before ``psycopg_pool.PoolTimeout``, seconds.
        statement_ms: PostgreSQL gives up on a statement after this, milliseconds.
        check: tests a connection before it is handed out, in place of the usual round trip;
            raises when it is broken.
    """
    pool = CheckedPool(
        url, connection_class=TimedConnection, **_options(size, name, timeout_s, statement_ms)
    )
    if check:
        pool.probe = check
    pool.open()
    return pool


async def open_async_pool(
    url: str,
    *,
    size: int,
    name: str,
    timeout_s: float = TIMEOUT_S,
    statement_ms: int = STATEMENT_MS,
) -> AsyncConnectionPool[AsyncConnection[DictRow]]:
    """As :func:`open_pool`, for the running event loop."""
    options = _options(size, name, timeout_s, statement_ms)
    pool = CheckedAsyncPool(url, connection_class=TimedAsyncConnection, **options)
    await pool.open()
    return pool


def _options(size: int, name: str, timeout_s: float, statement_ms: int) -> dict[str, Any]:
    return {
        "min_size": min(size, KEPT),
        "max_size": size,
        "name": name,
        "timeout": timeout_s,
        "reconnect_timeout": RECONNECT_S,
        "open": False,
        "kwargs": {
            "autocommit": True,
            "row_factory": dict_row,
            "application_name": f"cordboard-{name}",
            "connect_timeout": 2,
            # A server whose machine vanished is noticed within seconds, not hours.
            "tcp_user_timeout": 5000,
            "options": f"-c statement_timeout={statement_ms} -c lock_timeout={statement_ms}"
            " -c timezone=UTC",
        },
    }
