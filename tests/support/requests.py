"""Call requests in the database, and what is done to them, in SQL alone."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg

from db.queries import sql
from support.dialplan import apply, now_ms

Json = dict[str, Any]
Connection = psycopg.Connection[Json]

_later = count()

#: A subject of the shop that leads to its own group, the customer being called first.
WISH: Json = {
    "subscriber": "pantry",
    "subject": "ORDERS",
    "source": "api",
    "number": "+13125550150",
}


class SqlRequest:
    """One request; made by :func:`ask`."""

    def __init__(self, conn: Connection, request: str) -> None:
        self.conn = conn
        self.id = request

    @property
    def json(self) -> Json:
        row = self.conn.execute(sql.request_as_json, {"request": self.id}).fetchone()
        assert row is not None
        return dict(row["request"])

    @property
    def state(self) -> tuple[str, str | None]:
        """State and outcome."""
        told = self.json
        return told["state"], told["outcome"]

    @property
    def timeline(self) -> list[str]:
        return [line["name"] for line in self.json["timeline"]]

    def due_now(self) -> None:
        """What it would have to wait for has passed."""
        self.conn.execute("UPDATE call_request SET due_at = now() WHERE id = %s", [self.id])

    def due_in_s(self) -> float:
        row = self.conn.execute(
            "SELECT extract(epoch FROM due_at - clock_timestamp())::float8 AS s"
            " FROM call_request WHERE id = %s",
            [self.id],
        ).fetchone()
        assert row is not None
        return float(row["s"])

    def attempt(self) -> str:
        """The next attempt, claimed and handed to the app."""
        claimed = claim(self.conn)
        (attempt,) = [one["id"] for one in claimed if one["request"] == self.id]
        assert one_value(self.conn, sql.hand_over_callback, attempt=attempt) is True
        return str(attempt)

    def end(self, attempt: str, outcome: str, sip_code: int | None = None) -> str:
        values = {"attempt": attempt, "outcome": outcome, "sip_code": sip_code}
        return str(one_value(self.conn, sql.end_attempt, **values))

    def journal(self, attempt: str, **changed: Any) -> int:
        """Apply a journal entry of kind ``attempt``; answers how many were passed over."""
        return apply(self.conn, {"kind": "attempt", "call": attempt, "set": changed})


def ask(conn: Connection, **wish: Any) -> SqlRequest:
    """A new request; each waits for a little less than the one before."""
    wish.setdefault("entered_ms", now_ms() + next(_later))
    row = conn.execute(
        sql.make_request, {"wish": json.dumps({**WISH, "key": uuid4().hex, **wish})}
    ).fetchone()
    assert row is not None
    return SqlRequest(conn, str(row["request"]))


def claim(conn: Connection, worker: str = "one", **values: Any) -> list[Json]:
    """Attempts at what is due."""
    room = values.pop("room", None)
    given = {"worker": worker, "lease_s": 30, "limit": 100, "per_minute": None, **values}
    given["room"] = None if room is None else json.dumps(room)
    return [row["attempt"] for row in conn.execute(sql.claim_callbacks, given)]


def one_value(conn: Connection, query: bytes, /, **values: Any) -> Any:
    """The one value of a query, None without a row."""
    row = conn.execute(query, values).fetchone()
    return None if row is None else next(iter(row.values()))


def dialled(request: SqlRequest) -> str:
    """The next attempt; the app has dialled."""
    attempt = request.attempt()
    assert request.journal(attempt, state="dialled", dialled_ms=now_ms()) == 0
    return attempt
