"""Who was deleted has no list, in neither database and by no build that had begun before."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from db.demo.regulars import EVERYBODY
from db.offer_sync import sync
from db.strategies import build_changed, build_whole, changed

Connection = psycopg.Connection[dict[str, Any]]

GONE = 9001
ADD = (
    "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
    " VALUES (9001, 1, 'GONE', 'Soon', 'Gone')"
)
DELETE = "DELETE FROM customer WHERE id = 9001"
LISTED = "SELECT FROM offer_strategy WHERE customer_id = 9001"
REMEMBERED = "SELECT FROM customer_deleted"


@pytest.fixture
def world(world: Connection) -> Connection:
    """With one customer more."""
    world.execute(ADD)
    return world


def listed(*databases: Connection) -> list[bool]:
    return [conn.execute(LISTED).rowcount > 0 for conn in databases]


def test_the_list_goes_with_the_customer(settings: Settings, world: Connection) -> None:
    build_changed(settings)
    assert listed(world) == [True]
    with world.transaction():
        world.execute(DELETE)
        assert listed(world) == [False]


def test_a_build_of_all_that_had_formed_it(settings: Settings, world: Connection) -> None:
    def tell(done: int, _all: int) -> None:
        if done:
            world.execute(DELETE)

    (built,) = build_whole(settings, ["halyard"], tell=tell)
    assert built.customers == 528
    assert listed(world) == [False]
    row = world.execute("SELECT count(*) AS n FROM offer_strategy").fetchone()
    assert row == {"n": EVERYBODY}


def test_a_build_of_the_changed_that_had_formed_it(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in = changed._put_in

    def late(*args: Any) -> int:
        world.execute(DELETE)
        return put_in(*args)

    monkeypatch.setattr(changed, "_put_in", late)
    (built,) = build_changed(settings, ["halyard"])
    assert built.customers == 1
    assert listed(world) == [False]


def test_a_deletion_that_the_build_could_not_see_counts_in_the_next(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in = changed._put_in

    def late(*args: Any) -> int:
        with psycopg.connect(settings.database) as slow:
            slow.execute(DELETE)
            return put_in(*args)

    monkeypatch.setattr(changed, "_put_in", late)
    build_changed(settings, ["halyard"])
    assert listed(world) == [True]
    assert build_changed(settings, ["halyard"]) == []
    assert listed(world) == [False]


def test_in_a_database_of_offers_by_the_next_sync(
    split: Settings, world: Connection, offers: Connection
) -> None:
    build_changed(split)
    assert listed(world, offers) == [True, True]
    world.execute(DELETE)
    assert listed(world, offers) == [False, True]
    assert sync(split).words() == "lists of 1 deleted customers removed"
    assert listed(world, offers) == [False, False]
    assert sync(split).words() == "nothing has changed"


def test_in_a_database_of_offers_when_all_are_built_meanwhile(
    split: Settings, world: Connection, offers: Connection
) -> None:
    def tell(done: int, _all: int) -> None:
        if done:
            world.execute(DELETE)
            sync(split)

    build_whole(split, ["halyard"], tell=tell)
    assert listed(world, offers) == [False, False]
    world.execute(ADD)
    build_changed(split)
    assert listed(world, offers) == [True, True]
    world.execute(DELETE)
    assert build_changed(split) == []
    assert listed(world, offers) == [False, False]


def test_who_is_there_again_has_a_list_again(settings: Settings, world: Connection) -> None:
    world.execute(DELETE)
    world.execute(ADD)
    build_whole(settings)
    assert listed(world) == [True]
    assert world.execute(REMEMBERED).rowcount == 0


def test_that_somebody_was_deleted_is_forgotten_when_everybody_knows(
    split: Settings, world: Connection, offers: Connection
) -> None:
    build_changed(split)
    world.execute(DELETE)
    world.execute("UPDATE customer_deleted SET deleted_at = now() - interval '31 days'")
    sync(split)
    assert listed(offers) == [False]
    assert world.execute(REMEMBERED).rowcount == 0
    sync(split)
    assert offers.execute(REMEMBERED).rowcount == 0
