"""Ranked offers by the API: best first, for one's own customers alone, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from support.api import HALYARD_SECRET, Api, problem

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

DANA = "H10001"


@pytest.fixture
def halyard(app: Flask) -> Api:
    return Api(app, "halyard", HALYARD_SECRET)


def listed(api: Api, code: str = DANA, channel: str = "") -> Json:
    answer = api.get(f"/customers/{code}/offers" + (f"?channel={channel}" if channel else ""))
    assert answer.status_code == 200, answer.text
    found: Json = answer.get_json()
    return found


def decisions(db: Connection) -> Json | None:
    """How many decisions and exposures there are; the demo world has a past."""
    return db.execute(
        "SELECT (SELECT count(*) FROM decision) AS decisions,"
        " (SELECT count(*) FROM exposure) AS exposures"
    ).fetchone()


def test_best_first_with_the_reason_for_each(halyard: Api) -> None:
    found = listed(halyard)
    offers = found["offers"]
    assert found["customer"] == DANA
    assert len(offers) >= 2
    assert [one["rank"] for one in offers] == list(range(1, len(offers) + 1))
    by_kind = [one for one in offers if one["kind"] == "sales"]
    assert [one["ev_cents"] for one in by_kind] == sorted(
        (one["ev_cents"] for one in by_kind), reverse=True
    )
    for one in offers:
        assert one["ev_cents"] == pytest.approx(one["p"] * one["value_cents"], abs=1)
        assert "likely" in one["why"] or "Eligible" in one["why"]
        assert one["url"] is None or "{" not in one["url"]


def test_a_page_is_one_that_the_customer_can_open(halyard: Api, db: Connection) -> None:
    """The demo's pages are the agents', behind a log-in."""
    offers = listed(halyard)["offers"]
    assert [one["url"] for one in offers] == [None] * len(offers)
    best = offers[0]["code"]
    (row,) = db.execute("SELECT url FROM offer WHERE code = %s", [best])
    change = "UPDATE offer SET url = %s WHERE code = %s"
    db.execute(change, ["https://shop.example/{customer}/tv", best])
    try:
        told = {one["code"]: one["url"] for one in listed(halyard)["offers"]}
        assert told[best] == f"https://shop.example/{DANA}/tv"
    finally:
        db.execute(change, [row["url"], best])


def test_a_list_as_for_a_call_leads_nobody_anywhere(halyard: Api, db: Connection) -> None:
    found = listed(halyard, "H10002", "phone")
    row = db.execute("SELECT route FROM decision WHERE id = %s", [found["decision"]]).fetchone()
    assert row is not None
    assert (row["route"]["to"], row["route"]["why"]) == ("plain", "no_call")


def test_the_decision_is_stored_as_it_was_told(halyard: Api, db: Connection) -> None:
    found = listed(halyard, channel="web")
    row = db.execute("SELECT * FROM decision WHERE id = %s", [found["decision"]]).fetchone()
    assert row is not None
    assert (row["channel"], row["call_id"]) == ("web", None)
    told = [one["code"] for one in found["offers"]]
    assert told == [one["code"] for one in row["ranking"] if one["state"] == "offered"]
    assert {one["state"] for one in row["ranking"]} == {"offered", "kept_out"}


def test_reading_again_changes_nothing_until_something_has_changed(
    halyard: Api, db: Connection
) -> None:
    first = listed(halyard, "H10002")
    before = decisions(db)
    assert listed(halyard, "H10002") == first
    assert decisions(db) == before
    best = first["offers"][0]
    db.execute("UPDATE offer SET value_cents = value_cents + 1 WHERE code = %s", [best["code"]])
    try:
        second = listed(halyard, "H10002")
        assert second["decision"] != first["decision"]
        values = {one["code"]: one["value_cents"] for one in second["offers"]}
        assert values[best["code"]] == best["value_cents"] + 1
    finally:
        db.execute("UPDATE offer SET value_cents = value_cents - 1 WHERE code = %s", [best["code"]])


def test_each_channel_has_what_can_be_presented_there(halyard: Api, db: Connection) -> None:
    channels = {
        row["code"]: row["channels"] for row in db.execute("SELECT code, channels FROM offer")
    }
    everything = {one["code"] for one in listed(halyard)["offers"]}
    for channel in ("phone", "web", "chat"):
        wanted = {"agent", "ivr"} if channel == "phone" else {channel}
        found = {one["code"] for one in listed(halyard, channel=channel)["offers"]}
        assert found == {code for code in everything if wanted & set(channels[code])}


@pytest.mark.parametrize("code", ["NOBODY", "h10001", "P' OR true --", "X" * 5000, "%00", "%FF"])
def test_an_unknown_customer(halyard: Api, code: str) -> None:
    assert problem(halyard.get(f"/customers/{code}/offers"), 404) == "no-such-customer"


def test_another_business_sees_nobody_of_ours(api: Api, db: Connection) -> None:
    before = decisions(db)
    assert problem(api.get(f"/customers/{DANA}/offers"), 404) == "no-such-customer"
    assert decisions(db) == before


@pytest.mark.parametrize("query", ["channel=fax", "channel=", "channel=web&channel=api", "kind=x"])
def test_a_bad_question(halyard: Api, query: str) -> None:
    assert problem(halyard.get(f"/customers/{DANA}/offers?{query}"), 422) == "invalid"


def test_without_a_decider_there_is_no_list(make_app: Callable[..., Flask]) -> None:
    app = make_app(decider_url="http://127.0.0.1:9")
    answer = Api(app, "halyard", HALYARD_SECRET).get(f"/customers/{DANA}/offers")
    assert problem(answer, 503) == "decider-away"
