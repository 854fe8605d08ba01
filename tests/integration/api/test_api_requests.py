"""Call requests by the API: made once, refused with all reasons, listed, read, taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
import redis
from flask import Flask

from support.api import BASE, HALYARD_SECRET, WISH, Api, problem

Connection = psycopg.Connection[dict[str, Any]]

DO_NOT_CALL = "+13125550196"


def stored(db: Connection, key: str) -> int:
    row = db.execute(
        "SELECT count(*) AS n FROM call_request WHERE idempotency_key = %s", [key]
    ).fetchone()
    assert row is not None
    return int(row["n"])


class TestMaking:
    def test_it_is_made_and_can_be_read(self, api: Api) -> None:
        wish = {
            "customer_code": "C-77",
            "note": "About the coffee.\nThanks",
            "page_title": "Coffee – Corner Pantry",
            "page_url": "https://shop.example/coffee?x=1",
            "pages": [{"url": "https://shop.example/", "title": "Shop", "at_ms": 5, "seconds": 12}],
            "whisper_code": "VIP-1",
            "wanted_agent": "gus",
            "time_zone": "America/Chicago",
            "consent_text": "I agree.",
        }
        answer = api.make(**wish)
        assert answer.status_code == 201, answer.text
        made = answer.get_json()
        assert {name: made[name] for name in wish if name != "consent_text"} == {
            name: value for name, value in wish.items() if name != "consent_text"
        }
        assert (made["state"], made["source"], made["attempts"]) == ("waiting", "api", 0)
        read = api.client.get(answer.headers["Location"], headers=api.basic()).get_json()
        assert {name: read[name] for name in made} == made
        assert [line["event"] for line in read["timeline"]] == ["request.made"]

    def test_a_time_is_kept(self, api: Api) -> None:
        at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
        made = api.made(wanted_at=at.isoformat())
        assert datetime.fromisoformat(made["wanted_at"]) == at
        assert datetime.fromisoformat(made["next_attempt_at"]) == at

    def test_the_same_key_makes_one(self, api: Api, db: Connection) -> None:
        key = uuid4().hex
        first, again = api.make(key, note="one"), api.make(key, note="one")
        assert first.get_json() == again.get_json()
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert stored(db, key) == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"note": "two"}, {"number": "+13125550151"}, {"page_title": "x"}, {"subject": "HELP"},
            {"time_zone": "Europe/Berlin"}, {"whisper_code": "A"}, {"wanted_agent": "gus"},
            {"wanted_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        ],
    )  # fmt: skip
    def test_the_same_key_for_something_else(
        self, api: Api, db: Connection, other: dict[str, Any]
    ) -> None:
        key = uuid4().hex
        api.make(key, note="one")
        answer = api.make(key, **{"note": "one", **other})
        assert problem(answer, 422) == "idempotency-key-reused"
        assert stored(db, key) == 1

    def test_two_at_the_same_moment_make_one(self, app: Flask, db: Connection) -> None:
        key = uuid4().hex
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: Api(app).make(key), range(4)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.get_json()["id"] for answer in answers}) == 1
        assert stored(db, key) == 1

    def test_a_key_is_each_business_own(self, app: Flask) -> None:
        key = uuid4().hex
        halyard = Api(app, "halyard", HALYARD_SECRET)
        one = Api(app).make(key)
        other = halyard.make(key, subject="FIBER")
        assert (one.status_code, other.status_code) == (201, 201), other.text
        assert one.get_json()["id"] != other.get_json()["id"]

    @pytest.mark.parametrize(
        ("key", "status", "code"),
        [("", 400, "idempotency-key-missing"), ("short", 422, "invalid"),
         ("x" * 101, 422, "invalid"), ("has a space", 422, "invalid")],
    )  # fmt: skip
    def test_a_key_is_needed(self, api: Api, key: str, status: int, code: str) -> None:
        answer = api.post("/call-requests", WISH, key=key)
        assert problem(answer, status) == code


class TestBadInput:
    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"number": 1}, "/number"), ({"subject": ["ORDERS"]}, "/subject"),
            ({"surprise": 1}, "/surprise"), ({"pages": [{"url": 1}]}, "/pages/0/url"),
            ({"note": "\x00"}, "/note"), ({"time_zone": "Mars/Olympus"}, "/time_zone"),
            ({"wanted_at": "2020-01-01T00:00:00Z"}, "/wanted_at"),
            ({"wanted_at": "9999-12-31T23:59:59Z"}, "/wanted_at"),
        ],
    )  # fmt: skip
    def test_the_field_is_named(self, api: Api, changed: dict[str, Any], pointer: str) -> None:
        answer = api.make(**changed)
        assert problem(answer, 422) == "invalid"
        assert pointer in {one["pointer"] for one in answer.get_json()["errors"]}

    @pytest.mark.parametrize("changed", [{"subject": "NOTHING"}, {"wanted_agent": "ava"}])
    def test_what_the_business_does_not_have(self, api: Api, changed: dict[str, Any]) -> None:
        assert problem(api.make(**changed), 422) == "unknown-target"

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b'{"a": NaN}', b'"\\ud800"'])
    def test_no_json(self, api: Api, body: bytes) -> None:
        answer = api.post("/call-requests", data=body, content_type="application/json")
        assert answer.status_code in (400, 422)
        assert problem(answer, answer.status_code) in ("bad-json", "invalid")

    @pytest.mark.parametrize("body", [[], "text", None, 7, True])
    def test_no_object(self, api: Api, body: Any) -> None:
        sent = orjson.dumps(body)
        answer = api.post("/call-requests", data=sent, content_type="application/json")
        assert problem(answer, 422) == "invalid"

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_another_kind_of_body(self, api: Api, kind: str) -> None:
        answer = api.post("/call-requests", data=b"{}", content_type=kind)
        assert problem(answer, 415) == "not-json"

    def test_a_huge_body(self, api: Api) -> None:
        answer = api.make(note="x" * 70_000)
        problem(answer, 413)

    def test_a_huge_body_of_a_stranger(self, api: Api) -> None:
        headers = {"X-CB-Business": "pantry", "X-CB-Timestamp": "1", "X-CB-Signature": "x"}
        answer = api.client.post(f"{BASE}/call-requests", data=b"x" * 70_000, headers=headers)
        assert answer.status_code in (401, 413)

    def test_a_method_that_is_none(self, api: Api) -> None:
        answer = api.client.delete(f"{BASE}/usage", headers=api.basic())
        problem(answer, 405)
        assert "GET" in answer.headers["Allow"]

    def test_a_path_that_is_none(self, api: Api) -> None:
        problem(api.get("/nothing"), 404)


class TestPolicy:
    def test_a_refusal_gives_all_reasons_and_is_recorded(self, api: Api, db: Connection) -> None:
        key = uuid4().hex
        before = refusals(db)
        answer = api.make(key, number=DO_NOT_CALL)
        assert problem(answer, 422) == "refused-by-policy"
        assert "do_not_call" in {one["code"] for one in answer.get_json()["reasons"]}
        assert refusals(db) == before + 1
        assert stored(db, key) == 0

    def test_a_check_stores_nothing(self, api: Api, db: Connection) -> None:
        before = refusals(db)
        answer = api.post("/policy-checks", {"number": DO_NOT_CALL}).get_json()
        assert answer["allowed"] is False
        assert all(one["sentence"] for one in answer["reasons"])
        assert api.post("/policy-checks", {"number": "+13125550150"}).get_json()["allowed"] is True
        assert refusals(db) == before

    @pytest.mark.parametrize("number", ["", "letters", "+", "١٢٣", "+1312555015012345678", "911"])
    def test_a_check_of_what_is_no_number(self, api: Api, number: str) -> None:
        answer = api.post("/policy-checks", {"number": number})
        if answer.status_code == 422:
            assert problem(answer, 422) == "invalid"
        else:
            assert answer.get_json()["allowed"] is False

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z"])
    def test_a_check_of_a_time_that_no_calendar_knows(self, api: Api, at: str) -> None:
        answer = api.post("/policy-checks", {"number": "+13125550150", "at": at})
        assert problem(answer, 422) == "invalid"
        assert "2000 to 2100" in answer.get_data(as_text=True)

    def test_a_request_that_was_made_is_answered_also_when_it_would_be_refused_now(
        self, api: Api, db: Connection
    ) -> None:
        key = uuid4().hex
        number = "+13125550177"
        first = api.make(key, number=number)
        db.execute("INSERT INTO do_not_call (subscriber_id, number) VALUES (2, %s)", [number])
        try:
            assert problem(api.make(number=number), 422) == "refused-by-policy"
            assert api.make(key, number=number).get_json()["id"] == first.get_json()["id"]
        finally:
            db.execute("DELETE FROM do_not_call WHERE number = %s", [number])


def refusals(db: Connection) -> int:
    row = db.execute("SELECT count(*) AS n FROM policy_refusal").fetchone()
    assert row is not None
    return int(row["n"])


class TestListing:
    def test_pages_are_all_of_them_newest_first(self, api: Api) -> None:
        made = [api.made()["id"] for _ in range(5)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = f"&cursor={cursor}" if cursor else ""
            page = api.get(f"/call-requests?limit=2{query}").get_json()
            assert len(page["items"]) <= 2
            seen += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert seen[:5] == made[::-1]
        assert len(seen) == len(set(seen))

    def test_filters(self, api: Api) -> None:
        one = api.made()
        api.post(f"/call-requests/{one['id']}/cancel")
        cancelled = api.get("/call-requests?state=cancelled&limit=100").get_json()["items"]
        assert one["id"] in {row["id"] for row in cancelled}
        assert {row["state"] for row in cancelled} == {"cancelled"}
        since = (datetime.now(UTC) + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
        assert api.get(f"/call-requests?since={since}").get_json()["items"] == []

    def test_others_are_not_seen(self, app: Flask, api: Api) -> None:
        mine = api.made()["id"]
        halyard = Api(app, "halyard", HALYARD_SECRET)
        page = halyard.get("/call-requests?limit=100").get_json()
        assert mine not in {one["id"] for one in page["items"]}
        assert problem(halyard.get(f"/call-requests/{mine}"), 404) == "no-such-request"
        answer = halyard.post(f"/call-requests/{mine}/cancel")
        assert problem(answer, 404) == "no-such-request"
        assert api.get(f"/call-requests/{mine}").get_json()["state"] == "waiting"

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=x", "state=gone", "since=soon", "cursor=%00", "cursor=abc", "more=1",
         "limit=1&limit=2", "since=2026-11-25T10:00:00", "limit=99999999999999999999"],
    )  # fmt: skip
    def test_a_bad_parameter_is_named(self, api: Api, query: str) -> None:
        answer = api.get(f"/call-requests?{query}")
        assert problem(answer, 422) == "invalid"
        assert answer.get_json()["errors"][0]["pointer"] == query.partition("=")[0]

    @pytest.mark.parametrize("wrong", ["x", "0", "%00", "..", "1" * 400])
    def test_an_id_that_is_none(self, api: Api, wrong: str) -> None:
        problem(api.get(f"/call-requests/{wrong}"), 404)


class TestCancelling:
    def test_it_is_taken_back_once_and_told(self, api: Api, db: Connection) -> None:
        one = api.made()["id"]
        first = api.post(f"/call-requests/{one}/cancel", key="")
        assert (first.status_code, first.get_json()["state"]) == (200, "cancelled")
        assert first.get_json()["ended_at"]
        assert api.post(f"/call-requests/{one}/cancel").get_json() == first.get_json()
        told = db.execute(
            "SELECT event, payload FROM webhook_delivery WHERE payload ->> 'id' = %s", [one]
        ).fetchall()
        assert [row["event"] for row in told] == ["call_request.cancelled"]
        story = first.get_json()
        assert told[0]["payload"] == {name: story[name] for name in told[0]["payload"]}

    def test_one_that_is_over_stays(self, api: Api, db: Connection) -> None:
        one = api.made()["id"]
        for state in ("dialling", "given_up"):
            db.execute("UPDATE call_request SET state = %s WHERE id = %s", [state, one])
        answer = api.post(f"/call-requests/{one}/cancel")
        assert problem(answer, 409) == "request-over"

    def test_a_call_that_has_begun_is_ended(
        self, api: Api, db: Connection, live: redis.Redis
    ) -> None:
        one, call_id = api.made()["id"], str(uuid4())
        db.execute("UPDATE call_request SET state = 'dialling' WHERE id = %s", [one])
        db.execute(
            "INSERT INTO callback_attempt"
            " (id, request_id, attempt, state, worker, lease_until, due_at)"
            " VALUES (%s, %s, 1, 'handed', 'w', now(), now())",
            [call_id, one],
        )
        assert api.post(f"/call-requests/{one}/cancel").status_code == 200
        entries: Any = live.xrange("cb:events")
        told = [fields for _, fields in entries if fields["type"] == "call.end_asked"]
        assert [orjson.loads(fields["data"]) for fields in told] == [
            {"call_id": call_id, "by": "merchant"}
        ]


def test_while_the_database_is_away(make_app: Callable[..., Flask]) -> None:
    away = Api(make_app(database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert problem(away.get("/call-requests"), 503) == "database-away"


def test_while_redis_is_away(make_app: Callable[..., Flask]) -> None:
    away = Api(make_app(redis_url="redis://127.0.0.1:1/0"))
    assert problem(away.get("/call-requests"), 503) == "redis-away"
