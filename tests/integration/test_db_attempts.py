"""Attempts as workers have them: claimed once, with room, leased, handed over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cordboard.sipp import eventually
from db.queries import sql
from support.dialplan import now_ms
from support.requests import ask, claim, dialled, one_value

Connection = psycopg.Connection[dict[str, Any]]


class TestClaiming:
    def test_an_attempt_as_the_contract_has_it(self, conn: Connection) -> None:
        request = ask(conn, note="Hi", wanted_agent="gus", proof_code="4321")
        (attempt,) = claim(conn)
        assert set(attempt) == {
            "id", "request", "number", "attempt", "subscriber", "source", "visitor", "rule",
            "hold_text", "farewell_text", "customer", "customer_code", "note", "page_title",
            "page_url", "pages", "whisper_code", "wanted_agent", "wanted_skill", "entered_ms",
            "due_ms", "proof_code",
        }  # fmt: skip
        assert set(attempt["rule"]) == {
            "subject", "name", "destination", "group", "external", "dnis", "tag2",
            "whisper_template", "placement", "sign_on", "ring_customer_s", "ring_agent_s",
            "sign_on_s", "detect_voicemail", "needs", "priority",
        }  # fmt: skip
        assert attempt["request"] == request.id
        assert attempt["subscriber"] == {"code": "pantry", "name": "Corner Pantry"}
        assert "Corner Pantry" in attempt["hold_text"]
        assert (attempt["attempt"], attempt["proof_code"]) == (1, "4321")
        assert attempt["rule"]["group"] == "pantry-orders"
        assert abs(attempt["entered_ms"] - now_ms()) < 60_000

    def test_a_request_is_claimed_once(self, conn: Connection) -> None:
        request = ask(conn)
        assert len(claim(conn)) == 1
        assert claim(conn) == []
        assert request.state == ("dialling", None)
        assert request.timeline == ["request.made", "attempt.claimed"]

    def test_who_came_first_is_served_first(self, conn: Connection) -> None:
        late, early = ask(conn), ask(conn, entered_ms=now_ms() - 600_000)
        assert [one["request"] for one in claim(conn)] == [early.id, late.id]

    def test_no_more_than_there_is_room_for(self, conn: Connection) -> None:
        requests = [ask(conn) for _ in range(5)]
        outside = ask(conn, subject="PARTNER")
        claimed = [one["request"] for one in claim(conn, room={"pantry-orders": 2})]
        assert claimed == [requests[0].id, requests[1].id, outside.id]
        assert claim(conn, room={}) == []

    def test_no_more_than_the_subscribers_legs(self, conn: Connection) -> None:
        conn.execute("UPDATE dialling_policy SET concurrent_legs = 4")
        requests = [ask(conn) for _ in range(3)]
        assert len(claim(conn)) == 2
        assert claim(conn) == []
        live = requests[0].json["attempts"][0]["id"]
        requests[0].end(live, "answered")
        assert [one["request"] for one in claim(conn)] == [requests[2].id]

    def test_two_workers_do_not_both_take_the_last_line(
        self, connect: Callable[[], Connection]
    ) -> None:
        conn, other = connect(), connect()
        conn.execute("UPDATE dialling_policy SET concurrent_legs = 4")
        for _ in range(3):
            ask(conn)
        claimed: list[object] = []
        second = threading.Thread(target=lambda: claimed.extend(claim(other, "two")))
        waits = b"SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with conn.transaction():
            assert len(claim(conn)) == 2
            second.start()
            eventually(lambda: one_value(conn, waits) or not second.is_alive())
        second.join(10)
        assert (second.is_alive(), claimed) == (False, [])

    def test_a_subscriber_whose_lines_are_busy_holds_up_nobody(self, conn: Connection) -> None:
        conn.execute(
            "UPDATE dialling_policy p SET concurrent_legs = 2 FROM subscriber s"
            " WHERE s.id = p.subscriber_id AND s.code = 'pantry'"
        )
        ask(conn)
        assert len(claim(conn)) == 1
        ask(conn)
        other = ask(conn, subscriber="halyard", subject="FIBER")
        assert [one["request"] for one in claim(conn, limit=1)] == [other.id]

    def test_no_more_than_the_subscribers_calls_a_minute(self, conn: Connection) -> None:
        conn.execute("UPDATE dialling_policy SET per_subscriber_minute = 2")
        first, *_ = [ask(conn) for _ in range(3)]
        (one, _) = claim(conn)
        assert claim(conn) == []
        # One that the policy stopped was no call.
        values = {"attempt": one["id"], "reason": "do_not_call", "later": None}
        assert one_value(conn, sql.refuse_callback, **values) == "refused"
        assert len(claim(conn)) == 1
        assert first.state[0] == "refused"

    def test_no_more_than_the_calls_a_minute_of_all(self, conn: Connection) -> None:
        first, second, third = (
            ask(conn),
            ask(conn, subscriber="halyard", subject="FIBER"),
            ask(conn),
        )
        claimed = claim(conn, per_minute=2)
        assert [one["request"] for one in claimed] == [first.id, second.id]
        assert one_value(conn, sql.hand_over_callback, attempt=claimed[0]["id"])
        assert claim(conn, per_minute=2) == []
        # It just waits: no attempt that the policy stops, no line of its timeline.
        assert third.timeline == ["request.made"]
        # What was handed over more than a minute ago does not count any more.
        conn.execute("UPDATE callback_attempt SET handed_at = now() - interval '61 seconds'")
        conn.execute("UPDATE callback_attempt SET state = 'handed'")
        assert [one["request"] for one in claim(conn, per_minute=2)] == [third.id]

    @pytest.mark.parametrize("limit", ["concurrent_legs", "per_subscriber_minute"])
    def test_where_nothing_is_allowed_the_policy_is_asked(
        self, conn: Connection, limit: str
    ) -> None:
        conn.execute(f"UPDATE dialling_policy SET {limit} = 0")  # type: ignore[arg-type]
        ask(conn)
        assert len(claim(conn)) == 1

    def test_workers_at_the_same_time_claim_each_request_once(
        self, connect: Callable[[], Connection]
    ) -> None:
        conn = connect()
        wanted = {ask(conn).id for _ in range(40)}
        claimed: list[str] = []

        def work(name: str, own: Connection) -> None:
            while batch := claim(own, name, limit=3):
                claimed.extend(one["request"] for one in batch)

        threads = [threading.Thread(target=work, args=[str(n), connect()]) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        # Whoever found all of them locked by others left early; what is left is claimed now.
        work("last", conn)
        assert sorted(claimed) == sorted(wanted)


class TestHandingOverTwice:
    def test_one_that_is_dialled_meanwhile_is_left_to_the_app(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        assert one_value(conn, sql.hand_over_callback, attempt=attempt) is True
        request.end(attempt, "busy")
        assert one_value(conn, sql.hand_over_callback, attempt=attempt) is False
        assert request.state == ("waiting", "busy")


class TestLeases:
    def expired(self, conn: Connection, worker: str = "two") -> list[dict[str, Any]]:
        values = {"worker": worker, "lease_s": 30, "limit": 100}
        return [row["expired"] for row in conn.execute(sql.expired_attempts, values)]

    def test_a_lease_that_ran_out_is_one_other_workers(self, conn: Connection) -> None:
        request = ask(conn)
        claim(conn, lease_s=-1)
        (found,) = self.expired(conn)
        assert (found["state"], found["attempt"]["request"]) == ("claimed", request.id)
        assert self.expired(conn, "three") == []

    def test_a_lease_is_extended(self, conn: Connection) -> None:
        ask(conn)
        (attempt,) = claim(conn, lease_s=-1)
        values = {"attempts": [attempt["id"]], "lease_s": 10}
        assert one_value(conn, sql.extend_lease, **values) == 1
        assert self.expired(conn) == []

    def test_news_from_the_app_extend_it(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = request.attempt()
        conn.execute("UPDATE callback_attempt SET lease_until = now() - interval '1 second'")
        request.journal(attempt, state="dialled", dialled_ms=now_ms())
        assert self.expired(conn) == []

    def test_an_ended_attempt_is_nobodys(self, conn: Connection) -> None:
        request = ask(conn)
        (attempt,) = claim(conn, lease_s=-1)
        request.end(attempt["id"], "busy")
        assert self.expired(conn) == []

    def test_when_there_is_something_to_do_next(self, conn: Connection) -> None:
        assert conn.execute(sql.next_callback).fetchone() == {"held": False, "at": None}
        request = ask(conn, wanted_ms=now_ms() + 3_600_000)
        row = conn.execute(sql.next_callback).fetchone()
        assert row is not None
        assert (row["held"], row["at"].isoformat()[:16]) == (False, request.json["due"][:16])
        ask(conn)
        row = conn.execute(sql.next_callback).fetchone()
        assert row is not None
        assert row["held"]

    def test_nobody_came(self, conn: Connection) -> None:
        request = ask(conn)
        conn.execute("UPDATE call_request SET due_at = now() - interval '2 days'")
        assert one_value(conn, sql.give_up_requests, older="1 day") == 1
        assert request.state == ("given_up", "no_agent")

    def test_who_waits_for_a_group(self, conn: Connection) -> None:
        asked = [ask(conn) for _ in range(3)]
        claim(conn, limit=1)
        ask(conn, wanted_ms=now_ms() + 3_600_000)
        (row,) = conn.execute(sql.callbacks_waiting).fetchall()
        assert (row["code"], row["due"], row["priority"]) == ("pantry-orders", len(asked) - 1, 0)
        assert row["under_way"] == [asked[0].json["attempts"][0]["id"]]
        assert abs(row["entered_ms"] - now_ms()) < 60_000
