"""Pools of PostgreSQL connections, for threads (and gevent) and for asyncio.

A pool opens at once, whether or not the server is there; whoever asks for a connection waits at
most ``timeout_s`` seconds. A connection is tested before it is handed out, so a restarted server
costs the next question a reconnection, not an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

#: Seconds to wait for a connection when the caller of ``pool.connection()`` names no other time.
TIMEOUT_S = 5.0

#: Longest run of one statement, milliseconds; a question with a deadline of its own passes less.
STATEMENT_MS = 10_000

#: Without a server the pool tries for this long, seconds, then again when a question comes.
RECONNECT_S = 2.0

#: Connections kept open when idle.
KEPT = 4


def open_pool(
    url: str,
    *,
    size: int,
    name: str,
    timeout_s: float = TIMEOUT_S,
    statement_ms: int = STATEMENT_MS,
    check: Callable[[Connection[DictRow]], None] = ConnectionPool.check_connection,
) -> ConnectionPool[Connection[DictRow]]:
    """A pool whose rows are dicts and whose statements commit at once.

    Args:
        url: ``postgresql://…``
        size: most connections, usually the number of threads that ask.
        name: shown as ``application_name`` by PostgreSQL and in logs.
        timeout_s: wait for a connection before ``psycopg_pool.PoolTimeout``, seconds.
        statement_ms: PostgreSQL gives up on a statement after this, milliseconds.
        check: tests a connection before it is handed out; raises when it is broken.
    """
    return ConnectionPool(
        url,
        min_size=min(size, KEPT),
        max_size=size,
        name=name,
        timeout=timeout_s,
        reconnect_timeout=RECONNECT_S,
        connection_class=Connection[DictRow],
        kwargs=_connection_options(name, statement_ms),
        check=check,
        open=True,
    )


async def open_async_pool(
    url: str,
    *,
    size: int,
    name: str,
    timeout_s: float = TIMEOUT_S,
    statement_ms: int = STATEMENT_MS,
) -> AsyncConnectionPool[AsyncConnection[DictRow]]:
    """As :func:`open_pool`, for the running event loop."""
    pool = AsyncConnectionPool(
        url,
        min_size=min(size, KEPT),
        max_size=size,
        name=name,
        timeout=timeout_s,
        reconnect_timeout=RECONNECT_S,
        connection_class=AsyncConnection[DictRow],
        kwargs=_connection_options(name, statement_ms),
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    await pool.open(wait=False)
    return pool


def _connection_options(name: str, statement_ms: int) -> dict[str, Any]:
    return {
        "autocommit": True,
        "row_factory": dict_row,
        "application_name": f"cordboard-{name}",
        "connect_timeout": 2,
        # A server whose machine vanished is noticed within seconds, not hours.
        "tcp_user_timeout": 5000,
        "options": f"-c statement_timeout={statement_ms} -c lock_timeout={statement_ms}"
        " -c timezone=UTC",
    }
