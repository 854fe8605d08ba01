"""Call requests and refusals, as ops and supervisors see them."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
import redis
from flask import Flask
from ops_words import Ops, enter

from support.database import Database

Json = dict[str, Any]

NUMBER, SHOWN, MASKED = "+13125550150", "+1 312-555-0150", "+1 •••-•••-••50"


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    database.rows("DELETE FROM policy_refusal RETURNING 1")
    database.rows("UPDATE call SET request_id = NULL WHERE request_id IS NOT NULL RETURNING 1")
    database.rows("DELETE FROM call_request RETURNING 1")
    return Ops(enter(app, live, database, "olga"), database)


@pytest.fixture
def sofia(app: Flask, olga: Ops, live: redis.Redis, database: Database) -> Ops:
    return Ops(enter(app, live, database, "sofia"), database)


def ask(database: Database, **more: Any) -> str:
    """A request from a talk link, due in an hour."""
    wish = {
        "subscriber": "pantry",
        "subject": "ORDERS",
        "source": "web",
        "number": NUMBER,
        "note": "Is the <large> one in stock?",
        "page_title": "Baskets",
        "page_url": "javascript:alert(1)",
        "wanted_ms": 4_000_000_000_000,
        "key": uuid.uuid4().hex,
        **more,
    }
    query = "SELECT request::text FROM make_request_v1(%s::jsonb)"
    return str(database.value(query, orjson.dumps(wish).decode()))


def attempt(database: Database, request: str, outcome: str, sip_code: int | None = None) -> None:
    """One attempt, from claim to outcome."""
    database.rows("UPDATE call_request SET due_at = now() WHERE id = %s RETURNING 1", request)
    claim = "SELECT claim_callback_v1('worker', 30, 10, null) AS attempt"
    taken = [row["attempt"] for row in database.rows(claim)]
    found = next(one["id"] for one in taken if one["request"] == request)
    database.rows("SELECT hand_over_callback_v1(%s)", found)
    database.rows("SELECT end_attempt_v1(%s, %s, %s)", found, outcome, sip_code)


def state(database: Database, request: str) -> str:
    return str(database.value("SELECT state::text FROM call_request WHERE id = %s", request))


def test_the_list_shows_and_filters(olga: Ops, database: Database) -> None:
    one = ask(database)
    other = ask(database, subscriber="halyard", subject="FIBER", number="+12125550140")
    assert olga.send(f"/ops/requests/{other}/cancel").status_code == 302
    everything = olga.page("/ops/requests")
    assert SHOWN in everything
    assert "+1 212-555-0140" in everything
    for query, shown in (
        ("subscriber=pantry", one),
        ("state=waiting", one),
        ("state=open", one),
        ("state=cancelled", other),
        ("q=312-555-0150", one),
        (f"q={other[:13]}", other),
    ):
        page = olga.page(f"/ops/requests?{query}")
        assert f"/ops/requests/{shown}" in page, query
        assert f"/ops/requests/{one if shown == other else other}" not in page, query
    assert "No request like this" in olga.page("/ops/requests?source=queue")


def test_the_page_asks_for_the_rows_alone(olga: Ops, database: Database) -> None:
    ask(database)
    rows = olga.web.get("/ops/requests").text
    assert SHOWN in rows
    assert "<html" not in rows


def test_one_request_tells_its_story(olga: Ops, database: Database) -> None:
    request = ask(database)
    attempt(database, request, "busy", 486)
    attempt(database, request, "no_answer")
    database.rows(
        "INSERT INTO policy_refusal (subscriber_id, request_id, number, reason, detail)"
        " VALUES (2, %s, %s, 'outside_calling_hours', %s) RETURNING 1",
        request,
        NUMBER,
        '{"reasons": [{"code": "outside_calling_hours", "saw": {"clock": "22:10"}}]}',
    )
    page = olga.page(f"/ops/requests/{request}")
    assert "Asked to be called" in page
    assert "Attempt: busy" in page
    assert "SIP 486" in page
    assert "Attempt: no answer" in page
    assert "Refused: outside calling hours" in page
    assert "22:10" in page
    assert page.count('<rect class="claimed"') == 2
    assert "Is the &lt;large&gt; one in stock?" in page
    assert "javascript:" not in page


def test_whoever_only_looks_sees_no_numbers_and_changes_nothing(
    sofia: Ops, database: Database
) -> None:
    request = ask(database)
    for path in ("/ops/requests", f"/ops/requests/{request}"):
        page = sofia.page(path)
        assert MASKED in page
        assert SHOWN not in page
        assert NUMBER not in page
        assert "Take it back" not in page
    assert "No request like this" in sofia.page("/ops/requests?q=312-555-0150")
    for action in ("cancel", "now"):
        assert sofia.send(f"/ops/requests/{request}/{action}").status_code == 403
    assert state(database, request) == "waiting"


def test_a_request_is_taken_back_once_and_audited(olga: Ops, database: Database) -> None:
    request = ask(database)
    assert olga.send(f"/ops/requests/{request}/cancel").status_code == 302
    assert state(database, request) == "cancelled"
    assert olga.audit(f"call_request:{request}")[0]["action"] == "call_request.cancelled"
    assert "Taken back" in olga.page(f"/ops/requests/{request}")


def test_one_that_is_dialled_is_told_to_end(
    olga: Ops, live: redis.Redis, database: Database
) -> None:
    request = ask(database)
    database.rows("UPDATE call_request SET due_at = now() WHERE id = %s RETURNING 1", request)
    taken = database.rows("SELECT claim_callback_v1('worker', 30, 10, null) AS attempt")
    call = taken[0]["attempt"]["id"]
    database.rows("SELECT hand_over_callback_v1(%s)", call)
    assert olga.send(f"/ops/requests/{request}/cancel").status_code == 302
    told = [orjson.loads(f[b"data"]) for _, f in live.xrange("cb:events")]
    assert {"call_id": call, "by": "ops"} in told


def test_what_is_over_cannot_be_taken_back(olga: Ops, database: Database) -> None:
    request = ask(database)
    attempt(database, request, "answered")
    assert state(database, request) == "completed"
    for action in ("cancel", "now"):
        answer = olga.web.client.post(
            f"/ops/requests/{request}/{action}",
            data={"csrf_token": olga.web.token},
            follow_redirects=True,
        )
        assert "Nothing was changed" in answer.text
    assert state(database, request) == "completed"
    assert olga.audit(f"call_request:{request}") == []


def test_call_now_makes_it_due(olga: Ops, database: Database) -> None:
    request = ask(database)
    due = "SELECT due_at <= clock_timestamp() FROM call_request WHERE id = %s"
    assert database.value(due, request) is False
    assert olga.send(f"/ops/requests/{request}/now").status_code == 302
    assert database.value(due, request) is True
    assert olga.audit(f"call_request:{request}")[0]["action"] == "call_request.hurried"


@pytest.mark.parametrize("action", ["", "/cancel", "/now"])
def test_unknown_requests_are_not_found(olga: Ops, action: str) -> None:
    for request in (uuid.uuid4(), "1", "' OR 1=1 --"):
        path = f"/ops/requests/{request}{action}"
        answer = olga.send(path) if action else olga.web.client.get(path)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=9999-12-31", "state=%00", "q=%25", "source=' OR 1=1", "q=" + "9" * 500],
)
def test_odd_filters_are_no_fault(olga: Ops, query: str) -> None:
    assert olga.web.client.get(f"/ops/requests?{query}").status_code in (200, 422)


def test_refusals_are_counted_drawn_and_listed(olga: Ops, sofia: Ops, database: Database) -> None:
    for reason, times in (("do_not_call", 3), ("invalid_number", 1)):
        for _ in range(times):
            database.rows(
                "INSERT INTO policy_refusal (subscriber_id, number, reason) VALUES (2, %s, %s)"
                " RETURNING 1",
                NUMBER,
                reason,
            )
    page = olga.page("/ops/refusals")
    assert "4 refusals" in page
    assert '<rect width="600.0"' in page
    assert '<rect width="200.0"' in page
    assert page.count(SHOWN) == 4
    only = olga.page("/ops/refusals?reason=invalid_number")
    assert only.count(SHOWN) == 1
    assert SHOWN not in sofia.page("/ops/refusals")
    assert "0 refusals" in olga.page("/ops/refusals?subscriber=halyard")
    assert olga.web.client.get("/ops/refusals?span=x&reason=%27").status_code == 200


def test_the_floor_shows_who_wants_to_be_called(sofia: Ops, database: Database) -> None:
    ask(database)
    now = ask(database, number="+13125550151")
    database.rows("UPDATE call_request SET due_at = now() WHERE id = %s RETURNING 1", now)
    queues = {q["code"]: q["requests"] for q in sofia.web.get("/floor/state").json["queues"]}
    assert queues["pantry-orders"] == {"due": 1, "later": 1}
    assert queues["halyard-sales"] == {"due": 0, "later": 0}
