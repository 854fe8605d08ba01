"""Connections that wait for nothing beyond a moment, whatever the server does.

``statement_timeout`` is the server's, and one that is stopped, or whose machine hangs, does not
look at it; a cancelled asyncio task waits until the server has confirmed that the statement is
cancelled, ten seconds at most. So who has a deadline drops the connection when it is over: that
asks nobody. The pool replaces it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from psycopg import AsyncConnection, Connection, OperationalError, waiting
from psycopg.abc import RV, PQGen
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool, ConnectionPool

#: Seconds after which a wait looks up, for Ctrl-C: the library's own.
INTERVAL_S = 0.1


class TimedConnection(Connection[DictRow]):
    """One whose statements end by a moment.

    Attributes:
        until: that moment, by ``time.monotonic()``; None: there is no hurry.
    """

    until: float | None = None

    def wait(
        self, gen: PQGen[RV], interval: float = INTERVAL_S, timeout: float | None = None
    ) -> RV:
        """As the library's; too late, the connection is dropped: ``OperationalError``."""
        if self.until is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, _left(self.until))
        except OperationalError:
            if time.monotonic() >= self.until:
                self.pgconn.finish()
            raise


class TimedAsyncConnection(AsyncConnection[DictRow]):
    """As :class:`TimedConnection`, for asyncio; who is cancelled drops it too."""

    until: float | None = None

    async def wait(  # the library's own signature
        self,
        gen: PQGen[RV],
        interval: float = INTERVAL_S,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> RV:
        """See :meth:`TimedConnection.wait`."""
        if self.until is None:
            return await super().wait(gen, interval, timeout)
        try:
            # Not the library's: when it is cancelled that one goes on talking with the server.
            return await waiting.wait_async(
                gen, self.pgconn.socket, interval=interval, timeout=_left(self.until)
            )
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise
        except OperationalError:
            if time.monotonic() >= self.until:
                self.pgconn.finish()
            raise


@contextmanager
def connection_until(pool: ConnectionPool[Any], until: float) -> Iterator[TimedConnection]:
    """A connection of a pool of ours, for what must be over at a moment.

    Args:
        pool: of ``db.pool.open_pool``.
        until: by ``time.monotonic()``.

    Raises:
        psycopg_pool.PoolTimeout: there is none in time.
    """
    with pool.connection(timeout=_left(until)) as connection:
        connection.until = until
        try:
            yield connection
        finally:
            connection.until = None


@asynccontextmanager
async def async_connection_until(
    pool: AsyncConnectionPool[Any], until: float
) -> AsyncIterator[TimedAsyncConnection]:
    """As :func:`connection_until`, of ``db.pool.open_async_pool``."""
    async with pool.connection(timeout=_left(until)) as connection:
        connection.until = until
        try:
            yield connection
        finally:
            connection.until = None


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
