"""New lists come into force: beside others' builds, and when somebody has the old ones open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from cordboard.sipp import eventually
from db.demo.regulars import EVERYBODY
from db.queries import sql
from db.strategies import BUILDING, BuildError, BuildRunning, build_changed, build_whole, swap
from support.database import wait_until_blocked

Connection = psycopg.Connection[dict[str, Any]]

BUILDER = "cordboard-strategies"
TOUCH = "UPDATE account SET balance_cents = balance_cents + 1 WHERE customer_id = %s"


def build_of(conn: Connection, customer: int) -> int:
    row = conn.execute(
        "SELECT build_id FROM offer_strategy WHERE customer_id = %s", [customer]
    ).fetchone()
    assert row, f"customer {customer} has lost its list"
    return int(row["build_id"])


def count(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) AS n FROM offer_strategy").fetchone()
    assert row
    return int(row["n"])


def latest(conn: Connection, subscriber: str) -> dict[str, Any]:
    asked = {"codes": [subscriber], "limit": 1, "lock": BUILDING}
    (row,) = conn.execute(sql.strategy_status, asked).fetchall()
    return row


@contextmanager
def backup(settings: Settings) -> Iterator[Connection]:
    """Reads the lists in a transaction that goes on, as ``pg_dump`` does."""
    with psycopg.connect(settings.database, application_name="pg_dump") as conn:
        conn.execute("SELECT count(*) FROM offer_strategy")
        yield conn  # type: ignore[misc]


def test_lists_that_others_build_just_before_the_swap_are_taken_over(
    split: Settings, world: Connection, offers: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the swap in either database a build of another subscriber begins and ends."""
    customers = [1, 2]
    swapping = swap.swapping

    def late(conn: Connection) -> AbstractContextManager[None]:
        if customers:
            world.execute(TOUCH, [customers.pop()])
            build_changed(split, ["halyard"])
        return swapping(conn)

    monkeypatch.setattr(swap, "swapping", late)
    (built,) = build_whole(split, ["pantry"])
    assert not customers
    for conn in (world, offers):
        assert count(conn) == EVERYBODY
        assert built.build < build_of(conn, 2) < build_of(conn, 1)


def test_it_waits_for_a_backup_and_says_so_and_others_go_on(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "TELL_AFTER_S", 0.0)
    monkeypatch.setattr(swap, "LOCK_MS", 20)
    build = threading.Thread(target=build_whole, args=[settings, ["pantry"]])
    with backup(settings) as dump:
        build.start()
        eventually(lambda: latest(world, "pantry")["error"], within=60, what="it says so")
        told = latest(world, "pantry")
        assert told["state"] == "running"
        assert f"when process {dump.info.backend_pid} of PostgreSQL (pg_dump, " in told["error"]
        with pytest.raises(BuildRunning, match="pg_dump"):
            build_changed(settings, ["pantry"])
        world.execute(TOUCH, [1])
        (other,) = build_changed(settings, ["halyard"])
        assert build_of(world, 1) == other.build
    build.join(60)
    ended = latest(world, "pantry")
    assert (ended["state"], ended["error"]) == ("done", None)
    assert build_of(world, 1) == other.build
    assert count(world) == EVERYBODY


def test_its_patience_ends(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "PATIENCE_S", 0.0)
    with backup(settings), pytest.raises(BuildError, match=r"pg_dump.*End that, and build again"):
        build_whole(settings, ["pantry"])
    assert latest(world, "pantry")["state"] == "failed"
    assert count(world) == EVERYBODY


def test_readers_do_not_wait_while_it_waits_for_a_vacuum(
    settings: Settings, world: Connection
) -> None:
    build = threading.Thread(target=build_whole, args=[settings, ["pantry"]])
    with psycopg.connect(settings.database) as vacuum:
        vacuum.execute("LOCK TABLE offer_strategy IN SHARE UPDATE EXCLUSIVE MODE")
        build.start()
        wait_until_blocked(world, BUILDER)
        world.execute("SET lock_timeout = '100ms'")
        assert count(world) == EVERYBODY
    build.join(60)
    assert latest(world, "pantry")["state"] == "done"
