"""The schema can be made, taken back and made again, and any older version can be brought up."""

from __future__ import annotations

import os
import subprocess
import threading
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from yoyo import read_migrations

from cordboard.settings import Settings
from cordboard.stack.postgres import program
from db.demo import is_empty, load
from db.migrate import MIGRATIONS, migrate, rollback

COUNT = len(list(MIGRATIONS.glob("????_*.sql"))) - len(list(MIGRATIONS.glob("*.rollback.sql")))

#: Migrations before the one that made ranked lists of ranked rows.
BEFORE_DECIDE = 4
#: Migrations before the one that tells numbers that are proved from those that are claimed.
BEFORE_PROOF = 6


def schema(url: str) -> str:
    """What pg_dump says of the schema, without the order in which things were made."""
    dump = subprocess.run(
        [str(program("pg_dump")), "--schema-only", "--no-owner", "--exclude-table=*yoyo*", url],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PGCONNECT_TIMEOUT": "5"},
    ).stdout
    return "\n".join(sorted(line for line in dump.splitlines() if not line.startswith("\\")))


def test_up_on_empty_then_nothing_to_do(empty_database_url: str) -> None:
    assert migrate(empty_database_url) == COUNT
    assert is_empty(empty_database_url)
    before = schema(empty_database_url)
    assert migrate(empty_database_url) == 0
    assert schema(empty_database_url) == before


def test_down_leaves_nothing_and_up_makes_the_same(empty_database_url: str) -> None:
    untouched = schema(empty_database_url)
    migrate(empty_database_url)
    whole = schema(empty_database_url)
    assert rollback(empty_database_url, COUNT) == COUNT
    assert schema(empty_database_url) == untouched
    assert migrate(empty_database_url) == COUNT
    assert schema(empty_database_url) == whole


def test_up_from_the_previous_version(empty_database_url: str) -> None:
    migrate(empty_database_url)
    whole = schema(empty_database_url)
    assert rollback(empty_database_url) == 1
    assert schema(empty_database_url) != whole
    assert migrate(empty_database_url) == 1
    assert schema(empty_database_url) == whole


def test_data_of_the_previous_version_stays(fresh_database_url: str) -> None:
    rollback(fresh_database_url)
    migrate(fresh_database_url)
    with psycopg.connect(fresh_database_url) as conn:
        assert conn.execute("SELECT count(*) FROM customer").fetchone() > (500,)


def test_ranked_lists_survive_both_ways(fresh_database_url: str) -> None:
    def lists() -> list[object]:
        with psycopg.connect(fresh_database_url) as conn:
            query = "SELECT customer_id, offers FROM offer_strategy WHERE offers <> '{}' ORDER BY 1"
            return conn.execute(query).fetchall()

    before = lists()
    with psycopg.connect(fresh_database_url) as conn:
        conn.execute("DELETE FROM customer_offer")
        conn.execute(
            "INSERT INTO customer_offer (customer_id, offer_id, status)"
            " SELECT customer_id, offers[1], 'declined' FROM offer_strategy WHERE customer_id = 2"
        )
    rollback(fresh_database_url, COUNT - BEFORE_DECIDE)
    with psycopg.connect(fresh_database_url) as conn:
        ranks = conn.execute("SELECT status::text, rank FROM customer_offer WHERE customer_id = 2")
        assert sorted(ranks) == [("declined", 1), *(("open", rank) for rank in range(2, 6))]
    migrate(fresh_database_url)
    assert lists() == before
    with psycopg.connect(fresh_database_url) as conn:
        rows = conn.execute("SELECT customer_id, status::text FROM customer_offer").fetchall()
    assert rows == [(2, "declined")]


