"""What the public API asks of PostgreSQL, with the connections of this worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from webdesk import store
from webdesk.services import POOL_WAIT_S, services
from webdesk.store import Json


@contextmanager
def connection() -> Iterator[Connection[DictRow]]:
    """A connection for several questions."""
    with services().pool.connection(timeout=POOL_WAIT_S) as conn:
        yield conn


def rows(query: bytes, /, **values: Any) -> list[Json]:
    """All rows of a named query; raises as :func:`webdesk.store.rows`."""
    return store.rows(services().pool, query, **values)


def value(query: bytes, /, **values: Any) -> Any:
    """The one value of a named query; None without a row."""
    found = rows(query, **values)
    return next(iter(found[0].values())) if found else None
