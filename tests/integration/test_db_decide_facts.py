"""What the decider reads of the database, and what it is not sent twice."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import pytest

from cordboard.decision_facts import NOBODY, Past, Policy, facts_from_json
from cordboard.settings import Settings
from db.queries import sql
from decider.facts import Catalogues
from support.decisions import MARCUS, facts, offer
from support.dialplan import Dial, SqlCall

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

LENA = 5
BUNDLE, FIBER, CARE, ROAMING = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-CARE-PLUS", "HAL-ROAMING"
MARCUS_IS_OFFERED = [BUNDLE, "HAL-DEVICE-UP", CARE, ROAMING, "HAL-PIN"]
GOLD = {"attribute": "segment", "is": "=", "value": "gold"}


def run(conn: Connection, statement: str, *values: Any) -> None:
    conn.execute(statement.encode(), values)


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
