"""A build of all that was killed, and the next one: which goes on, and when it begins anew."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from db.demo.regulars import EVERYBODY
from db.strategies import build_changed, build_whole
from support.strategies import kill_a_build, lists, states, tables

Connection = psycopg.Connection[dict[str, Any]]

TOUCH = "UPDATE account SET balance_cents = 50000 WHERE customer_id = %s"


def built(settings: Settings, codes: list[str] | None = None) -> list[tuple[int, int]]:
    """Build for all; what was told, of which the first says how much was there already."""
    told: list[tuple[int, int]] = []
    build_whole(settings, codes, processes=1, tell=lambda *said: told.append(said))
    return told


def test_it_goes_on_and_whoever_changed_meanwhile_has_a_list_of_today(
    settings: Settings, world: Connection
) -> None:
    add = (
        "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
        " VALUES (%s, 1, %s, 'New', 'Here')"
    )
    world.execute(add, [0, "GONE-SOON"])
    world.execute("DELETE FROM customer_changed")
    kill_a_build(settings)
    world.execute(TOUCH, [1])
    build_changed(settings, ["halyard"])  # of a customer whose older list is stored
    world.execute(TOUCH, [2])
    world.execute("DELETE FROM customer WHERE id = 0")
    world.execute(add, [9001, "NEW"])
    told = built(settings)
    assert told[0] == (50 - 3, EVERYBODY + 1)
    assert told[-1] == (EVERYBODY + 1, EVERYBODY + 1)
    assert states(world) == ["done", "done"]
    assert tables(world) == []
    assert world.execute("SELECT FROM customer_changed").fetchone() is None
    after = lists(world)
    assert 9001 in after
    assert 0 not in after
    assert built(settings)[0] == (0, EVERYBODY + 1)
    assert lists(world) == after


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE offer SET prior_p = 0.11 WHERE code = 'HAL-CARE-PLUS'",
        "UPDATE offer_rule SET active = false",
        "UPDATE strategy_build SET inputs = 'of another release' WHERE state = 'running'",
    ],
)
def test_with_other_inputs_it_begins_anew(
    settings: Settings, world: Connection, change: str
) -> None:
    kill_a_build(settings)
    world.execute(change)  # type: ignore[call-overload]
    assert built(settings)[0] == (0, EVERYBODY)
    assert states(world) == ["done", "failed"]
    assert tables(world) == []


def test_of_two_subscribers_one_is_gone_on_with(settings: Settings, world: Connection) -> None:
    before = lists(world)
    kill_a_build(settings)
    assert built(settings, ["halyard"])[0] == (50, 527)
    assert states(world) == ["done"]
    assert set(lists(world)) == set(before)
    assert built(settings, ["pantry"])[0] == (0, EVERYBODY - 527)
    assert tables(world) == []


def test_killed_twice(settings: Settings, world: Connection) -> None:
    kill_a_build(settings)
    kill_a_build(settings)
    assert [name.rsplit("_", 1)[1] for name in tables(world)] == ["2"]
    assert built(settings)[0][0] >= 50
    assert states(world) == ["done"]
    assert tables(world) == []


def test_what_one_of_two_databases_has_not_is_not_gone_on_with(
    split: Settings, world: Connection, offers: Connection
) -> None:
    kill_a_build(split)
    assert built(split)[0] == (50, EVERYBODY)
    kill_a_build(split)
    (name,) = tables(offers)
    offers.execute(f"DELETE FROM {name} WHERE customer_id = 1")
    assert built(split)[0] == (0, EVERYBODY)
    assert tables(offers) == tables(world) == []
    assert lists(offers)
    assert states(offers) == ["done", "failed", "done"]
