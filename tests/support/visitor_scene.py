"""Plays the telephone for a visitor's browser: the same rows, keys and events as worker and app.

With it a browser test decides when the phones ring, who answers, what is pushed and when it ends.
"""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import redis

from cordboard import keys
from cordboard.events import Event
from cordboard.sipp import eventually
from cordboard.visitor_events import (
    LegChanged,
    PageArrived,
    RequestChanged,
    TalkBegan,
    TalkEnded,
    tell_visitor,
)
from support.database import Database
from support.scene import now_ms

AGENT = "Gus"

_ATTEMPT = """
INSERT INTO callback_attempt (id, request_id, attempt, state, worker, lease_until, due_at)
SELECT %s, id, attempts, 'handed', 'scene', now() + interval '1 hour', now()
FROM call_request WHERE id = %s RETURNING id
"""


class VisitorScene:
    """One request of a visitor, and what the telephone does about it."""

    def __init__(self, live: redis.Redis, database: Database, request: str) -> None:
        self.redis = live
        self.database = database
        self.request = request
        self.call = ""
        self.pushed: list[str] = []
        self.agent: int = database.value("SELECT id FROM user_account WHERE username = 'gus'")

    # --- the request -------------------------------------------------------------------------
    @property
    def row(self) -> dict[str, Any]:
        return self.database.rows("SELECT * FROM call_request WHERE id = %s", self.request)[0]

    @property
    def visitor(self) -> str:
        return str(self.row["visitor_id"])

    def dial(self) -> VisitorScene:
        """The worker claims the request; an attempt is made."""
        self.call = str(uuid.uuid4())
        self._set_state("dialling", more=", attempts = attempts + 1")
        self.database.rows(_ATTEMPT, self.call, self.request)
        self._journal("call", set={"direction": "outbound", "state": "ringing"})
        self.tell(RequestChanged(self.request, "dialling"))
        fields = {"id": self.call, "agent": self.agent, "visitor": self.visitor}
        self.redis.hset(keys.call(self.call), mapping=fields)  # type: ignore[arg-type]
        self.redis.set(keys.call_of_visitor(self.visitor), self.call, ex=600)
        return self

    def leg(self, leg: str, *states: str) -> VisitorScene:
        for state in states:
            self.tell(LegChanged(leg, state))
        return self

    def connect(self) -> VisitorScene:
        """Both hear each other."""
        self.leg("customer", "answered").leg("agent", "answered")
        at = now_ms()
        self._journal("call", set={"state": "connected", "answered_ms": at, "agent": self.agent})
        self.tell(TalkBegan(self.call, at, AGENT))
        return self

    def push(self, title: str, url: str, *, framing: str = "frame", record: bool = True) -> str:
        """The agent pushes a page; its record may come later (:meth:`record_push`)."""
        push, at = str(uuid.uuid4()), now_ms()
        self.tell(PageArrived(push, title, url, framing, at))
        self.pushed.append(push)
        if record:
            self.record_push(push, title, url, framing)
        return push

    def record_push(self, push: str, title: str, url: str, framing: str = "frame") -> None:
        fields = {"id": push, "visitor": self.visitor, "page": None, "title": title, "url": url}
        fields |= {"framing": framing, "agent": self.agent, "origin": "desk"}
        self._journal("push", push=fields)

    def hang_up(self) -> VisitorScene:
        """The call ends after contact."""
        at = now_ms()
        self.tell(TalkEnded(self.call, at, "answered"))
        self._journal("call", set={"state": "ended", "outcome": "answered", "ended_ms": at})
        self._journal("attempt", set={"state": "ended", "outcome": "answered"})
        self.tell(RequestChanged(self.request, "completed", outcome="answered"))
        self.redis.delete(keys.call_of_visitor(self.visitor))
        return self

    def fail(self, outcome: str) -> VisitorScene:
        """The attempt fails; the request waits for another, or is given up."""
        self._journal("call", set={"state": "ended", "outcome": outcome, "ended_ms": now_ms()})
        self._journal("attempt", set={"state": "ended", "outcome": outcome})
        row = self.row
        due = int(row["due_at"].timestamp() * 1000)
        self.tell(RequestChanged(self.request, row["state"], due, outcome))
        self.redis.delete(keys.call_of_visitor(self.visitor))
        return self

    # --- what became of it -------------------------------------------------------------------
    def desk_heard(self, wire: str) -> list[dict[str, Any]]:
        """Events of this call that the agent's desk was told."""
        entries: Any = self.redis.xrange(keys.desk(self.agent))
        told = [
            orjson.loads(fields[b"data"])
            for _, fields in entries
            if fields[b"type"] == wire.encode()
        ]
        return [data for data in told if data.get("call_id") == self.call]

    def desk_hears(self, wire: str, within: float = 15.0) -> dict[str, Any]:
        """The first such event, waited for."""
        what = f"the desk is told {wire}"
        return eventually(lambda: self.desk_heard(wire), within=within, what=what)[0]

    def asked_to_end(self) -> list[str]:
        """Who asked the app to end this call."""
        entries: Any = self.redis.xrange(keys.EVENTS)
        told = [orjson.loads(f[b"data"]) for _, f in entries if f[b"type"] == b"call.end_asked"]
        return [data["by"] for data in told if data["call_id"] == self.call]

    # --- the wires ---------------------------------------------------------------------------
    def tell(self, event: Event) -> None:
        pipe = self.redis.pipeline()
        tell_visitor(pipe, self.visitor, event)
        pipe.execute()

    def _set_state(self, state: str, more: str = "") -> None:
        self.database.rows(
            f"UPDATE call_request SET state = %s{more} WHERE id = %s RETURNING id",
            state,
            self.request,
        )

    def _journal(self, kind: str, **fields: Any) -> None:
        entry = {"id": uuid.uuid4().hex, "kind": kind, "call": self.call, "at_ms": now_ms()}
        batch = orjson.dumps([{**entry, **fields}]).decode()
        assert self.database.value("SELECT apply_journal_v1(%s::jsonb)", batch) == 0
