"""What follows an attempt: it ends once, and its request goes on or is over."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from db.errors import IllegalTransition, named_errors
from db.queries import sql
from support.dialplan import apply, now_ms
from support.requests import ask, claim, dialled, one_value

Connection = psycopg.Connection[dict[str, Any]]


class TestOutcomes:
    def test_answered_and_talked(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        connected = {"kind": "call", "call": attempt, "set": {"state": "connected"}}
        assert apply(conn, connected) == 0
        assert request.state == ("connected", None)
        assert request.journal(attempt, outcome="answered", ended_ms=now_ms()) == 0
        assert request.state == ("completed", "answered")
        assert request.timeline == [
            "request.made", "attempt.claimed", "attempt.handed", "attempt.dialled",
            "request.connected", "attempt.ended", "request.completed",
        ]  # fmt: skip
        (told,) = request.json["attempts"]
        assert (told["state"], told["outcome"]) == ("ended", "answered")
        assert 0 <= told["late_ms"] < 60_000

    def test_a_call_belongs_to_its_request(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        apply(conn, {"kind": "leg", "call": attempt, "channel": f"{attempt}.customer.1"})
        look = "SELECT call_json_v1(c) AS call, request_id FROM call c WHERE id = %s"
        row = conn.execute(look, [attempt]).fetchone()
        assert row is not None
        assert str(row["request_id"]) == request.id
        assert row["call"]["direction"] == "outbound"
        assert row["call"]["subscriber"] == "pantry"
        assert row["call"]["pages"] == []

    def test_a_call_names_the_pages_that_were_pushed(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        push = {
            "id": str(uuid.uuid4()),
            "title": "Gift baskets",
            "url": "https://shop.example/baskets",
            "framing": "frame",
            "origin": "dtmf",
        }
        for _twice in range(2):
            assert apply(conn, {"kind": "push", "call": attempt, "push": push}) == 0
        apply(conn, {"kind": "call", "call": attempt, "set": {"state": "connected"}})
        look = "SELECT call_json_v1(c) AS call FROM call c WHERE id = %s"
        row = conn.execute(look, [attempt]).fetchone()
        assert row is not None
        (page,) = row["call"]["pages"]
        assert (page["title"], page["origin"], page["shown"]) == ("Gift baskets", "dtmf", None)

    @pytest.mark.parametrize(
        "outcome",
        ["busy", "no_answer", "voicemail", "failed", "hung_up", "no_agent", "unknown"],
    )
    def test_another_attempt_follows_until_none_is_left(
        self, conn: Connection, outcome: str
    ) -> None:
        conn.execute(
            "UPDATE dialling_policy SET max_attempts = 3, retry_after_seconds = '{60,300}'"
        )
        request = ask(conn)
        entered = request.json["entered"]
        for seconds in (60, 300):
            assert request.end(dialled(request), outcome, 486) == "waiting"
            assert seconds - 5 < request.due_in_s() <= seconds
            assert request.json["entered"] == entered
            assert claim(conn) == []
            request.due_now()
        assert request.end(dialled(request), outcome) == "given_up"
        assert request.state == ("given_up", outcome)
        told = request.json
        assert [one["attempt"] for one in told["attempts"]] == [1, 2, 3]
        assert told["attempts"][0]["sip_code"] == 486
        assert told["ended"]

    @pytest.mark.parametrize("outcome", ["refused", "not_proved"])
    def test_not_called_again(self, conn: Connection, outcome: str) -> None:
        request = ask(conn)
        assert request.end(dialled(request), outcome) == "given_up"
        assert request.state == ("given_up", outcome)

    def test_cancelled_during_the_attempt(self, conn: Connection) -> None:
        request = ask(conn)
        assert request.end(dialled(request), "cancelled") == "cancelled"

    @pytest.mark.parametrize("outcome", ["hung_up", "unknown", "answered"])
    def test_after_contact_it_is_completed(self, conn: Connection, outcome: str) -> None:
        request = ask(conn)
        attempt = dialled(request)
        apply(conn, {"kind": "call", "call": attempt, "set": {"state": "connected"}})
        assert request.end(attempt, outcome) == "completed"

    def test_a_contact_that_failed_is_tried_again(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        apply(conn, {"kind": "call", "call": attempt, "set": {"state": "connected"}})
        assert request.end(attempt, "failed") == "waiting"

    def test_an_attempt_ends_once(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        assert request.end(attempt, "busy") == "waiting"
        before = request.timeline
        assert request.end(attempt, "answered") == "waiting"
        assert request.journal(attempt, outcome="answered") == 0
        assert request.timeline == before

    def test_what_the_app_says_after_the_end_changes_nothing(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = request.attempt()
        request.end(attempt, "unknown")
        assert request.journal(attempt, state="dialled", dialled_ms=now_ms()) == 0
        assert request.json["attempts"][0]["state"] == "ended"

    def test_a_sip_code_that_is_none_is_left_out(self, conn: Connection) -> None:
        request = ask(conn)
        request.end(dialled(request), "failed", 0)
        assert request.json["attempts"][0]["sip_code"] is None

    def test_news_of_an_attempt_that_is_not_there(self, conn: Connection) -> None:
        entry = {"kind": "attempt", "call": str(uuid4()), "set": {"outcome": "busy"}}
        assert apply(conn, entry) == 1

    def test_an_ended_attempt_stays_ended(self, conn: Connection) -> None:
        request = ask(conn)
        request.end(dialled(request), "busy")
        with pytest.raises(IllegalTransition), named_errors():
            conn.execute("UPDATE callback_attempt SET state = 'handed', outcome = NULL")


class TestPolicyStopsIt:
    def test_for_good(self, conn: Connection) -> None:
        request = ask(conn)
        (attempt,) = claim(conn)
        values = {"attempt": attempt["id"], "reason": "do_not_call", "later": None}
        assert one_value(conn, sql.refuse_callback, **values) == "refused"
        assert request.state == ("refused", "do_not_call")
        assert one_value(conn, sql.hand_over_callback, attempt=attempt["id"]) is False

    def test_until_later_and_it_does_not_count(self, conn: Connection) -> None:
        conn.execute("UPDATE dialling_policy SET max_attempts = 1")
        request = ask(conn)
        (attempt,) = claim(conn)
        row = conn.execute("SELECT now() + interval '1 hour' AS later").fetchone()
        values = {"attempt": attempt["id"], "reason": "outside_calling_hours", **(row or {})}
        assert one_value(conn, sql.refuse_callback, **values) == "waiting"
        assert request.due_in_s() > 3500
        assert request.timeline[-1] == "request.moved"
        request.due_now()
        assert request.end(dialled(request), "busy") == "given_up"
