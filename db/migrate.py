"""Bring a database to the schema of this version: ``python -m db.migrate [url]``.

Tables come from ``db/migrations/NNNN_name.sql`` (each with its ``.rollback.sql``), applied once and
in order by yoyo. Functions come from ``db/functions/*.sql``: all of them are replaced in one
transaction whenever a file has changed, so that what is in force stands in one place. Whoever comes
second waits for the first; a run that was killed leaves nothing behind that blocks the next.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import Connection, sql
from yoyo import get_backend, read_migrations
from yoyo.backends import DatabaseBackend

MIGRATIONS = Path(__file__).parent / "migrations"
FUNCTIONS = Path(__file__).parent / "functions"

#: Key of the advisory lock that one migration holds.
LOCK = 0x0C0DB0A4D


def migrate(url: str) -> int:
    """Apply what is missing; answer how many migrations that were.

    Raises:
        psycopg.Error: the server is away, or a migration failed (nothing of that one stays).
    """
    with _alone(url) as conn:
        with _backend(url) as backend:
            missing = backend.to_apply(read_migrations(str(MIGRATIONS)))
            backend.apply_migrations(missing)
        _load_functions(conn)
    return len(missing)


def rollback(url: str, count: int = 1) -> int:
    """Take back the latest ``count`` migrations, with their data; answer how many that were.

    All functions go, because they speak of the tables as they were; :func:`migrate` brings them
    again.
    """
    with _alone(url) as conn:
        _drop_functions(conn)
        conn.execute("DROP TABLE IF EXISTS function_version")
        with _backend(url) as backend:
            applied = backend.to_rollback(read_migrations(str(MIGRATIONS)))[:count]
            backend.rollback_migrations(applied)
    return len(applied)


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A connection whose lock keeps every other migration of this database waiting."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield conn


@contextmanager
def _backend(url: str) -> Iterator[DatabaseBackend]:
    """yoyo on psycopg 3."""
    logging.getLogger("yoyo").setLevel(logging.WARNING)
    scheme, rest = url.split("://", 1)
    backend = get_backend(f"{scheme.split('+')[0]}+psycopg://{rest}")
    try:
        # We hold the lock, so a row in yoyo's own lock table is of a run that was killed.
        backend.break_lock()
        with backend.lock():
            yield backend
    finally:
        backend.connection.close()


def _load_functions(conn: Connection) -> None:
    """Replace all functions when their text is not that of the last time."""
    files = sorted(FUNCTIONS.glob("*.sql"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    version = hashlib.sha256(text.encode()).hexdigest()
    conn.execute("CREATE TABLE IF NOT EXISTS function_version (version text PRIMARY KEY)")
    if conn.execute("SELECT 1 FROM function_version WHERE version = %s", [version]).fetchone():
        return
    with conn.transaction():
        _drop_functions(conn)
        conn.execute(text.encode())
        conn.execute("DELETE FROM function_version")
        conn.execute("INSERT INTO function_version VALUES (%s)", [version])


def _drop_functions(conn: Connection) -> None:
    """Drop the functions that are named ``…_vN``; those of triggers belong to the migrations."""
    rows = conn.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND proname ~ '_v[0-9]+$'"
    ).fetchall()
    for (signature,) in rows:
        conn.execute(sql.SQL("DROP ROUTINE {}").format(sql.SQL(signature)))


def main() -> int:
    """Migrate the database of the settings, or the one whose URL is given.

    When the settings name an offers database, it is migrated and brought up to date as well.
    """
    from cordboard.settings import load_settings

    settings = load_settings()
    applied = migrate(sys.argv[1] if len(sys.argv) > 1 else settings.database)
    if len(sys.argv) == 1 and settings.is_split:
        from db import offer_sync

        applied += migrate(settings.offers_database)
        offer_sync.begin(settings)
    sys.stdout.write(f"{applied} migrations applied\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
