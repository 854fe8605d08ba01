"""Strategies of all customers: what is offered to whom, and readers who never see half of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from random import Random
from typing import Any

import psycopg
import pytest

from cordboard.decision import decide
from cordboard.decision_context import why_not
from cordboard.decision_facts import Policy, Ranked, facts_from_json
from cordboard.question import ANY_CHANNEL, Question
from cordboard.settings import Settings
from db.demo.regulars import EVERYBODY
from db.strategies import build_changed, build_whole
from support.strategies import best, lists, offered, why

Connection = psycopg.Connection[dict[str, Any]]

DANA, MARCUS = 1, 2
CARE, ROAMING = "HAL-CARE-PLUS", "HAL-ROAMING"


def test_ranked_by_expected_value_and_the_rest_has_its_reason(
    settings: Settings, world: Connection
) -> None:
    first, second = build_whole(settings)
    assert (first.subscriber, second.subscriber) == ("halyard", "pantry")
    assert first.customers + second.customers == len(lists(world)) == EVERYBODY
    for _, p, ev, _ in lists(world).values():
        assert ev == sorted(ev, reverse=True)  # type: ignore[call-overload]
        assert len(p) <= 16  # type: ignore[arg-type]
    assert list(offered(world, DANA))[:2] == ["HAL-FIBER-1000", "HAL-MESH"]
    assert offered(world, DANA)["HAL-FIBER-1000"] == 1800
    assert best(world, DANA, "service") == "HAL-ROUTER"
    assert why(world, DANA, "HAL-WINTER-21") == "not_valid_today"
    assert why(world, DANA, "HAL-SURVEY-OLD") == "not_active"
    assert why(world, DANA, "HAL-GOLD-DUO") == "rule:Gold customer"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("INSERT INTO customer_offer SELECT 2, id, 'accepted' FROM offer WHERE code = %s",
         "accepted"),
        ("INSERT INTO customer_offer SELECT 2, id, 'declined' FROM offer WHERE code = %s",
         "declined"),
        ("INSERT INTO exposure (customer_id, offer_id, channel, at)"
         " SELECT 2, id, 'agent', now() - interval '29 days' FROM offer WHERE code = %s",
         "cooling_down"),
        ("INSERT INTO exposure (customer_id, offer_id, channel, at)"
         " SELECT 2, id, 'agent', now() - interval '1 year' FROM offer, generate_series(1, 5)"
         " WHERE code = %s", "exposure_limit"),
        ("UPDATE offer SET active = false WHERE code = %s", "not_active"),
        ("UPDATE offer SET valid_to = current_date - 2 WHERE code = %s", "not_valid_today"),
        ("INSERT INTO offer_rule (offer_id, name, condition) SELECT id, 'Lives in Ohio',"
         ' \'{"attribute": "region", "is": "=", "value": "OH"}\' FROM offer WHERE code = %s',
         "rule:Lives in Ohio"),
        ("WITH pair AS (INSERT INTO offer_exclusion SELECT least(a.id, b.id),"
         " greatest(a.id, b.id) FROM offer a, offer b WHERE a.code = %s"
         " AND b.code = 'HAL-ROAMING') INSERT INTO customer_offer"
         " SELECT 2, id, 'accepted' FROM offer WHERE code = 'HAL-ROAMING'",
         "excluded_by:HAL-ROAMING"),
    ],
)  # fmt: skip
def test_each_reason(settings: Settings, world: Connection, change: str, expected: str) -> None:
    world.execute(change, [CARE])  # type: ignore[call-overload]
    build_whole(settings, ["halyard"])
    assert why(world, MARCUS, CARE) == expected
    assert CARE not in offered(world, MARCUS)


def test_fifty_sales_offers_leave_room_for_service_and_for_the_web(
    settings: Settings, world: Connection
) -> None:
    """The best of each kind and channel; who is not among them has that as the reason."""
    world.execute(
        "INSERT INTO offer (subscriber_id, code, kind, title, description, script, value_cents,"
        " channels) SELECT 1, 'MANY-' || n, 'sales', 'Offer ' || n, 'One of many.', 'Hello.',"
        " 1000000 + n, CASE WHEN n > 10 THEN '{agent}' ELSE '{web}' END::text[]"
        " FROM generate_series(1, 50) AS n"
    )
    world.execute("UPDATE offer SET value_cents = 0 WHERE kind = 'service'")
    build_whole(settings, ["halyard"])
    many = [code for code in offered(world, MARCUS) if code.startswith("MANY-")]
    # Eight for agents, and eight for the web.
    assert many == [f"MANY-{n}" for n in (*range(50, 42, -1), *range(10, 2, -1))]
    assert best(world, MARCUS, "service")
    assert why(world, MARCUS, "MANY-42") == "not_among_best"
    row = world.execute("SELECT decision_facts_v1(2, 'halyard') AS facts").fetchone()
    assert row is not None
    facts = facts_from_json(row["facts"]["customer"], row["facts"]["strategy"])
    for channel, code in (("phone", "MANY-50"), ("web", "MANY-10")):
        asked = Question("", MARCUS, "halyard", channel, at_ms=1)
        decision = decide(asked, replace(facts, policy=Policy()), Random(1))
        names = {entry.offer.id: entry for entry in decision.ranking}
        sales = names[decision.chosen["sales"] or 0]
        assert (sales.offer.code, sales.why) == (code, "eligible")
        assert decision.chosen["service"]
        left = next(entry for entry in decision.ranking if entry.offer.code == "MANY-42")
        assert (left.why, left.p) == ("not_among_best", None)


def test_as_decide_sees_it(settings: Settings, world: Connection) -> None:
    """A customer's own evaluation says of each offer what the build says."""
    world.execute(
        "INSERT INTO exposure (customer_id, offer_id, channel, at)"
        " SELECT c.id, o.id, 'agent', now() - make_interval(days => (c.id % 60)::integer)"
        " FROM customer c JOIN offer o USING (subscriber_id) WHERE (c.id + o.id) % 7 = 0"
    )
    world.execute(
        "INSERT INTO customer_offer SELECT c.id, o.id,"
        " (ARRAY['accepted', 'declined', 'later'])[1 + c.id % 3]::offer_status"
        " FROM customer c JOIN offer o USING (subscriber_id) WHERE (c.id + o.id) % 11 = 0"
        " ON CONFLICT DO NOTHING"
    )
    build_whole(settings)
    compared = 0
    for row in world.execute(
        "SELECT c.id, s.code, decision_facts_v1(c.id, s.code) AS facts,"
        " ms_of_v1(now()) AS now_ms FROM customer c JOIN subscriber s ON s.id = subscriber_id"
    ).fetchall():
        facts = facts_from_json(row["facts"]["customer"], row["facts"]["strategy"])
        stored = dict.fromkeys(facts.ranked, "") | dict(facts.kept_out)
        everything = {one.id: Ranked(1, 0.1) for one in facts.offers}
        anew = replace(facts, failure="", kept_out={}, ranked=everything)
        question = Question("", row["id"], row["code"], ANY_CHANNEL, at_ms=row["now_ms"])
        for offer in facts.offers:
            assert why_not(question, anew, offer) == stored.get(offer.id, ""), (row, offer)
            compared += 1
    assert compared > 5000


