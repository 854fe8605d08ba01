"""What is asked of the database about orders: one named query, one round trip, its one value.

The queries are those of ``db/queries/orders.sql``; dicts and lists go there as JSON, and the
subscriber's window for changes comes from the settings::

    placed = await ask_async(conn, settings, sql.place_order, draft=draft)

Whoever has a pool only uses :func:`values` and the query. Refusals are exceptions of
``db/errors.py``; a price that has changed is a ``PriceChanged`` whose :func:`new_total` is what it
costs now.
"""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.types.json import Jsonb

from cordboard.settings import Settings
from db.errors import PriceChanged, named_errors


def ask(conn: Connection[Any], settings: Settings, query: bytes, /, **given: Any) -> Any:
    """The one value of the first row; None without a row.

    Raises:
        db.errors.DatabaseRefusal: the database refuses, for a reason that a person can be told.
        psycopg.Error: the database is away.
    """
    with named_errors():
        return _first(conn.execute(query, values(settings, **given)).fetchone())


async def ask_async(
    conn: AsyncConnection[Any], settings: Settings, query: bytes, /, **given: Any
) -> Any:
    """As :func:`ask`, for asyncio."""
    with named_errors():
        return _first(await (await conn.execute(query, values(settings, **given))).fetchone())


def ask_all(conn: Connection[Any], settings: Settings, query: bytes, /, **given: Any) -> list[Any]:
    """The one value of every row; raises as :func:`ask`."""
    with named_errors():
        return [_first(row) for row in conn.execute(query, values(settings, **given))]


def values(settings: Settings, **given: Any) -> dict[str, Any]:
    """Parameters as the queries take them."""
    return {
        "change_minutes": settings.order_change_minutes,
        **{
            name: Jsonb(one) if isinstance(one, dict | list) else one for name, one in given.items()
        },
    }


def new_total(refusal: PriceChanged) -> int:
    """What the order costs now, cents."""
    return int(refusal.detail)


def _first(row: Any) -> Any:
    """The one value of a row of any kind."""
    if row is None:
        return None
    return next(iter(row.values())) if isinstance(row, dict) else row[0]
