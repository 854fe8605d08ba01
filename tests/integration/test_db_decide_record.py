"""What is kept of a decision, and what it puts on the call."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import orjson
import psycopg
import pytest

from cordboard.decision import Decision, Facts, Question, decide
from db.errors import NotYourCall, named_errors
from db.queries import sql
from support.decisions import MARCUS, facts, offer
from support.dialplan import SqlCall, now_ms

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

BUNDLE, CARE = "HAL-FIBER-BUNDLE", "HAL-CARE-PLUS"
MARCUS_IS_OFFERED = [BUNDLE, "HAL-DEVICE-UP", CARE, "HAL-ROAMING", "HAL-PIN"]


def run(conn: Connection, statement: str, *values: Any) -> None:
    conn.execute(statement.encode(), values)


def decided(marcus: SqlCall, found: Facts | None = None, **changed: Any) -> Decision:
    question = Question(
        marcus.id,
        MARCUS,
        "halyard",
        group="halyard-service",
        resources={"halyard-service": {"free": 1}},
        at_ms=now_ms(),
    )
    return decide(replace(question, **changed), found or facts(marcus.conn), Random(1))


def keep(call: SqlCall, decision: Decision) -> None:
    assert call.journal(kind="decision", decision=decision.as_json()) == 0


def replace_chosen(decision: Json, code: str) -> Json:
    """The decision with another offer chosen than the one of this code."""
    ranking = [
        {**entry, "chosen": entry["chosen"] and entry["code"] != code}
        for entry in decision["ranking"]
    ]
    return {**decision, "ranking": ranking}


def test_is_kept_once_and_attached(conn: Connection, marcus: SqlCall) -> None:
    decision = decided(marcus)
    keep(marcus, decision)
    keep(marcus, decision)
    rows = conn.execute("SELECT * FROM decision WHERE call_id = %s", (marcus.id,)).fetchall()
    assert len(rows) == 1
    offered = [e["code"] for e in rows[0]["ranking"] if e["state"] == "offered"]
    assert offered == MARCUS_IS_OFFERED
    assert rows[0]["route"]["why"] == "agents_free"
    assert rows[0]["context"]["chosen"] == dict(decision.chosen)
    assert rows[0]["resources"] == {"halyard-service": {"free": 1}}
    assert {o["kind"]: o["code"] for o in marcus.json["offers"]} == {
        "sales": BUNDLE,
        "service": CARE,
    }
    assert marcus.timeline.count("call.decided") == 2
    ranks = conn.execute(
        "SELECT rank FROM call_offer WHERE call_id = %s ORDER BY kind", (marcus.id,)
    )
    assert [row["rank"] for row in ranks] == [1, 3]


def test_what_may_not_be_offered_is_taken_off(conn: Connection, marcus: SqlCall) -> None:
    keep(marcus, decided(marcus, replace(facts(conn), failure="OUT")))
    assert [o["kind"] for o in marcus.json["offers"]] == ["service"]
    assert "SALES_OFFER_CODE" not in marcus.json["cti"]
    assert "SALES_OFFER_URL" not in marcus.json["cti"]
    assert marcus.json["cti"]["SERVICE_OFFER_CODE"] == CARE


def test_a_chosen_offer_that_is_not_copied_takes_the_one_before_off(marcus: SqlCall) -> None:
    """Chosen by an offers database whose new offer has no copy here yet."""
    decision = decided(marcus).as_json()
    decision["chosen"]["sales"] = 987_654
    assert marcus.journal(kind="decision", decision=decision) == 0
    assert [o["kind"] for o in marcus.json["offers"]] == ["service"]
    assert "SALES_OFFER_CODE" not in marcus.json["cti"]


def test_what_was_presented_before_it_came_is_filled_in(conn: Connection, marcus: SqlCall) -> None:
    """A decision that could not be applied, and is applied again later."""
    decision = replace_chosen(decided(marcus).as_json(), CARE)
    marcus.answer()
    for code in (BUNDLE, CARE):
        marcus.value(sql.open_offer, agent=1, code=code)
    assert marcus.journal(kind="decision", decision=decision) == 0
    rows = conn.execute(
        "SELECT o.code, x.rank, x.chance, x.p, x.decision_id::text AS decision FROM exposure x"
        " JOIN offer o ON o.id = x.offer_id WHERE call_id = %s ORDER BY x.rank",
        (marcus.id,),
    ).fetchall()
    ranking = {entry["code"]: entry for entry in decision["ranking"]}
    assert [(row["code"], row["rank"], row["chance"]) for row in rows] == [
        (BUNDLE, 1, 1.0),
        (CARE, 3, None),
    ]
    assert [row["p"] for row in rows] == [
        pytest.approx(ranking[code]["p"]) for code in (BUNDLE, CARE)
    ]
    assert {row["decision"] for row in rows} == {decision["id"]}


def test_an_agent_is_told_of_the_call_after_the_decision(marcus: SqlCall) -> None:
    """The journal's order: until both have come, the desk is refused, and asks again."""
    with pytest.raises(NotYourCall), named_errors(), marcus.conn.transaction():
        marcus.value(sql.open_offer, agent=1, code=BUNDLE)
    keep(marcus, decided(marcus))
    marcus.answer()
    assert marcus.value(sql.open_offer, agent=1, code=BUNDLE) is True
    assert [shown["rank"] for shown in marcus.json["exposures"]] == [1]


