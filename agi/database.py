"""The database as a FastAGI question sees it: an answer before the deadline, or ``Unavailable``.

Three things can be slow: getting a connection, the server's work, and a server that is there but
does not react. The pool and ``statement_timeout`` bound the first two. For the third a watchdog
cuts the connection when the deadline passes. After a failure the database is left alone for a
moment, so that callers who come meanwhile do not wait for it one by one.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from db.pool import open_pool

log = structlog.get_logger(__name__)

#: After a failure, questions are answered with ``Unavailable`` at once for this long, seconds.
LEFT_ALONE = 1.0
#: How often the watchdog looks, seconds; a cut comes at most this much after the deadline.
WATCH_EVERY = 0.05
#: Part of the deadline in which the database must answer; the rest is for the reply.
SHARE = 0.9

PgConnection = psycopg.Connection[DictRow]


class Unavailable(Exception):
    """The database did not answer in time."""


class Database:
    """Asks one query at a time for each thread."""

    def __init__(self, url: str, *, threads: int, deadline_ms: int) -> None:
        self.deadline = deadline_ms / 1000 * SHARE
        self._watchdog = _Watchdog()
        self._away_until = 0.0
        self._kept = threading.local()
        self._pool: ConnectionPool[PgConnection] = open_pool(
            url,
            size=threads + 1,
            name="agi",
            timeout_s=self.deadline,
            statement_ms=int(self.deadline * 1000),
            check=self._watchdog.check,
        )

    def one(self, query: Any, params: Mapping[str, object]) -> DictRow | None:
        """The first row of the answer, None without one.

        Raises:
            Unavailable: no answer in time, or the query failed; logged.
        """
        now = time.monotonic()
        if now < self._away_until:
            raise Unavailable
        until = now + self.deadline
        try:
            with self._watchdog.bound(until):
                connection = self._connection()
                with self._watchdog.watch(connection):
                    return connection.execute(query, params).fetchone()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed) as error:
            self._away_until = time.monotonic() + LEFT_ALONE
            self._let_go()
            log.warning("database.unavailable", error=type(error).__name__)
            raise Unavailable from error
        except psycopg.Error as error:
            # Not str(error): it can hold the values of the row.
            log.error("database.query_failed", error=type(error).__name__, sqlstate=error.sqlstate)
            raise Unavailable from error

    def _connection(self) -> PgConnection:
        """This thread's connection. It keeps it, which saves half of what a short query costs."""
        kept: PgConnection | None = getattr(self._kept, "connection", None)
        if kept is not None and not _has_ended(kept):
            return kept
        self._let_go()
        fresh = self._kept.connection = self._pool.getconn(self.deadline)
        return fresh

    def _let_go(self) -> None:
        """Close this thread's connection; the pool makes another in the background."""
        kept: PgConnection | None = getattr(self._kept, "connection", None)
        if kept is not None:
            self._kept.connection = None
            kept.close()
            self._pool.putconn(kept)

    def ready(self) -> bool:
        """Whether a question asked now would probably be answered; asked on another thread."""
        try:
            with (
                self._watchdog.bound(time.monotonic() + self.deadline),
                self._pool.connection(self.deadline),
            ):
                return True
        except (psycopg.Error, PoolTimeout, PoolClosed):
            return False

    def close(self) -> None:
        """Close every connection."""
        self._pool.close(timeout=1)
        self._watchdog.stop()


class _Watchdog:
    """Cuts connections that are still in use after their thread's deadline."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._watched: dict[int, tuple[float, PgConnection]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    @contextmanager
    def bound(self, until: float) -> Iterator[None]:
        """Everything that this thread watches inside ends at ``until`` (monotonic seconds)."""
        self._own.until = until
        try:
            yield
        finally:
            del self._own.until

    @contextmanager
    def watch(self, connection: PgConnection) -> Iterator[None]:
        """Cut ``connection`` when this thread's deadline passes before the block ends."""
        thread = threading.get_ident()
        self._watched[thread] = (self._own.until, connection)
        try:
            yield
        finally:
            with self._lock:
                del self._watched[thread]

    def check(self, connection: PgConnection) -> None:
        """The pool's test of a connection before it hands it out."""
        if not hasattr(self._own, "until"):  # the pool's own threads have no caller waiting
            return
        with self.watch(connection):
            ConnectionPool.check_connection(connection)

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(WATCH_EVERY):
            now = time.monotonic()
            with self._lock:
                for until, connection in list(self._watched.values()):
                    if until < now:
                        _cut(connection)


def _has_ended(connection: PgConnection) -> bool:
    """Whether the server has closed an idle connection, told without asking it anything."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _cut(connection: PgConnection) -> None:
    """Wake the thread that waits for this connection with an end of file."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        return  # it has ended by itself meanwhile
