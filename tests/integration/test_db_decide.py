"""What the decider reads of the database, and what is kept of a decision."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import orjson
import psycopg
import pytest

from cordboard.decision import Decision, Facts, Question, decide
from cordboard.decision_facts import NOBODY, Offer, Past, Policy, facts_from_json
from cordboard.settings import Settings
from db.errors import NotYourCall, named_errors
from db.queries import sql
from decider.facts import Catalogues
from support.dialplan import Dial, SqlCall, now_ms

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

MARCUS, LENA = 2, 5
ACCOUNT_LINE = "+12025550101"
BUNDLE, FIBER, CARE, ROAMING = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-CARE-PLUS", "HAL-ROAMING"
MARCUS_IS_OFFERED = [BUNDLE, "HAL-DEVICE-UP", CARE, ROAMING, "HAL-PIN"]
GOLD = {"attribute": "segment", "is": "=", "value": "gold"}


@pytest.fixture
def marcus(dial: Dial) -> SqlCall:
    call = dial(ACCOUNT_LINE)
    assert call.verify("40010002", "900110002") == "VERIFIED"
    return call


def run(conn: Connection, statement: str, *values: Any) -> None:
    conn.execute(statement.encode(), values)


def facts(conn: Connection, customer: int = MARCUS, subscriber: str = "halyard") -> Facts:
    params = {"customer": customer, "subscriber": subscriber, "known": "{}"}
    row = conn.execute(sql.decision_facts, params).fetchone()
    assert row is not None
    return facts_from_json(row["facts"]["customer"], row["facts"]["strategy"])


def offer(found: Facts, code: str) -> Offer:
    return next(one for one in found.offers if one.code == code)


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


class TestFacts:
    def test_of_a_customer(self, conn: Connection) -> None:
        found = facts(conn)
        assert found.customer == MARCUS
        assert found.attributes["segment"]
        assert "customer_id" not in found.attributes
        assert found.failure == ""
        assert [offer(found, code).id for code in MARCUS_IS_OFFERED] == list(found.ranked)
        assert found.build
        assert offer(found, BUNDLE).channels == ("agent", "web", "chat")
        assert offer(found, BUNDLE).weight == 20

    def test_only_offers_on_offer_or_in_the_strategy(self, conn: Connection) -> None:
        run(conn, "UPDATE offer SET active = false WHERE code IN (%s, 'HAL-TV')", CARE)
        found = facts(conn)
        assert not offer(found, CARE).active, "the strategy names it still"
        assert "HAL-TV" not in [one.code for one in found.offers]
        assert not any(one.code.startswith("PAN") for one in found.offers)
        assert not offer(found, "HAL-WINTER-21").valid

    def test_service_failure(self, conn: Connection) -> None:
        assert facts(conn, LENA).failure == "HAL-OUT-7"
        run(conn, "UPDATE service_failure SET ended = now()")
        assert facts(conn, LENA).failure == ""

    def test_what_became_of_offers(self, conn: Connection) -> None:
        run(
            conn,
            "INSERT INTO customer_offer (customer_id, offer_id, status)"
            " SELECT 2, id, 'later' FROM offer WHERE code = %s",
            CARE,
        )
        run(
            conn,
            "INSERT INTO exposure (customer_id, offer_id, channel, at)"
            " SELECT 2, o.id, 'agent', timestamptz '2026-01-01 00:00Z' + n * interval '1 day'"
            " FROM offer o, generate_series(0, 1) n WHERE o.code IN (%s, %s)",
            CARE,
            ROAMING,
        )
        last_ms = 1767312000000
        found = facts(conn)
        assert found.past[offer(found, CARE).id] == Past("later", 2, last_ms)
        assert found.past[offer(found, ROAMING).id] == Past("open", 2, last_ms)

    def test_rules_groups_exclusions_and_policy(self, conn: Connection) -> None:
        for table in ("decision_policy", "offer_rule", "offer_exclusion"):
            run(conn, f"DELETE FROM {table}")
        assert facts(conn).policy == Policy(), "without one nothing is explored"
        run(
            conn,
            "INSERT INTO decision_policy (subscriber_id, exploration, explore_share,"
            " max_wait_seconds) SELECT id, 'epsilon', 0.25, 20 FROM subscriber"
            " WHERE code = 'halyard'",
        )
        run(
            conn,
            "INSERT INTO offer_rule (offer_id, name, condition, active)"
            " SELECT id, name, %s, name = 'gold' FROM offer, unnest(ARRAY['gold', 'off']) name"
            " WHERE code = %s",
            orjson.dumps(GOLD).decode(),
            CARE,
        )
        run(
            conn,
            "UPDATE offer SET skill = 'fiber', channels = '{agent,ivr}', ivr_text = 'Press 1.',"
            " group_id = (SELECT id FROM agent_group WHERE code = 'halyard-sales') WHERE code = %s",
            BUNDLE,
        )
        run(
            conn,
            "INSERT INTO offer_exclusion SELECT min(id), max(id) FROM offer WHERE code IN (%s, %s)",
            BUNDLE,
            FIBER,
        )
        found = facts(conn)
        bundle = offer(found, BUNDLE)
        assert (bundle.group, bundle.skill, bundle.ivr_text) == (
            "halyard-sales",
            "fiber",
            "Press 1.",
        )
        assert found.exclusions[bundle.id] == {offer(found, FIBER).id}
        assert found.policy == Policy("epsilon", 0.25, 20)
        (rule,) = offer(found, CARE).rules
        assert rule.name == "gold"
        assert rule.rule is not None

    def test_what_the_model_has_seen_counts_for_thompson(self, conn: Connection) -> None:
        run(
            conn,
            "WITH model AS (INSERT INTO"
            " propensity_model (subscriber_id, features, parameters, card)"
            " SELECT o.subscriber_id, '{}', jsonb_build_object('offers', jsonb_build_array("
            "jsonb_build_object('id', o.id, 'presented', 80))), '{}' FROM offer o WHERE code = %s"
            " RETURNING id) UPDATE strategy_build SET model_id = model.id FROM model",
            CARE,
        )
        assert offer(facts(conn), CARE).weight == 20
        run(
            conn,
            "UPDATE decision_policy SET exploration = 'thompson'",
        )
        assert offer(facts(conn), CARE).weight == 100
        assert offer(facts(conn), BUNDLE).weight == 20

    def test_why_a_build_kept_an_offer_out(self, conn: Connection) -> None:
        run(
            conn,
            "UPDATE strategy_build SET reasons = '{not_active,rule:gold}'"
            " WHERE subscriber_id = (SELECT id FROM subscriber WHERE code = 'halyard')",
        )
        run(
            conn,
            "UPDATE offer_strategy SET kept_out = set_byte("
            "decode(repeat('00', octet_length(kept_out)), 'hex'), 0, 2) WHERE customer_id = 2",
        )
        found = facts(conn)
        assert found.kept_out == {offer(found, FIBER).id: "rule:gold"}

    def test_without_a_strategy(self, conn: Connection) -> None:
        run(conn, "DELETE FROM offer_strategy WHERE customer_id = 2")
        found = facts(conn)
        assert (found.build, found.ranked) == (0, {})
        assert found.offers

    def test_whoever_is_not_there(self, conn: Connection) -> None:
        assert facts(conn, 999_999) is NOBODY
        assert facts(conn, subscriber="nobody") is NOBODY
        elsewhere = facts(conn, subscriber="pantry")
        assert not elsewhere.ranked.keys() & {o.id for o in elsewhere.offers}, "not their offers"

    def test_by_the_call(self, conn: Connection, dial: Dial, marcus: SqlCall) -> None:
        found = marcus.value(sql.call_facts, known="{}")
        assert facts_from_json(found["customer"], found["strategy"]) == facts(conn)
        assert dial().value(sql.call_facts, known="{}") is None, "nobody knows who calls"


#: What changes a catalogue: each must be seen at the next call.
CHANGES = [
    "UPDATE offer SET active = false WHERE code = 'HAL-CARE-PLUS'",
    "UPDATE offer SET value_cents = value_cents + 1 WHERE code = 'HAL-CARE-PLUS'",
    "DELETE FROM offer_rule WHERE name = 'Gold customer'",
    "UPDATE offer_rule SET active = false WHERE name = 'Gold customer'",
    "DELETE FROM offer_exclusion",
    "UPDATE agent_group SET code = 'halyard-money' WHERE code = 'halyard-sales'",
    "UPDATE subscriber SET timezone = 'Pacific/Kiritimati' WHERE code = 'halyard'",
]


class TestCatalogue:
    def test_what_is_known_is_not_sent_again(self, conn: Connection) -> None:
        catalogues = Catalogues()
        first = catalogues.facts_of_row(asked(conn, catalogues))
        row = asked(conn, catalogues)
        assert "offers" not in row["facts"]["strategy"]
        assert catalogues.facts_of_row(row) == first == facts(conn)

    @pytest.mark.parametrize("change", CHANGES)
    def test_every_change_is_seen_at_once(self, conn: Connection, change: str) -> None:
        run(conn, "UPDATE subscriber SET timezone = 'Etc/GMT+12' WHERE code = 'halyard'")
        catalogues = Catalogues()
        before = catalogues.facts_of_row(asked(conn, catalogues))
        with conn.transaction():  # an edit is a transaction of its own
            run(conn, change)
        row = asked(conn, catalogues)
        assert "offers" in row["facts"]["strategy"]
        after = catalogues.facts_of_row(row)
        assert after == facts(conn)
        zone = "timezone" in change  # the dates of the offers may be the same in both
        assert zone or after != before

    def test_an_answer_that_was_on_its_way_is_understood(self, conn: Connection) -> None:
        catalogues = Catalogues()
        first = catalogues.facts_of_row(asked(conn, catalogues))
        late = asked(conn, catalogues)
        with conn.transaction():
            run(conn, "UPDATE offer SET value_cents = 1 WHERE code = 'HAL-CARE-PLUS'")
        assert catalogues.facts_of_row(asked(conn, catalogues)) != first
        assert catalogues.facts_of_row(late) == first

    def test_customers_of_several_models_take_turns(self, conn: Connection) -> None:
        """After a retrain and a build of those who changed, each is asked for once."""
        ranked_by_two_models(conn)
        catalogues = Catalogues()
        rows = [asked(conn, catalogues, who) for who in (MARCUS, LENA, 1)]
        assert len({row["facts"]["strategy"]["version"] for row in rows}) == 3
        found = [catalogues.facts_of_row(row) for row in rows]
        for who, first in zip((MARCUS, LENA, 1) * 2, found * 2, strict=True):
            row = asked(conn, catalogues, who)
            assert "offers" not in row["facts"]["strategy"], who
            assert catalogues.facts_of_row(row) == first
        assert offer(found[0], CARE).weight == 100
        assert offer(found[1], CARE).weight == 60

    def test_an_offer_that_the_strategy_names_though_it_is_withdrawn(
        self, conn: Connection
    ) -> None:
        run(conn, "UPDATE offer SET active = false WHERE code = %s", CARE)
        catalogues = Catalogues()
        for _ in range(2):
            found = catalogues.facts_of_row(asked(conn, catalogues))
            assert not offer(found, CARE).active


def ranked_by_two_models(conn: Connection) -> None:
    """Marcus by one that has seen an offer 80 times, Lena by one with 40, others by none."""
    run(conn, "UPDATE decision_policy SET exploration = 'thompson'")
    for customer, presented in ((MARCUS, 80), (LENA, 40)):
        run(
            conn,
            "WITH model AS (INSERT INTO"
            " propensity_model (subscriber_id, features, parameters, card)"
            " SELECT subscriber_id, '{}', jsonb_build_object('offers', jsonb_build_array("
            "jsonb_build_object('id', id, 'presented', %s::integer))), '{}' FROM offer"
            " WHERE code = %s RETURNING id), build AS (INSERT INTO strategy_build"
            " (subscriber_id, whole, state, model_id, catalogue, reasons)"
            " SELECT b.subscriber_id, b.whole, b.state, model.id, b.catalogue, b.reasons"
            " FROM model, strategy_build b JOIN offer_strategy st ON st.build_id = b.id"
            " WHERE st.customer_id = %s RETURNING id)"
            " UPDATE offer_strategy SET build_id = build.id FROM build WHERE customer_id = %s",
            presented,
            CARE,
            customer,
            customer,
        )


def asked(conn: Connection, catalogues: Catalogues, customer: int = MARCUS) -> Json:
    params = {"customer": customer, "subscriber": "halyard", "known": catalogues.known()}
    row = conn.execute(sql.decision_facts, params).fetchone()
    assert row is not None
    return row


class TestRecord:
    def test_is_kept_once_and_attached(self, conn: Connection, marcus: SqlCall) -> None:
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

    def test_what_may_not_be_offered_is_taken_off(self, conn: Connection, marcus: SqlCall) -> None:
        keep(marcus, decided(marcus, replace(facts(conn), failure="OUT")))
        assert [o["kind"] for o in marcus.json["offers"]] == ["service"]
        assert "SALES_OFFER_CODE" not in marcus.json["cti"]
        assert "SALES_OFFER_URL" not in marcus.json["cti"]
        assert marcus.json["cti"]["SERVICE_OFFER_CODE"] == CARE

    def test_a_chosen_offer_that_is_not_copied_takes_the_one_before_off(
        self, marcus: SqlCall
    ) -> None:
        """Chosen by an offers database whose new offer has no copy here yet."""
        decision = decided(marcus).as_json()
        decision["chosen"]["sales"] = 987_654
        assert marcus.journal(kind="decision", decision=decision) == 0
        assert [o["kind"] for o in marcus.json["offers"]] == ["service"]
        assert "SALES_OFFER_CODE" not in marcus.json["cti"]

    def test_what_was_presented_before_it_came_is_filled_in(
        self, conn: Connection, marcus: SqlCall
    ) -> None:
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

    def test_an_agent_is_told_of_the_call_after_the_decision(self, marcus: SqlCall) -> None:
        """The journal's order: until both have come, the desk is refused, and asks again."""
        with pytest.raises(NotYourCall), named_errors(), marcus.conn.transaction():
            marcus.value(sql.open_offer, agent=1, code=BUNDLE)
        keep(marcus, decided(marcus))
        marcus.answer()
        assert marcus.value(sql.open_offer, agent=1, code=BUNDLE) is True
        assert [shown["rank"] for shown in marcus.json["exposures"]] == [1]

    def test_what_the_agent_has_opened_stays(self, conn: Connection, marcus: SqlCall) -> None:
        run(conn, "UPDATE call_offer SET opened_at = now() WHERE call_id = %s", marcus.id)
        keep(marcus, decided(marcus, replace(facts(conn), failure="OUT")))
        assert [o["kind"] for o in marcus.json["offers"]] == ["sales", "service"]

    def test_another_customer_than_the_calls_attaches_nothing(
        self, conn: Connection, marcus: SqlCall
    ) -> None:
        decision = decided(marcus)
        run(conn, "UPDATE call SET customer_id = 5 WHERE id = %s", marcus.id)
        run(conn, "DELETE FROM call_offer WHERE call_id = %s", marcus.id)
        keep(marcus, decision)
        assert marcus.json["offers"] == []

    def test_of_a_customer_who_was_deleted_meanwhile(
        self, conn: Connection, marcus: SqlCall
    ) -> None:
        decision = decided(marcus).as_json() | {"customer": 999_999}
        assert marcus.journal(kind="decision", decision=decision) == 0
        row = conn.execute("SELECT customer_id FROM decision WHERE call_id = %s", (marcus.id,))
        assert [r["customer_id"] for r in row] == [None]

    def test_of_no_call(self, conn: Connection, marcus: SqlCall) -> None:
        decision = decided(marcus, call="", channel="api").as_json()
        conn.execute(sql.record_decision, {"decision": orjson.dumps(decision).decode()})
        row = conn.execute("SELECT * FROM decision WHERE id = %s", (decision["id"],)).fetchone()
        assert row is not None
        assert (row["call_id"], row["channel"]) == (None, "api")

    def test_of_an_unknown_subscriber_is_passed_over(self, marcus: SqlCall) -> None:
        decision = decided(marcus).as_json() | {"subscriber": "nobody"}
        assert marcus.journal(kind="decision", decision=decision) == 1

    def test_the_ivr_played_it_through(self, conn: Connection, marcus: SqlCall) -> None:
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


def test_the_functions_are_quick_enough_for_a_call(
    conn: Connection, marcus: SqlCall, database_settings: Settings
) -> None:
    """A plan that reads whole tables would show; the demo world has some thousand customers."""
    rows = conn.execute(
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT call_facts_v1(%s)", (marcus.id,)
    ).fetchone()
    assert rows is not None
    plan = next(iter(rows.values()))
    assert plan[0]["Execution Time"] < 100
