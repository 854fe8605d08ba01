"""Offers and the decision policy: what ops type, what is refused, what two who edit at once see."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter

from support.database import Database

Json = dict[str, Any]

OFFER: Json = {
    "code": "TEA-BOX",
    "kind": "sales",
    "title": "Tea every month",
    "description": "Three sorts, <b>chosen</b> for the season.",
    "script": "Hello {first_name}, shall {subscriber} send tea?",
    "url": "https://shop.example/tea?c={customer}",
    "value": "1,250.50",
    "valid_from": "2026-01-01",
    "valid_to": "2036-12-31",
    "channels": ["agent", "ivr"],
    "group_id": "",
    "skill": "tea",
    "cooldown_days": "14",
    "max_exposures": "3",
    "excludes": ["PAN-COFFEE"],
    "prior": "12.5",
    "prior_weight": "40",
    "ivr_text": "Tea for {first_name},\r\n every month.",
    "active": "y",
}
NEW = "/ops/offers/new?subscriber=pantry"


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    database.rows("DELETE FROM offer WHERE code LIKE 'TEA%%' RETURNING 1")
    return Ops(enter(app, live, database, "olga"), database)


def offer(database: Database) -> Json:
    query = "SELECT *, excluded_codes_v1(id) AS excludes FROM offer WHERE code = 'TEA-BOX'"
    (found,) = database.rows(query)
    return found


def changed(**fields: Any) -> Json:
    """The form of the offer that there is: its code and kind are not in it."""
    kept = {name: value for name, value in OFFER.items() if name not in ("code", "kind")}
    return {**kept, "version": "1", **fields}


def test_an_offer_is_stored_with_every_field_and_audited(olga: Ops, database: Database) -> None:
    answer = olga.send(NEW, **OFFER)
    assert answer.status_code == 302, answer.text
    row = offer(database)
    assert (row["kind"], row["value_cents"], row["channels"]) == ("sales", 125050, ["agent", "ivr"])
    assert (row["skill"], row["group_id"], row["excludes"]) == ("tea", None, ["PAN-COFFEE"])
    assert (row["cooldown_days"], row["max_exposures"]) == (14, 3)
    assert (row["prior_p"], row["prior_weight"]) == (0.125, 40)
    assert row["ivr_text"] == "Tea for {first_name}, every month."
    assert (str(row["valid_from"]), str(row["valid_to"])) == ("2026-01-01", "2036-12-31")
    entry = olga.audit(f"offer:{row['id']}")[0]
    assert (entry["action"], entry["actor"]) == ("offer.added", "olga")
    assert entry["data"]["excludes"] == ["PAN-COFFEE"]

    listed = olga.page("/ops/offers?subscriber=pantry")
    assert "Tea every month" in listed
    assert "1250.50" in listed
    assert "next build" in listed  # that lists change later is said where it was saved
    assert "TEA-BOX" in olga.page(f"/ops/audit?entity=offer:{row['id']}")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "tea"}, "capitals, digits and -"),
        ({"code": "PAN-COFFEE"}, "an offer with this code already"),
        ({"code": "X" * 10**5}, "capitals, digits and -"),
        ({"kind": "gift"}, "Not a valid choice"),
        ({"title": ""}, "Give the offer a title"),
        ({"title": "x" * 10**5}, "120"),
        ({"title": "a\x01b"}, "one line"),
        ({"value": ""}, "Give the value"),
        ({"value": "-1"}, "0 or more"),
        ({"value": "dear"}, "Write an amount"),
        ({"value": "10000000.01"}, "At most 10,000,000"),
        ({"value": "9" * 10**5}, "0 or more"),
        ({"description": "x" * 4001}, "4000"),
        ({"script": "Hello {ssn}"}, "is not known"),
        ({"script": "x" * 8001}, "8000"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"url": "https://a.example/{ssn}"}, "is not known"),
        ({"url": "https://a.example/" + "x" * 160}, "160"),
        ({"valid_from": "tomorrow"}, "Write a day"),
        ({"valid_to": "2025-12-31"}, "ends before it begins"),
        ({"channels": []}, "Choose at least one"),
        ({"channels": ["fax"]}, "valid choice"),
        ({"ivr_text": ""}, "what the caller hears"),
        ({"ivr_text": "Hello {account}"}, "is not known"),
        ({"group_id": "1"}, "of this subscriber"),
        ({"group_id": "x' OR 1=1"}, "of this subscriber"),
        ({"skill": "Tea!"}, "Small letters"),
        ({"cooldown_days": "-1"}, "0 to 3650"),
        ({"max_exposures": "many"}, "whole number"),
        ({"excludes": ["HAL-TV"]}, "valid choice"),
        ({"prior": "0"}, "0.01 to 99.99"),
        ({"prior": "NaN"}, "0.01 to 99.99"),
        ({"prior": ""}, "in percent"),
        ({"prior_weight": "1e9"}, "whole number"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    olga: Ops, database: Database, wrong: Json, sentence: str
) -> None:
    answer = olga.send(NEW, **{**OFFER, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Three sorts, &lt;b&gt;chosen&lt;/b&gt;" in answer.text or "description" in wrong
    assert database.value("SELECT count(*) FROM offer WHERE code LIKE 'TEA%%'") == 0


def test_a_value_that_is_missing_altogether_is_refused(olga: Ops, database: Database) -> None:
    kept = {name: value for name, value in OFFER.items() if name != "value"}
    assert olga.send(NEW, **kept).status_code == 422
    assert database.value("SELECT count(*) FROM offer WHERE code LIKE 'TEA%%'") == 0


def test_code_and_kind_stay(olga: Ops, database: Database) -> None:
    olga.send(NEW, **OFFER)
    path = f"/ops/offers/{offer(database)['id']}"
    sent = changed(code="TEA-OTHER", kind="service", title="Green tea", excludes=[])
    assert olga.send(path, **sent).status_code == 302
    row = offer(database)
    assert (row["kind"], row["title"], row["excludes"]) == ("sales", "Green tea", [])
    entry = olga.audit(f"offer:{row['id']}")[0]
    assert entry["data"] == {
        "title": ["Tea every month", "Green tea"],
        "excludes": [["PAN-COFFEE"], []],
    }


def test_the_second_who_edits_is_told_and_loses_nothing(olga: Ops, database: Database) -> None:
    olga.send(NEW, **OFFER)
    path = f"/ops/offers/{offer(database)['id']}"
    assert olga.send(path, **changed(value="20")).status_code == 302
    late = olga.send(path, **changed(value="30", channels=["web"]))
    assert late.status_code == 409
    assert 'value="30"' in late.text
    assert "Stored now: 20.00" in late.text
    assert "Stored now: agent, ivr" in late.text
    assert olga.send(path, **changed(value="30", version="2")).status_code == 302
    assert offer(database)["value_cents"] == 3000


def test_withdrawn_at_once_and_only_as_it_was_seen(olga: Ops, database: Database) -> None:
    olga.send(NEW, **OFFER)
    path = f"/ops/offers/{offer(database)['id']}"
    late = olga.send(f"{path}/withdraw", version="7")
    assert late.headers["Location"].endswith(path)
    assert offer(database)["active"] is True
    assert "Not withdrawn" in olga.page(path)
    assert olga.send(f"{path}/withdraw", version="1").status_code == 302
    assert offer(database)["active"] is False
    assert "Withdrawn" in olga.page("/ops/offers?subscriber=pantry")
    assert olga.audit(f"offer:{offer(database)['id']}")[0]["data"] == {"active": [True, False]}


def test_what_does_not_exist_is_not_found(olga: Ops) -> None:
    for path in ("/ops/offers/2147483647", "/ops/offers/2147483647/rules"):
        assert olga.web.client.get(path).status_code == 404
    assert olga.send("/ops/offers/2147483647/withdraw", version="1").status_code == 404
    assert olga.web.client.get("/ops/offers?subscriber=nobody").status_code == 404


def test_agents_may_not(app: Flask, live: redis.Redis, database: Database) -> None:
    ava = Ops(enter(app, live, database, "ava"), database)
    for path in ("/ops/offers", "/ops/offers/1", "/ops/offers/1/rules", "/ops/decision-policy"):
        assert ava.web.client.get(path).status_code == 403, path


POLICY: Json = {
    "exploration": "thompson",
    "explore_share": "7.5",
    "max_wait_seconds": "90",
    "move_callers": "y",
}


def test_the_decision_policy(olga: Ops, database: Database) -> None:
    with database.kept("decision_policy"):
        query = "SELECT version FROM decision_policy WHERE subscriber_id = 2"
        version = str(database.value(query))
        path = "/ops/decision-policy?subscriber=pantry"
        assert olga.send(path, **POLICY, version=version).status_code == 302
        (row,) = database.rows("SELECT * FROM decision_policy WHERE subscriber_id = 2")
        assert (row["exploration"], row["explore_share"]) == ("thompson", pytest.approx(0.075))
        assert (row["max_wait_seconds"], row["move_callers"]) == (90, True)
        assert row["ivr_presentation"] is False
        assert 'value="7.5"' in olga.page(path)
        assert olga.send(path, **POLICY, version=version).status_code == 409
        for wrong, sentence in [
            ({"explore_share": "101"}, "0 to 100"),
            ({"exploration": "greedy"}, "Not a valid choice"),
            ({"max_wait_seconds": "-1"}, "0 to 3600"),
        ]:
            answer = olga.send(path, **{**POLICY, **wrong}, version=str(row["version"]))
            assert answer.status_code == 422
            assert sentence in answer.text


def test_a_subscriber_without_a_policy_begins_with_the_defaults(
    olga: Ops, database: Database
) -> None:
    database.rows("DELETE FROM decision_policy WHERE subscriber_id = 2 RETURNING 1")
    page = olga.page("/ops/decision-policy?subscriber=pantry")
    assert 'value="5"' in page
    assert database.value("SELECT count(*) FROM decision_policy WHERE subscriber_id = 2") == 0
    answer = olga.send("/ops/decision-policy?subscriber=pantry", **POLICY, version="1")
    assert answer.status_code == 302