def test_claims_and_payments_that_are_owed_survive_both_ways(fresh_database_url: str) -> None:
    """One client typed a number, one keyed it and ordered, one called from theirs; an order that
    is cancelled was paid.
    """
    rollback(fresh_database_url, COUNT - BEFORE_PROOF)
    with psycopg.connect(fresh_database_url) as conn:
        enrolled = "SELECT id FROM customer WHERE subscriber_id = 2 ORDER BY id LIMIT 3"
        typed, keyed, called = (row[0] for row in conn.execute(enrolled).fetchall())
        people = [typed, keyed, called]
        conn.execute(
            "INSERT INTO customer_phone SELECT unnest(%s::bigint[]), '+13125550177'", [people]
        )
        conn.execute(
            "INSERT INTO enrolment (id, subscriber_id, customer_id, source, number, state, billing,"
            " method) SELECT gen_random_uuid(), 2, unnest(%s::bigint[]), 'web', '+13125550177',"
            " 'typed', 'on_delivery', 'pick_up'",
            [people],
        )
        conn.execute(
            "INSERT INTO call (id, subscriber_id, customer_id, ani)"
            " VALUES (gen_random_uuid(), 2, %s, '+13125550177')",
            [called],
        )
        conn.execute(
            "WITH made AS (INSERT INTO sales_order (id, subscriber_id, customer_id, number, state,"
            " source, method, billing, due_at, placed_at, ended_at) VALUES (gen_random_uuid(), 2,"
            " %s, 99999999, 'cancelled', 'web', 'pick_up', 'payment_link', now(), now(), now())"
            " RETURNING id) INSERT INTO payment_link (id, order_id, provider, amount_cents, state,"
            " paid_at) SELECT gen_random_uuid(), id, 'test', 100, 'paid', now() FROM made",
            [called],
        )
        conn.execute("UPDATE sales_order SET source = 'web' WHERE customer_id = %s", [typed])
        conn.execute(
            "INSERT INTO sales_order (id, subscriber_id, customer_id, number, state, source,"
            " method, billing, due_at, placed_at, ended_at) VALUES (gen_random_uuid(), 2, %s,"
            " 99999998, 'cancelled', 'phone', 'pick_up', 'on_delivery', now(), now(), now())",
            [keyed],
        )
    numbers = "SELECT customer_id FROM customer_phone WHERE number = '+13125550177' ORDER BY 1"
    migrate(fresh_database_url)
    with psycopg.connect(fresh_database_url) as conn:
        assert conn.execute(numbers).fetchall() == [(keyed,), (called,)]
        owed = conn.execute("SELECT amount_cents FROM payment_link WHERE owed_at IS NOT NULL")
        assert owed.fetchall() == [(100,)]
    rollback(fresh_database_url, COUNT - BEFORE_PROOF)
    with psycopg.connect(fresh_database_url) as conn:
        assert conn.execute(numbers).fetchall() == [(typed,), (keyed,), (called,)]


def test_every_migration_has_a_rollback_and_names_the_one_before() -> None:
    migrations = list(read_migrations(str(MIGRATIONS)))
    assert len(migrations) == COUNT
    for earlier, later in pairwise(migrations):
        assert {m.id for m in later.depends} == {earlier.id}
    for one in migrations:
        assert Path(one.path).with_suffix(".rollback.sql").exists(), one.id


def test_two_at_once_and_after_a_killed_one(empty_database_url: str) -> None:
    migrate(empty_database_url)
    rollback(empty_database_url, COUNT)
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        conn.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)")
    applied: list[int] = []
    threads = [
        threading.Thread(target=lambda: applied.append(migrate(empty_database_url)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(applied) == [0, COUNT]


def test_functions_are_replaced_when_a_file_changed(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(empty_database_url)
    (tmp_path / "a.sql").write_text(
        "CREATE FUNCTION answer_v1() RETURNS integer LANGUAGE sql AS 'SELECT 42';", "utf-8"
    )
    monkeypatch.setattr("db.migrate.FUNCTIONS", tmp_path)
    assert migrate(empty_database_url) == 0
    with psycopg.connect(empty_database_url) as conn:
        assert conn.execute("SELECT answer_v1()").fetchone() == (42,)
        functions = conn.execute("SELECT proname FROM pg_proc WHERE proname ~ '_v[0-9]+$'")
        assert functions.fetchall() == [("answer_v1",)]


def test_demo_world_is_loaded_once(database_settings: Settings, fresh_database_url: str) -> None:
    settings = database_settings.model_copy(update={"database_url": fresh_database_url})
    settings.__dict__.pop("database", None)

    def counts() -> object:
        with psycopg.connect(fresh_database_url) as conn:
            return conn.execute(
                "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM offer),"
                " (SELECT count(*) FROM call)"
            ).fetchone()

    before = counts()
    load(settings)
    assert counts() == before
