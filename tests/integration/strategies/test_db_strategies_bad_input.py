"""Strategies of what is gone, empty, unknown or cannot be read."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from cordboard.settings import Settings
from db.migrate import migrate
from db.strategies import BuildError, build_changed, build_whole
from support.strategies import best, lists, offered, why
from support.web import with_values

Connection = psycopg.Connection[dict[str, Any]]

DANA, MARCUS = 1, 2
CARE, ROAMING = "HAL-CARE-PLUS", "HAL-ROAMING"


def test_an_offer_withdrawn_a_second_ago_is_not_made(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    assert best(world, MARCUS, "service") == CARE
    world.execute("UPDATE offer SET active = false WHERE code = %s", [CARE])
    assert best(world, MARCUS, "service") == ROAMING


def test_a_customer_deleted_after_the_build(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    world.execute(
        "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
        " VALUES (9001, 1, 'GONE', 'Soon', 'Gone')"
    )
    build_changed(settings)
    assert best(world, 9001, "service")
    world.execute("DELETE FROM customer WHERE id = 9001")
    assert best(world, 9001, "service") is None
    assert build_changed(settings) == []
    build_whole(settings)
    assert 9001 not in lists(world)


def test_an_empty_catalogue(settings: Settings, world: Connection) -> None:
    world.execute("TRUNCATE offer CASCADE")
    found = build_whole(settings)
    assert [one.offers for one in found] == [0, 0]
    assert {row[0] == [] for row in lists(world).values()} == {True}


def test_an_empty_database(postgres: Settings, empty_database_url: str) -> None:
    migrate(empty_database_url)
    empty = with_values(postgres, database_url=empty_database_url)
    assert build_whole(empty) == []
    assert build_changed(empty) == []


def test_an_unknown_subscriber(settings: Settings) -> None:
    with pytest.raises(BuildError, match="no subscriber 'nobody'"):
        build_whole(settings, ["nobody"])


@pytest.mark.parametrize(
    ("parameters", "warning"),
    [
        ({"form": 0}, "train again"),
        ({"form": 1, "parts": [{"attribute": "segment", "words": ["gold"]}], "offers": []},
         "trained without accepted_365d"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_used(
    settings: Settings, world: Connection, parameters: object, warning: str
) -> None:
    world.execute(
        "INSERT INTO propensity_model (subscriber_id, state, features, parameters, card)"
        " VALUES (1, 'in_use', '{segment}', %s, '{}')",
        [Jsonb(parameters)],
    )
    halyard, pantry = build_whole(settings)
    assert warning in halyard.warnings[0]
    assert "No model is in use" in pantry.warnings[0]
    assert offered(world, DANA)["HAL-FIBER-1000"] == 1800


def test_a_rule_that_cannot_be_read_lets_nobody_in(settings: Settings, world: Connection) -> None:
    world.execute(
        "INSERT INTO offer_rule (offer_id, name, condition) SELECT id, 'Old', %s FROM offer"
        " WHERE code = %s",
        [Jsonb({"attribute": "shoe_size", "is": ">", "value": 40}), CARE],
    )
    halyard, _ = build_whole(settings)
    assert "“Old”" in "".join(halyard.warnings)
    assert all(CARE not in offered(world, id_) for id_ in (1, 2, 3, 4, 5, 6, 7))
    assert why(world, MARCUS, CARE) == "rule:Old"
