"""What opens an offer and is no change of a customer: an edit, or a cool-down that ends."""

from __future__ import annotations

from random import Random
from typing import Any

import psycopg
import pytest

from cordboard.decision import decide
from cordboard.decision_facts import facts_from_json
from cordboard.question import Question
from cordboard.settings import Settings
from db.strategies import build_changed, build_whole
from support.strategies import lists

Connection = psycopg.Connection[dict[str, Any]]

MARCUS = 2
CARE = "HAL-CARE-PLUS"
RULE = (
    "INSERT INTO offer_rule (offer_id, name, condition) SELECT id, 'Nobody',"
    ' \'{"attribute": "tenure_days", "is": ">", "value": 900000}\' FROM offer'
    " WHERE code = 'HAL-CARE-PLUS'"
)


def why(conn: Connection) -> str:
    """What a decision says now of one offer for Marcus."""
    row = conn.execute(
        "SELECT decision_facts_v1(2, 'halyard') AS facts, ms_of_v1(now()) AS at_ms"
    ).fetchone()
    assert row is not None
    facts = facts_from_json(row["facts"]["customer"], row["facts"]["strategy"])
    question = Question("", MARCUS, "halyard", "web", at_ms=row["at_ms"])
    ranking = decide(question, facts, Random(1)).ranking
    return next(entry.why for entry in ranking if entry.offer.code == CARE)


def test_of_edited_offers_all_lists_are_built(settings: Settings, world: Connection) -> None:
    world.execute(RULE)
    found = build_changed(settings)
    assert [(one.subscriber, one.customers) for one in found] == [("halyard", 527)]
    assert why(world) == "rule:Nobody"
    world.execute("UPDATE account SET balance_cents = 1 WHERE customer_id IN (1, 600)")
    world.execute("DELETE FROM offer_rule WHERE name = 'Nobody'")
    assert why(world) == "not_listed_yet"
    found = build_changed(settings)
    assert [(one.subscriber, one.customers) for one in found] == [("halyard", 527), ("pantry", 1)]
    assert why(world) == "eligible"
    assert build_changed(settings) == []
    after = lists(world)
    build_whole(settings)
    assert lists(world) == after


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE offer SET value_cents = value_cents + 1 WHERE code = 'HAL-CARE-PLUS'",
        "UPDATE offer SET max_exposures = 9 WHERE code = 'HAL-CARE-PLUS'",
        "UPDATE offer SET channels = '{agent}' WHERE code = 'HAL-CARE-PLUS'",
        "INSERT INTO offer_exclusion SELECT min(id), max(id) FROM offer WHERE subscriber_id = 1",
    ],
)
def test_each_edit_counts_also_in_a_database_of_offers(
    split: Settings, offers: Connection, edit: str
) -> None:
    assert build_changed(split) == []
    offers.execute(edit)  # type: ignore[call-overload]
    assert [one.customers for one in build_changed(split)] == [527]
    assert build_changed(split) == []


def test_words_for_people_are_no_reason_to_build(settings: Settings, world: Connection) -> None:
    world.execute("UPDATE offer SET title = 'Another title', script = 'Hello.', version = 9")
    assert build_changed(settings) == []


def test_a_cool_down_that_has_ended(settings: Settings, world: Connection) -> None:
    world.execute("DELETE FROM exposure")
    world.execute(
        "INSERT INTO exposure (customer_id, offer_id, channel, at) SELECT 2, id, 'agent',"
        " now() - make_interval(days => cooldown_days, hours => -1) FROM offer WHERE code = %s",
        [CARE],
    )
    build_whole(settings)
    assert why(world) == "cooling_down"
    assert build_changed(settings) == []
    # Two hours go by.
    world.execute("UPDATE exposure SET at = at - interval '2 hours' WHERE customer_id = 2")
    world.execute("UPDATE strategy_build SET started_at = started_at - interval '2 hours'")
    world.execute("DELETE FROM customer_changed")
    assert why(world) == "not_listed_yet"
    (built,) = build_changed(settings)
    assert built.customers == 1
    assert why(world) == "eligible"
    assert build_changed(settings) == []
