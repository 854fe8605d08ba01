"""Call requests and their attempts: stored once, claimed once, ended once, and what follows."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cordboard.sipp import eventually
from db.errors import IllegalTransition, KeyReused, RequestOver, UnknownTarget, named_errors
from db.queries import sql
from support.dialplan import apply, now_ms
from support.requests import SqlRequest, ask, claim, one_value

Connection = psycopg.Connection[dict[str, Any]]


def dialled(request: SqlRequest) -> str:
    """The next attempt; the app has dialled."""
    attempt = request.attempt()
    assert request.journal(attempt, state="dialled", dialled_ms=now_ms()) == 0
    return attempt


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


class TestHandingOverTwice:
    def test_one_that_is_dialled_meanwhile_is_left_to_the_app(self, conn: Connection) -> None:
        request = ask(conn)
        attempt = dialled(request)
        assert one_value(conn, sql.hand_over_callback, attempt=attempt) is True
        request.end(attempt, "busy")
        assert one_value(conn, sql.hand_over_callback, attempt=attempt) is False
        assert request.state == ("waiting", "busy")


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


def test_whoever_listens_hears_of_each_change(connect: Callable[[], Connection]) -> None:
    conn, ear = connect(), connect()
    ear.execute("LISTEN call_request")
    request = ask(conn)
    attempt = request.attempt()
    request.end(attempt, "answered")
    told = [notify.payload for notify in ear.notifies(timeout=10, stop_after=4)]
    states = [json.loads(payload)["state"] for payload in told]
    assert states == ["waiting", "dialling", "connected", "completed"]


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


class TestForgetting:
    """What is older than the settings want is deleted, a bounded part at a time."""

    def forget(self, conn: Connection, limit: int = 100) -> int:
        return int(one_value(conn, sql.forget_old, days=90, limit=limit))

    def age(self, conn: Connection, request: SqlRequest, days: int) -> None:
        conn.execute(
            "UPDATE call_request SET ended_at = now() - make_interval(days => %s) WHERE id = %s",
            [days, request.id],
        )

    def test_timelines_of_requests_that_ended_long_ago(self, conn: Connection) -> None:
        old, young, waits = ask(conn), ask(conn), ask(conn)
        for request, days in ((old, 91), (young, 89)):
            conn.execute(sql.cancel_request, {"request": request.id, "by": "ops"})
            self.age(conn, request, days)
        assert len(old.timeline) == 2
        assert self.forget(conn) == 2
        assert (old.timeline, len(young.timeline), len(waits.timeline)) == ([], 2, 1)
        assert self.forget(conn) == 0

    def test_webhooks_that_arrived_but_no_dead_letters(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO webhook_delivery (id, subscriber_id, event, payload, state, created_at,"
            " delivered_at) SELECT gen_random_uuid(), 2, 'entry.saved', '{}', s::delivery_state,"
            " now() - make_interval(days => 100),"
            " CASE WHEN s = 'delivered' THEN now() - make_interval(days => d) END"
            " FROM unnest('{delivered,dead}'::text[]) s, unnest('{91,89}'::int[]) d"
        )
        assert self.forget(conn) == 1
        left = conn.execute("SELECT state::text, count(*) FROM webhook_delivery GROUP BY 1")
        assert {row["state"]: row["count"] for row in left} == {"delivered": 1, "dead": 2}

    def test_refusals_in_parts(self, conn: Connection) -> None:
        conn.execute(
            "INSERT INTO policy_refusal (subscriber_id, reason, at)"
            " SELECT 2, 'holiday', now() - make_interval(days => 100 - 5 * n)"
            " FROM generate_series(0, 4) n"
        )
        assert [self.forget(conn, limit=1) for _ in range(4)] == [1, 1, 0, 0]
        assert self.forget(conn) == 0
        assert one_value(conn, b"SELECT count(*) FROM policy_refusal") == 3
