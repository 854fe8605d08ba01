"""What the order pages ask of PostgreSQL: one named query, one round trip, its one value."""

from __future__ import annotations

from typing import Any

from db import orders as ordered
from webdesk.services import POOL_WAIT_S, services


def ask(query: bytes, /, **given: Any) -> Any:
    """The one value of the first row; None without a row.

    Raises:
        db.errors.DatabaseRefusal: for a reason that the client can be told.
    """
    svc = services()
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
        return ordered.ask(conn, svc.settings, query, **given)


def ask_all(query: bytes, /, **given: Any) -> list[Any]:
    """The one value of every row; raises as :func:`ask`."""
    svc = services()
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
        return ordered.ask_all(conn, svc.settings, query, **given)