def test_what_the_agent_has_opened_stays(conn: Connection, marcus: SqlCall) -> None:
    run(conn, "UPDATE call_offer SET opened_at = now() WHERE call_id = %s", marcus.id)
    keep(marcus, decided(marcus, replace(facts(conn), failure="OUT")))
    assert [o["kind"] for o in marcus.json["offers"]] == ["sales", "service"]


def test_another_customer_than_the_calls_attaches_nothing(
    conn: Connection, marcus: SqlCall
) -> None:
    decision = decided(marcus)
    run(conn, "UPDATE call SET customer_id = 5 WHERE id = %s", marcus.id)
    run(conn, "DELETE FROM call_offer WHERE call_id = %s", marcus.id)
    keep(marcus, decision)
    assert marcus.json["offers"] == []


def test_of_a_customer_who_was_deleted_meanwhile(conn: Connection, marcus: SqlCall) -> None:
    decision = decided(marcus).as_json() | {"customer": 999_999}
    assert marcus.journal(kind="decision", decision=decision) == 0
    row = conn.execute("SELECT customer_id FROM decision WHERE call_id = %s", (marcus.id,))
    assert [r["customer_id"] for r in row] == [None]


def test_of_no_call(conn: Connection, marcus: SqlCall) -> None:
    decision = decided(marcus, call="", channel="api").as_json()
    conn.execute(sql.record_decision, {"decision": orjson.dumps(decision).decode()})
    row = conn.execute("SELECT * FROM decision WHERE id = %s", (decision["id"],)).fetchone()
    assert row is not None
    assert (row["call_id"], row["channel"]) == (None, "api")


def test_of_an_unknown_subscriber_is_passed_over(marcus: SqlCall) -> None:
    decision = decided(marcus).as_json() | {"subscriber": "nobody"}
    assert marcus.journal(kind="decision", decision=decision) == 1


def test_the_ivr_played_it_through(conn: Connection, marcus: SqlCall) -> None:
    decision = decided(marcus)
    keep(marcus, decision)
    shown = {"offer": decision.chosen["sales"], "channel": "ivr", "decision": decision.id}
    for _ in range(2):
        assert marcus.journal(kind="exposure", exposure=shown) == 0
    rows = conn.execute("SELECT * FROM exposure WHERE call_id = %s", (marcus.id,)).fetchall()
    assert len(rows) == 1
    assert (rows[0]["channel"], rows[0]["rank"], rows[0]["chance"]) == ("ivr", 1, 1.0)
    assert str(rows[0]["decision_id"]) == decision.id
    past = facts(conn).past[decision.chosen["sales"] or 0]
    assert (past.status, past.times) == ("presented", 1)
    next_one = offer(facts(conn), "HAL-DEVICE-UP").id
    assert decided(marcus).chosen["sales"] == next_one, "an exposed one is gone"

    answer = {"offer_kind": "sales", "code": "SYS_IVR_DECLINED", "offer": BUNDLE}
    assert marcus.journal(kind="disposition", key=f"{marcus.id}:ivr", **answer) == 0
    assert facts(conn).past[decision.chosen["sales"] or 0].status == "declined"
    assert "offer.answered" in marcus.timeline
