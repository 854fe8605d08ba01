"""Routing rules and pages: what ops type, what is refused, what two who edit at once are told."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from ops_words import Ops, enter, told

from support.database import Database

Json = dict[str, Any]

RULE: Json = {
    "subject_code": "TEA-TIME",
    "name": "Tea",
    "destination": "external",
    "external": "(202) 555-0190",
    "dnis": "TEA",
    "whisper_template": "{company}. About {subject}. {page_title}.",
    "placement": "agent_first",
    "sign_on": "digit",
    "ring_customer_seconds": "25",
    "ring_agent_seconds": "12",
    "sign_on_seconds": "9",
    "priority": "3",
    "active": "y",
    "tag2-0-key": "CAMPAIGN",
    "tag2-0-value": "autumn",
    "needs-0-key": "spanish",
    "needs-0-value": "2",
}
PAGE: Json = {
    "digits": "777",
    "title": "Tea of the month",
    "url": "https://shop.example/tea",
    "framing": "window",
    "active": "y",
}


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    database.rows(
        "DELETE FROM call_request q USING routing_rule u"
        " WHERE u.id = q.rule_id AND u.subject_code LIKE 'TEA%%' RETURNING 1"
    )
    database.rows("DELETE FROM routing_rule WHERE subject_code LIKE %s RETURNING 1", "TEA%")
    database.rows("DELETE FROM page WHERE digits LIKE %s RETURNING 1", "77%")
    return Ops(enter(app, live, database, "olga"), database)


def rule(database: Database, code: str = "TEA-TIME") -> Json:
    found = database.rows("SELECT * FROM routing_rule WHERE subject_code = %s", code)
    assert len(found) == 1
    return found[0]


def test_a_rule_is_stored_with_every_field_told_and_audited(
    olga: Ops, live: redis.Redis, database: Database
) -> None:
    before = told(live, "routing.changed")
    answer = olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    assert answer.status_code == 302, answer.text
    row = rule(database)
    assert row["external"] == "+12025550190"
    assert row["tag2"] == {"CAMPAIGN": "autumn"}
    assert row["needs"] == {"spanish": 2}
    assert (row["placement"], row["sign_on"], row["priority"]) == ("agent_first", "digit", 3)
    assert (row["ring_customer_seconds"], row["sign_on_seconds"]) == (25, 9)
    assert row["detect_voicemail"] is False
    assert told(live, "routing.changed") == before + 1
    entry = olga.audit(f"routing_rule:{row['id']}")[0]
    assert entry["action"] == "routing_rule.added"
    assert entry["actor"] == "olga"
    assert entry["data"]["external"] == "+12025550190"
    assert "Tea" in olga.page("/ops/routing?subscriber=pantry")


def test_a_group_of_ours_takes_the_place_of_the_number(olga: Ops, database: Database) -> None:
    group = database.value("SELECT id FROM agent_group WHERE code = 'pantry-orders'")
    fields = {**RULE, "destination": "group", "group_id": str(group)}
    assert olga.send("/ops/routing/new?subscriber=pantry", **fields).status_code == 302
    assert rule(database)["group_id"] == group
    assert rule(database)["external"] is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"subject_code": "tea time"}, "capitals, digits and -"),
        ({"subject_code": ""}, "Give the subject code"),
        ({"name": "x\x01y"}, "one line"),
        ({"name": "x" * 121}, "120"),
        ({"external": "javascript:alert(1)"}, "telephone number"),
        ({"sign_on": "pin"}, "has a PIN here"),
        ({"external": "+12025550110"}, "come back here"),
        ({"external": "sip:a@b\r\nX-Evil: 1"}, "SIP address"),
        ({"destination": "group", "group_id": "999999"}, "Choose the group"),
        ({"destination": "group", "group_id": "1"}, "Choose the group"),
        ({"destination": "nowhere"}, "Not a valid choice"),
        ({"dnis": "a b"}, "only"),
        ({"whisper_template": "{customer}"}, "is not known"),
        ({"whisper_template": "{company"}, "stands alone"),
        ({"whisper_template": ""}, "Say what the agent hears"),
        ({"ring_customer_seconds": "4"}, "5 to 120"),
        ({"ring_agent_seconds": "9" * 40}, "1 to 120"),
        ({"sign_on_seconds": "soon"}, "whole number"),
        ({"priority": "-1"}, "0 to 9"),
        ({"tag2-0-key": "campaign"}, "a key is capitals"),
        ({"tag2-0-value": "x\r\nX-Evil: 1"}, "on one line"),
        ({"tag2-0-value": "x" * 257}, "256"),
        ({"needs-0-value": "12"}, "1 (best) to 9"),
        ({"needs-0-key": "Spanish!"}, "small letters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    olga: Ops, database: Database, wrong: Json, sentence: str
) -> None:
    answer = olga.send("/ops/routing/new?subscriber=pantry", **{**RULE, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Not saved" in answer.text
    assert "autumn" in answer.text or "tag2-0-value" in wrong
    assert database.value("SELECT count(*) FROM routing_rule WHERE subject_code LIKE 'TEA%%'") == 0


def test_a_group_of_another_subscriber_is_none(olga: Ops, database: Database) -> None:
    group = database.value("SELECT id FROM agent_group WHERE code = 'halyard-sales'")
    fields = {**RULE, "destination": "group", "group_id": str(group)}
    assert olga.send("/ops/routing/new?subscriber=pantry", **fields).status_code == 422


def test_a_subject_code_is_taken_once_per_subscriber(olga: Ops) -> None:
    assert olga.send("/ops/routing/new?subscriber=pantry", **RULE).status_code == 302
    again = olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    assert again.status_code == 422
    assert "a rule with this subject code already" in again.text
    assert olga.send("/ops/routing/new?subscriber=halyard", **RULE).status_code == 302


def test_the_second_who_edits_is_told_and_loses_nothing(
    app: Flask, olga: Ops, live: redis.Redis, database: Database
) -> None:
    olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    path = f"/ops/routing/{rule(database)['id']}"
    other = Ops(enter(app, live, database, "olga"), database)
    assert other.send(path, **{**RULE, "version": "1", "name": "Green tea"}).status_code == 302

    late = olga.send(path, **{**RULE, "version": "1", "name": "Black tea", "priority": "7"})
    assert late.status_code == 409
    assert 'value="Black tea"' in late.text
    assert "Stored now: Green tea" in late.text
    assert "Olga" in late.text
    assert 'name="version" value="2"' in late.text
    assert rule(database)["name"] == "Green tea"

    assert olga.send(path, **{**RULE, "version": "2", "name": "Black tea"}).status_code == 302
    assert rule(database)["name"] == "Black tea"
    assert rule(database)["version"] == 3
    changed = olga.audit(f"routing_rule:{rule(database)['id']}")[0]
    assert changed["data"] == {"name": ["Green tea", "Black tea"]}


def test_a_rule_that_is_switched_off_stays(olga: Ops, database: Database) -> None:
    olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    path = f"/ops/routing/{rule(database)['id']}"
    off = {key: value for key, value in RULE.items() if key != "active"}
    assert olga.send(path, **off, version="1").status_code == 302
    assert rule(database)["active"] is False
    assert "Switched off" in olga.page("/ops/routing?subscriber=pantry")


def test_a_form_that_changes_nothing_writes_no_audit(olga: Ops, database: Database) -> None:
    olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    key = rule(database)["id"]
    assert olga.send(f"/ops/routing/{key}", **RULE, version="1").status_code == 302
    assert [entry["action"] for entry in olga.audit(f"routing_rule:{key}")] == [
        "routing_rule.added"
    ]


@pytest.mark.parametrize("path", ["/ops/routing/2147483647", "/ops/pages/2147483647"])
def test_what_does_not_exist_is_not_found(olga: Ops, path: str) -> None:
    assert olga.web.client.get(path).status_code == 404
    assert olga.send(path, **RULE).status_code == 404
    assert olga.web.client.get(path + "9999999").status_code == 404


def test_an_unknown_subscriber_is_not_found(olga: Ops) -> None:
    assert olga.web.client.get("/ops/routing/new?subscriber=nobody").status_code == 404


def test_a_form_without_its_token_stores_nothing(olga: Ops, database: Database) -> None:
    answer = olga.web.client.post("/ops/routing/new?subscriber=pantry", data=RULE)
    assert answer.status_code == 400
    assert database.value("SELECT count(*) FROM routing_rule WHERE subject_code = 'TEA-TIME'") == 0


def claimed(database: Database, request: str) -> Json:
    """What call control is told to do for a request."""
    database.rows("UPDATE call_request SET due_at = now() WHERE id = %s RETURNING 1", request)
    taken = database.rows("SELECT claim_callback_v1('worker', 30, 100, null) AS attempt")
    found: Json = next(row["attempt"] for row in taken if row["attempt"]["request"] == request)
    return found


def ask(database: Database) -> str:
    wish = (
        '{"subscriber": "pantry", "subject": "TEA-TIME", "source": "web", "number": "+13125550150"}'
    )
    return str(database.value("SELECT request::text FROM make_request_v1(%s::jsonb)", wish))


def test_an_edit_holds_for_the_next_attempt_of_a_request_that_waits(
    olga: Ops, database: Database
) -> None:
    olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    request = ask(database)
    group = database.value("SELECT id FROM agent_group WHERE code = 'pantry-orders'")
    changed = {
        **RULE,
        "destination": "group",
        "group_id": str(group),
        "placement": "both",
        "whisper_template": "{company}. {note}",
        "version": "1",
    }
    assert olga.send(f"/ops/routing/{rule(database)['id']}", **changed).status_code == 302
    told = claimed(database, request)["rule"]
    assert (told["group"], told["external"], told["placement"]) == ("pantry-orders", None, "both")
    assert told["whisper_template"] == "{company}. {note}"
    assert told["tag2"] == {"CAMPAIGN": "autumn"}


def test_a_rule_that_is_off_takes_no_new_requests(olga: Ops, database: Database) -> None:
    olga.send("/ops/routing/new?subscriber=pantry", **RULE)
    off = {key: value for key, value in RULE.items() if key != "active"}
    olga.send(f"/ops/routing/{rule(database)['id']}", **off, version="1")
    with pytest.raises(psycopg.Error, match="no active subject"):
        ask(database)


# --- Pages


def page(database: Database) -> Json:
    return database.rows("SELECT * FROM page WHERE digits = '777'")[0]


def test_a_page_is_stored_found_and_changed(olga: Ops, database: Database) -> None:
    assert olga.send("/ops/pages/new?subscriber=pantry", **PAGE).status_code == 302
    stored = page(database)
    assert stored["framing"] == "window"
    assert stored["promotion"] is False
    for search in ("777", "tea of", "SHOP.example/tea"):
        assert "Tea of the month" in olga.page(f"/ops/pages?subscriber=pantry&q={search}")
    assert "Tea of the month" not in olga.page("/ops/pages?subscriber=pantry&q=%25")
    changed = {**PAGE, "title": "Tea of the year", "promotion": "y", "version": "1"}
    assert olga.send(f"/ops/pages/{stored['id']}", **changed).status_code == 302
    assert olga.audit(f"page:{stored['id']}")[0]["data"] == {
        "title": ["Tea of the month", "Tea of the year"],
        "promotion": [False, True],
    }


def test_digits_show_one_page_of_a_subscriber(olga: Ops) -> None:
    assert olga.send("/ops/pages/new?subscriber=pantry", **PAGE).status_code == 302
    again = olga.send("/ops/pages/new?subscriber=pantry", **{**PAGE, "title": "Another"})
    assert again.status_code == 422
    assert "already show another page" in again.text
    assert 'value="Another"' in again.text
    assert olga.send("/ops/pages/new?subscriber=halyard", **PAGE).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"digits": "0"}, "the first not 0"),
        ({"digits": "07"}, "the first not 0"),
        ({"digits": "1234567"}, "One to six digits"),
        ({"digits": "12a"}, "One to six digits"),
        ({"url": "javascript:alert(document.cookie)"}, "https://"),
        ({"url": "data:text/html,<script>"}, "spaces, quotes"),
        ({"url": "https://bank.example@evil.example/"}, "user name"),
        ({"url": ""}, "Give the page"),
        ({"title": ""}, "Give the page a title"),
        ({"framing": "popup"}, "Not a valid choice"),
    ],
)
def test_a_page_that_cannot_be_pushed(olga: Ops, wrong: Json, sentence: str) -> None:
    answer = olga.send("/ops/pages/new?subscriber=pantry", **{**PAGE, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_hostile_text_is_shown_as_text(olga: Ops) -> None:
    fields = {**PAGE, "title": "<script>alert(1)</script>"}
    assert olga.send("/ops/pages/new?subscriber=pantry", **fields).status_code == 302
    shown = olga.page("/ops/pages?subscriber=pantry&q=777")
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize("who", ["ava", "sofia"])
@pytest.mark.parametrize(
    "path", ["/ops/routing", "/ops/routing/new", "/ops/pages", "/ops/presence", "/ops/policy",
             "/ops/do-not-call", "/ops/groups", "/ops/secrets", "/ops/audit"],
)  # fmt: skip
def test_only_ops_edit(
    app: Flask, live: redis.Redis, database: Database, who: str, path: str
) -> None:
    web = enter(app, live, database, who)
    assert web.client.get(path).status_code == 403
    assert web.client.post(path, data={"csrf_token": web.token}).status_code in (403, 405)
