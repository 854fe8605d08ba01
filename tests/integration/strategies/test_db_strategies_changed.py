"""Strategies of those of whom something has changed: as if all had been built."""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from cordboard.settings import Settings
from db.strategies import build_changed, build_whole
from support.database import wait_until_blocked
from support.strategies import lists, offered, states

Connection = psycopg.Connection[dict[str, Any]]

DANA, MARCUS = 1, 2
TOUCH = "UPDATE account SET balance_cents = balance_cents + 1 WHERE customer_id = %s"

CHANGES = (
    "INSERT INTO purchase (customer_id, product, amount_cents)"
    " SELECT id, 'Basket', 4000 FROM customer WHERE id % 3 = 0",
    "UPDATE account SET balance_cents = 50000 WHERE customer_id % 5 = 0",
    "INSERT INTO exposure (customer_id, offer_id, channel)"
    " SELECT c.id, o.id, 'ivr' FROM customer c JOIN offer o USING (subscriber_id)"
    " WHERE c.id % 7 = 0 AND o.id % 2 = 0",
)


def test_as_if_all_were_built(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    before = lists(world)
    for statement in CHANGES:
        world.execute(statement)  # type: ignore[call-overload]
    found = build_changed(settings)
    assert sum(one.customers for one in found) == 416
    after = lists(world)
    assert {id_ for id_ in after if after[id_] != before[id_]}
    build_whole(settings)
    assert lists(world) == after
    assert world.execute("SELECT 1 FROM customer_changed").fetchone() is None


def test_nobody_changed(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    builds = states(world)
    assert build_changed(settings) == []
    assert states(world) == builds


def test_who_changes_meanwhile_stays_marked(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    for customer in (DANA, MARCUS):
        world.execute(TOUCH, [customer])
    build_changed(settings, tell=lambda *_: world.execute(TOUCH, [DANA]))
    marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
    assert marked == {DANA}
    build_whole(settings, tell=lambda *_: world.execute(TOUCH, [MARCUS]))
    marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
    assert marked == {MARCUS}


def test_a_mark_made_while_attributes_are_refreshed_stays(
    settings: Settings, world: Connection
) -> None:
    """Also a mark of a subscriber that is not built for, in a refresh of everybody."""
    build_whole(settings)
    world.execute(TOUCH, [MARCUS])
    build = threading.Thread(target=build_whole, args=[settings, ["pantry"]])
    with world.transaction():
        world.execute("SELECT pg_advisory_xact_lock(hashtextextended('refresh_features', 0))")
        build.start()
        with psycopg.connect(settings.database, autocommit=True) as caller:
            wait_until_blocked(caller, "cordboard-strategies")
            caller.execute(TOUCH, [DANA])
    build.join(60)
    marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
    assert marked == {DANA, MARCUS}


def test_a_new_customer_gets_a_list(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    world.execute(
        "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
        " VALUES (9001, 1, 'NEW', 'New', 'Here')"
    )
    build_changed(settings, ["halyard"])
    assert offered(world, 9001)


def test_only_of_the_subscriber_asked_for(settings: Settings, world: Connection) -> None:
    build_whole(settings)
    world.execute("UPDATE account SET balance_cents = 1")
    (only,) = build_changed(settings, ["pantry"])
    with_account = world.execute(
        "SELECT count(DISTINCT customer_id) AS count FROM account WHERE subscriber_id = 2"
    ).fetchone()
    assert with_account == {"count": only.customers}
    row = world.execute("SELECT count(DISTINCT customer_id) FROM customer_changed").fetchone()
    assert row == {"count": 527}
