"""Call requests: stored once, taken back, moved; whoever listens hears of each change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from db.errors import KeyReused, RequestOver, UnknownTarget, named_errors
from db.queries import sql
from support.dialplan import apply, now_ms
from support.requests import SqlRequest, ask, claim, dialled, one_value

Connection = psycopg.Connection[dict[str, Any]]


class TestMaking:
    def test_a_request_waits(self, conn: Connection) -> None:
        request = ask(conn, note="About my order", pages=[{"url": "https://a.example/", "n": 1}])
        told = request.json
        assert (told["state"], told["subject"], told["source"]) == ("waiting", "ORDERS", "api")
        assert told["note"] == "About my order"
        assert request.timeline == ["request.made"]
        assert request.due_in_s() <= 0

    def test_the_same_key_is_the_same_request(self, conn: Connection) -> None:
        first = ask(conn, key="the-same-key", note="Hello")
        assert ask(conn, key="the-same-key", note="Hello").id == first.id
        assert first.timeline == ["request.made"]

    @pytest.mark.parametrize(
        "other", [{"note": "x"}, {"number": "+13125550151"}, {"wanted_ms": 1_900_000_000_000}]
    )
    def test_a_key_does_not_serve_another_wish(
        self, conn: Connection, other: dict[str, Any]
    ) -> None:
        ask(conn, key="the-same-key")
        with pytest.raises(KeyReused), named_errors():
            ask(conn, key="the-same-key", **other)

    def test_keys_of_two_sources_are_two(self, conn: Connection) -> None:
        assert ask(conn, key="the-same-key").id != ask(conn, key="the-same-key", source="web").id

    @pytest.mark.parametrize(
        "wrong",
        [
            {"subscriber": "nobody"},
            {"subject": "NOTHING"},
            {"subscriber": "halyard"},
            {"visitor": str(uuid4())},
            {"wanted_agent": "ava"},
            {"wanted_agent": "nobody"},
        ],
    )
    def test_what_the_subscriber_does_not_have(
        self, conn: Connection, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(UnknownTarget), named_errors():
            ask(conn, **wrong)

    def test_a_subject_that_was_switched_off(self, conn: Connection) -> None:
        conn.execute("UPDATE routing_rule SET active = false")
        with pytest.raises(UnknownTarget), named_errors():
            ask(conn)

    def test_the_merchants_code_identifies_the_customer(self, conn: Connection) -> None:
        row = conn.execute(
            "SELECT k.code FROM customer k JOIN subscriber s ON s.id = k.subscriber_id"
            " WHERE s.code = 'pantry' LIMIT 1"
        ).fetchone()
        assert row is not None
        request = ask(conn, customer_code=row["code"])
        assert request.json["customer"] == row["code"]
        assert ask(conn, customer_code="NOBODY-1").json["customer"] is None

    def test_of_many_pages_the_newest_are_kept(self, conn: Connection) -> None:
        request = ask(conn, pages=[{"n": number} for number in range(60)])
        assert [page["n"] for page in request.json["pages"]] == list(range(10, 60))

    def test_later(self, conn: Connection) -> None:
        request = ask(conn, wanted_ms=now_ms() + 3_600_000)
        assert 3590 < request.due_in_s() < 3601
        assert claim(conn) == []


class TestCancelling:
    def cancel(self, request: SqlRequest) -> dict[str, Any]:
        with named_errors():
            values = {"request": request.id, "by": "visitor"}
            return dict(one_value(request.conn, sql.cancel_request, **values))

    def test_while_it_waits(self, conn: Connection) -> None:
        request = ask(conn)
        assert self.cancel(request) == {"state": "cancelled", "call": None}
        assert self.cancel(request) == {"state": "cancelled", "call": None}
        assert request.timeline == ["request.made", "request.cancelled"]
        assert claim(conn) == []

    def test_before_it_is_handed_over(self, conn: Connection) -> None:
        request = ask(conn)
        (attempt,) = claim(conn)
        assert self.cancel(request)["call"] is None
        assert one_value(conn, sql.hand_over_callback, attempt=attempt["id"]) is False

    def test_while_it_is_dialled_the_app_is_to_be_told(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        assert self.cancel(request) == {"state": "cancelled", "call": attempt}
        assert request.end(attempt, "cancelled") == "cancelled"

    def test_a_talk_cannot_be_taken_back(self, conn: Connection) -> None:
        request = ask(conn)
        apply(conn, {"kind": "call", "call": dialled(request), "set": {"state": "connected"}})
        with pytest.raises(RequestOver, match="is connected"):
            self.cancel(request)

    def test_another_time(self, conn: Connection) -> None:
        request = ask(conn, wanted_ms=now_ms() + 3_600_000)
        row = conn.execute("SELECT now() AS due").fetchone()
        one_value(conn, sql.move_request, request=request.id, by="ops:olga", **(row or {}))
        assert len(claim(conn)) == 1
        with pytest.raises(RequestOver), named_errors():
            one_value(conn, sql.move_request, request=request.id, by="ops:olga", **(row or {}))


def test_whoever_listens_hears_of_each_change(connect: Callable[[], Connection]) -> None:
    conn, ear = connect(), connect()
    ear.execute("LISTEN call_request")
    request = ask(conn)
    attempt = request.attempt()
    request.end(attempt, "answered")
    told = [notify.payload for notify in ear.notifies(timeout=10, stop_after=4)]
    states = [json.loads(payload)["state"] for payload in told]
    assert states == ["waiting", "dialling", "connected", "completed"]
