"""A month's usage lines as CSV, for the API and the ops page alike; sent while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Response, stream_with_context

from db.queries import sql
from webdesk.services import POOL_WAIT_S, Services, services

Json = dict[str, Any]

COLUMNS = (
    "id",
    "call_id",
    "channel",
    "role",
    "party",
    "answered",
    "ended",
    "seconds",
    "billed_seconds",
    "cents_per_minute",
    "amount_cents",
)
#: Lines read at a time.
BATCH = 1000


def download(subscriber: int, code: str, month: date) -> Response:
    """The file; the first lines are read before it begins, so that an error is still an answer."""
    svc = services()
    first = read_lines(svc, subscriber, month, 0)
    return Response(
        stream_with_context(_rows(svc, subscriber, month, first)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="usage-{code}-{month:%Y-%m}.csv"'},
    )


def read_lines(
    svc: Services, subscriber: int, month: date, after: int, limit: int = BATCH
) -> list[Json]:
    """The lines of a month that follow the line ``after`` (0: from the beginning)."""
    values = {"subscriber": subscriber, "month": month, "after": after, "limit": limit}
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
        return conn.execute(sql.usage_lines, values).fetchall()


def _rows(svc: Services, subscriber: int, month: date, lines: list[Json]) -> Iterator[str]:
    yield _text([COLUMNS])
    while lines:
        yield _text([[_cell(line[name]) for name in COLUMNS] for line in lines])
        lines = read_lines(svc, subscriber, month, lines[-1]["id"]) if len(lines) == BATCH else []


def _text(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """Numbers exactly, times as ISO 8601; a spreadsheet must not take a text for a formula."""
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in "=@-\t\r":
        return f"'{value}"
    return value
