"""Calls as the JSON that tools and tests read (the contract of DESIGN, section 4)."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from db.queries import sql


def recent_calls(conn: Connection[Any], limit: int = 20) -> list[dict[str, Any]]:
    """The latest ``limit`` calls, newest first; times are ISO 8601 in UTC."""
    with conn.cursor() as cursor:
        rows = cursor.execute(sql.recent_calls, {"limit": limit}).fetchall()
    return [row["call"] if isinstance(row, dict) else row[0] for row in rows]
