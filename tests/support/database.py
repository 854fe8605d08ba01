"""The database as the tests see it: calls as the contract's JSON, and rows changed for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cordboard.settings import Settings
from cordboard.sipp import eventually
from db.calls import recent_calls

Json = dict[str, Any]


class Database:
    """One connection; made again when a test has stopped PostgreSQL."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database
        self._connection: psycopg.Connection[Json] | None = None

    @property
    def connection(self) -> psycopg.Connection[Json]:
        """A connection that works: PostgreSQL may have been away since it was last used."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.OperationalError:
                self.close()
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, row_factory=dict_row)
        return self._connection

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def rows(self, query: str, *values: Any) -> list[Json]:
        """All rows of a query."""
        return self.connection.execute(query, values).fetchall()  # type: ignore[call-overload]

    def value(self, query: str, *values: Any) -> Any:
        """The one value of a query, None without a row."""
        rows = self.rows(query, *values)
        return next(iter(rows[0].values())) if rows else None

    def call(self, call_id: str) -> Json | None:
        """A call in the form of ``cordboard calls --json``."""
        calls = recent_calls(self.connection, 100)
        return next((call for call in calls if call["id"] == call_id), None)

    def last_call(self) -> Json | None:
        """The latest call."""
        return next(iter(recent_calls(self.connection, 1)), None)

    def forget_verification_attempts(self) -> None:
        """Unlock every account."""
        self.connection.execute("DELETE FROM verification_attempt")

    def forget_customer(self, customer: int) -> None:
        """Take a customer out of the world, with everything that hangs on it; calls stay."""
        conn = self.connection
        conn.execute(
            "UPDATE call SET customer_id = NULL, account_id = NULL WHERE customer_id = %s",
            [customer],
        )
        for table, column in self._hanging_on_customers():
            conn.execute(f"DELETE FROM {table} WHERE {column} = %s", [customer])
        conn.execute("DELETE FROM customer WHERE id = %s", [customer])

    def _hanging_on_customers(self) -> Iterator[tuple[str, str]]:
        """Tables that name a customer, those first on which no other of them hangs."""
        rows = self.rows(
            "SELECT c.conrelid::regclass::text AS table, a.attname AS column"
            " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid"
            " AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND c.confrelid = 'customer'::regclass"
            " AND c.conrelid <> 'call'::regclass"
        )
        last = ("sales_order",)
        for row in sorted(rows, key=lambda row: row["table"] in last):
            yield row["table"], row["column"]

    def unfinished(self) -> set[str]:
        """What somebody still has to do something about, by kind and key."""
        rows = self.rows(
            "SELECT 'order ' || number AS what FROM sales_order"
            " WHERE state IN ('draft', 'placed', 'accepted', 'ready') OR to_tell OR needs_agent"
            " UNION ALL SELECT 'paid order ' || o.number FROM payment_link p"
            " JOIN sales_order o ON o.id = p.order_id"
            " WHERE p.owed_at IS NOT NULL AND p.repaid_at IS NULL"
            " UNION ALL SELECT 'enrolment ' || id FROM enrolment WHERE state = 'recorded'"
            " UNION ALL SELECT 'request ' || id FROM call_request WHERE state = 'waiting'"
        )
        return {row["what"] for row in rows}

    def end_callbacks(self) -> None:
        """Nobody is called any more; attempts left under way would take our lines for an hour."""
        self.take_requests_back()
        self.connection.execute(
            "UPDATE callback_attempt SET state = 'ended', outcome = 'unknown', ended_at = now()"
            " WHERE state <> 'ended'"
        )

    def take_requests_back(self) -> None:
        """Call nobody again: a request whose attempt fails is tried for a quarter of an hour."""
        self.connection.execute(
            "SELECT cancel_request_v1(q.id, 'test') FROM"
            " (SELECT id FROM call_request WHERE state IN ('waiting', 'dialling') FOR UPDATE) AS q"
        )

    def timeline(self, call_id: str) -> list[str]:
        """Names of what happened to a call, in order."""
        found = self.rows("SELECT name FROM call_event WHERE call_id = %s ORDER BY at, id", call_id)
        return [row["name"] for row in found]

    @contextmanager
    def changed(self, table: str, key: Json, **values: Any) -> Iterator[None]:
        """While this lasts, the row has other values."""
        where = sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(v)) for k, v in key.items()
        )
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        look = sql.SQL("SELECT {} FROM {} WHERE {}").format(columns, sql.Identifier(table), where)
        before = self.connection.execute(look).fetchone()
        assert before is not None, f"no {table} {key}"
        self._set(table, where, values)
        try:
            yield
        finally:
            self._set(table, where, before)

    @contextmanager
    def kept(self, *tables: str) -> Iterator[None]:
        """Rows that are changed while this lasts are what they were afterwards; none may go."""
        before = {table: self.rows(f"SELECT to_jsonb(t) AS row FROM {table} t") for table in tables}
        try:
            yield
        finally:
            for table, rows in before.items():
                self._put_back(table, [row["row"] for row in rows])

    def _put_back(self, table: str, rows: list[Json]) -> None:
        keys = self.rows(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
            " AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND i.indrelid = %s::regclass",
            table,
        )
        same = " AND ".join(f"t.{row['attname']} = old.{row['attname']}" for row in keys)
        columns = ", ".join(rows[0])
        values = ", ".join(f"old.{column}" for column in rows[0])
        self.connection.execute(
            f"UPDATE {table} t SET ({columns}) = ROW ({values})"
            f" FROM jsonb_populate_recordset(NULL::{table}, %s) old WHERE {same}",
            [Jsonb(rows)],
        )

    def _set(self, table: str, where: sql.Composable, values: Json) -> None:
        pairs = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(v)) for k, v in values.items()
        )
        self.connection.execute(
            sql.SQL("UPDATE {} SET {} WHERE {}").format(sql.Identifier(table), pairs, where)
        )


def wait_until_blocked(conn: psycopg.Connection[Any], program: str) -> None:
    """Until a connection of that program to this database waits for somebody's lock.

    Args:
        conn: commits by itself; within a transaction it would see the same activity always.
        program: the connection's ``application_name``.
    """
    asked = (
        "SELECT FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        " AND cardinality(pg_blocking_pids(pid)) > 0"
    )

    def is_blocked() -> bool:
        return conn.execute(asked, [program]).rowcount > 0

    eventually(is_blocked, within=20, what=f"{program} is blocked", every=0.005)


def read_whole(conn: psycopg.Connection[Json]) -> dict[str, int]:
    """How often this transaction has read each table from beginning to end."""
    rows = conn.execute("SELECT relname, seq_scan FROM pg_stat_xact_user_tables").fetchall()
    return {row["relname"]: row["seq_scan"] for row in rows if row["seq_scan"]}
