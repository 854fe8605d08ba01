"""Rows on their way into the database: collected per table, then copied in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Connection, sql


class Tables:
    """Rows by table; tables are copied in the order in which they were first named."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **row: Any) -> None:
        """One row; every row of a table has the same columns."""
        self._rows.setdefault(table, []).append(row)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows collected so far."""
        return self._rows.get(table, [])

    def copy_to(self, conn: Connection[Any]) -> None:
        """Copy everything, and let generated ids go on after the ones that were given."""
        for table, rows in self._rows.items():
            _copy(conn, table, rows)
            if "id" in rows[0] and isinstance(rows[0]["id"], int):
                _continue_ids(conn, table)


def _copy(conn: Connection[Any], table: str, rows: list[dict[str, Any]]) -> None:
    columns: Mapping[str, Any] = rows[0]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _continue_ids(conn: Connection[Any], table: str) -> None:
    conn.execute(
        sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {}))").format(
            sql.Identifier(table)
        ),
        [table],
    )
