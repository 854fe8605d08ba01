"""A call as the dialplan and the app bring it about, in SQL alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg

from cordboard.identity import hash_ssn
from cordboard.settings import Settings
from db.queries import sql

_journal_ids = count(1)


class SqlCall:
    """One call in the database; each method is one question or one journal entry."""

    def __init__(
        self,
        conn: psycopg.Connection[dict[str, Any]],
        settings: Settings,
        dnis: str = "+12025550100",
        ani: str | None = None,
    ) -> None:
        self.conn = conn
        self.id = str(uuid4())
        self._key = settings.ssn_key.get_secret_value().encode()
        question = {"call": self.id, "dnis": dnis, "ani": ani, "channel": f"1700000000.{self.id}"}
        self.line = conn.execute(sql.open_call, question).fetchone()

    def value(self, query: bytes, /, **params: Any) -> Any:
        """The one value that a named query answers."""
        row = self.conn.execute(query, {"call": self.id, **params}).fetchone()
        return None if row is None else next(iter(row.values()))

    def identify(self) -> str:
        return str(self.value(sql.identify_by_ani))

    def verify(self, account: str | None, ssn: str | None = None) -> str:
        hashed = hash_ssn(ssn, self._key) if ssn else None
        return str(self.value(sql.verify_account, account=account, ssn_hash=hashed))

    @property
    def json(self) -> dict[str, Any]:
        return dict(self.value(sql.call_as_json))

    @property
    def card(self) -> dict[str, Any]:
        return dict(self.value(sql.call_card))

    @property
    def timeline(self) -> list[str]:
        return [r["name"] for r in self.conn.execute(sql.call_timeline, {"call": self.id})]

    def journal(self, **entry: Any) -> int:
        """Apply one entry; answers how many were passed over."""
        return apply(self.conn, {"call": self.id, **entry})

    def answer(self, agent: int = 1) -> None:
        """The call reached an agent."""
        assert self.journal(kind="call", set={"state": "queued", "queued_ms": now_ms()}) == 0
        connected = {"state": "connected", "agent": agent, "answered_ms": now_ms()}
        assert self.journal(kind="call", set={**connected, "outcome": "answered"}) == 0

    def dispose(
        self, agent: int, kind: str, code: str, key: str, note: str = "", offer: str | None = None
    ) -> dict[str, Any]:
        params = {
            "agent": agent,
            "kind": kind,
            "code": code,
            "note": note,
            "key": key,
            "offer": offer,
        }
        row = self.conn.execute(sql.record_disposition, {"call": self.id, **params}).fetchone()
        assert row is not None
        return row


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def apply(conn: psycopg.Connection[dict[str, Any]], *entries: dict[str, Any]) -> int:
    """Apply a batch; entries without id get the next one."""
    full = [{"id": f"1-{next(_journal_ids)}", "at_ms": now_ms(), **entry} for entry in entries]
    row = conn.execute(sql.apply_journal, {"entries": json.dumps(full)}).fetchone()
    assert row is not None
    return int(row["failed"])


#: Makes a call that dials a number, from another.
Dial = Callable[..., SqlCall]