def test_readers_see_the_old_lists_or_the_new_ones(settings: Settings, world: Connection) -> None:
    seen: set[int] = set()
    over = threading.Event()

    def read() -> None:
        with psycopg.connect(settings.database, autocommit=True) as conn:
            while not over.is_set():
                row = conn.execute("SELECT count(*) FROM offer_strategy").fetchone()
                seen.update(row or ())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(3):
            build_whole(settings)
    finally:
        over.set()
        reader.join(30)
    assert seen == {EVERYBODY}


def test_the_table_is_as_before(settings: Settings, world: Connection) -> None:
    world.execute("GRANT SELECT ON offer_strategy TO PUBLIC")
    described = (
        "SELECT c.relacl::text, obj_description(c.oid), i.relname AS index, a.attname,"
        " a.attnotnull, col_description(c.oid, a.attnum), format_type(a.atttypid, a.atttypmod)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid"
        " WHERE c.relname = 'offer_strategy' ORDER BY a.attnum"
    )
    before = world.execute(described).fetchall()
    build_whole(settings, ["pantry"])
    assert world.execute(described).fetchall() == before
    statistics = "SELECT attname AS name FROM pg_stats WHERE tablename = 'offer_strategy'"
    # Autovacuum may have come by meanwhile, and looks at all columns.
    assert {row["name"] for row in world.execute(statistics)} >= {"customer_id", "build_id"}


def test_others_keep_their_lists(settings: Settings, world: Connection) -> None:
    before = lists(world)
    world.execute("UPDATE offer SET active = false")
    build_whole(settings, ["pantry"])
    after = lists(world)
    pantry = {row["id"] for row in world.execute("SELECT id FROM customer WHERE subscriber_id=2")}
    assert {id_ for id_ in after if after[id_] != before[id_]} == pantry
    assert all(after[id_][0] == [] for id_ in pantry)


def test_lists_go_to_both_databases(split: Settings, world: Connection, offers: Connection) -> None:
    world.execute("UPDATE offer SET prior_p = 0.9 WHERE code = %s", [ROAMING])  # the copy
    build_whole(split)
    all_ = "SELECT * FROM offer_strategy ORDER BY customer_id"
    assert len(lists(offers)) == EVERYBODY
    assert offers.execute(all_).fetchall() == world.execute(all_).fetchall()
    assert best(world, MARCUS, "service") == CARE
    world.execute("UPDATE customer SET segment = 'gold' WHERE id = 2")
    (changed,) = build_changed(split)
    assert changed.customers == 1
    assert "HAL-GOLD-DUO" in offered(world, MARCUS)
    assert "HAL-GOLD-DUO" in offered(offers, MARCUS)
