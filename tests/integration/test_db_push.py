"""Pages pushed in a call, and lines of a request's timeline, by the journal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg

from support.dialplan import apply, now_ms
from support.requests import ask, dialled

Connection = psycopg.Connection[dict[str, Any]]


class TestPush:
    def entry(self, call: str, **changed: Any) -> dict[str, Any]:
        push = {
            "id": str(uuid4()), "visitor": None, "page": None, "title": "Baskets",
            "url": "https://shop.example/baskets", "framing": "frame", "agent": 1, "origin": "desk",
        }  # fmt: skip
        return {"kind": "push", "call": call, "push": push | changed}

    def test_a_push_counts_once(self, conn: Connection) -> None:
        call = str(uuid4())
        entry = self.entry(call)
        # Written twice, by a step that was run again.
        assert apply(conn, entry, entry) == 0
        rows = conn.execute("SELECT * FROM page_push WHERE call_id = %s", [call]).fetchall()
        assert [row["title"] for row in rows] == ["Baskets"]

    def test_pages_pushed_together_stay_in_order(self, conn: Connection) -> None:
        attempt = dialled(ask(conn))
        at_ms, titles = now_ms(), [f"Page {n}" for n in range(8)]
        assert apply(conn, *(self.entry(attempt, title=t) | {"at_ms": at_ms} for t in titles)) == 0
        apply(conn, {"kind": "call", "call": attempt, "set": {"state": "connected"}})
        look = (
            "SELECT call_json_v1(c) -> 'pages' AS pages, web_card_v1(c) -> 'pushes' AS pushes"
            " FROM call c WHERE id = %s"
        )
        row = conn.execute(look, [attempt]).fetchone()
        assert row is not None
        for pages in (row["pages"], row["pushes"]):
            assert [page["title"] for page in pages] == titles

    def test_a_link_that_is_none_is_not_stored(self, conn: Connection) -> None:
        assert apply(conn, self.entry(str(uuid4()), url="javascript:alert(1)")) == 1

    def test_a_line_of_the_requests_timeline(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = request.attempt()
        entry = {"kind": "request_event", "call": attempt, "request": request.id}
        assert apply(conn, {**entry, "name": "agent.signed_on", "data": {"agent": 1}}) == 0
        assert request.json["timeline"][-1]["name"] == "agent.signed_on"
        assert request.json["timeline"][-1]["data"] == {"agent": 1}
