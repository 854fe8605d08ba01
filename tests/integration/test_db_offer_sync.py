"""Offers in a database of their own: moved there, copied back, and nothing changes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from cordboard.cli import cli
from cordboard.question import Question
from cordboard.settings import Settings
from db.migrate import migrate
from db.offer_sync import OF_OFFERS, SyncError, list_offers, move, sync, sync_after_edit
from decider.sync import open_local_sync
from support.dialplan import now_ms
from support.web import with_values

Run = Callable[..., list[Any]]

MARCUS = 2


@pytest.fixture
def split(postgres: Settings, fresh_database_url: str, empty_database_url: str) -> Settings:
    """A demo world, and beside it a migrated database for offers with nothing in it."""
    migrate(empty_database_url)
    return with_values(
        postgres, database_url=fresh_database_url, offers_database_url=empty_database_url
    )


@pytest.fixture
def moved(split: Settings) -> Settings:
    move(split)
    return split


@pytest.fixture
def offers(moved: Settings) -> Iterator[Run]:
    """Runs a statement on the offers database."""
    with psycopg.connect(moved.offers_database, autocommit=True) as conn:
        yield lambda query, *values: _run(conn, query, values)


@pytest.fixture
def customers(moved: Settings) -> Iterator[Run]:
    """Runs a statement on the customers database."""
    with psycopg.connect(moved.database, autocommit=True) as conn:
        yield lambda query, *values: _run(conn, query, values)


def _run(conn: psycopg.Connection[Any], query: Any, values: Any) -> list[Any]:
    cursor = conn.execute(query, values)
    return cursor.fetchall() if cursor.description else []


WHOLE = "SELECT to_jsonb(o) FROM offer o ORDER BY id"


def test_offers_move_whole_and_only_once(split: Settings, moved: Settings) -> None:
    assert {row["copy"] for row in list_offers(moved)} == {"same"}
    with (
        psycopg.connect(moved.database) as customers,
        psycopg.connect(moved.offers_database) as offers,
    ):
        for table in OF_OFFERS:
            count = f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t"
            assert _run(customers, count, ()) == _run(offers, count, ())
    with pytest.raises(SyncError, match="has offers already"):
        move(split)


def test_new_offers_get_ids_that_nobody_has(offers: Run) -> None:
    taken = {row[0] for row in offers("SELECT id FROM offer")}
    (new,) = offers(
        "INSERT INTO offer (subscriber_id, code, kind, title, description, script)"
        " SELECT id, 'NEW-ONE', 'sales', 'New', 'New', 'New' FROM subscriber LIMIT 1 RETURNING id"
    )
    assert new[0] not in taken


def test_what_is_new_changed_and_gone_is_copied_and_told(
    moved: Settings, offers: Run, customers: Run
) -> None:
    assert sync(moved).words() == "nothing has changed"
    (first,) = offers(
        "INSERT INTO offer (subscriber_id, code, kind, title, description, script)"
        " SELECT id, 'NEW-ONE', 'sales', 'New', 'New', 'New' FROM subscriber LIMIT 1 RETURNING id"
    )
    (changed,) = offers(
        "UPDATE offer SET value_cents = 77700, channels = '{web}', skill = 'baskets', version = 9"
        " WHERE id = (SELECT min(id) FROM offer) RETURNING code::text"
    )
    (gone,) = offers(
        "DELETE FROM offer WHERE id = (SELECT max(id) FROM offer WHERE active AND id <> %s)"
        " RETURNING code::text",
        first[0],
    )
    found = sync(moved)
    assert (found.added, found.changed, found.withdrawn) == (["NEW-ONE"], [*changed], [*gone])
    copies = {row[0]["code"]: row[0] for row in customers(WHOLE)}
    assert not copies.pop(gone[0])["active"]
    assert copies == {row[0]["code"]: row[0] for row in offers(WHOLE)}
    assert sync(moved).words() == "nothing has changed"


def test_what_is_not_copied_yet_is_offered_to_nobody(moved: Settings, offers: Run) -> None:
    """That it was presented could not be recorded in the customers database."""
    (new,) = offers(
        "INSERT INTO offer (subscriber_id, code, kind, title, description, script, url)"
        " SELECT id, 'NEW-ONE', 'sales', 'New', 'New', 'New', 'https://x.example/' FROM subscriber"
        " WHERE code = 'halyard' RETURNING id"
    )
    offers(
        "UPDATE offer_strategy SET offers = %s || offers, p = 0.9::real || p,"
        " ev_cents = 99 || ev_cents WHERE customer_id = %s",
        new[0],
        MARCUS,
    )

    def why() -> str:
        ranking = decider.decide(Question("", MARCUS, "halyard", at_ms=now_ms())).ranking
        return next(entry.why for entry in ranking if entry.offer.id == new[0])

    with closing(open_local_sync(moved)) as decider:
        assert why() == "not_copied"
        sync(moved)
        assert why() == "eligible"


def test_what_shuts_what_out_follows_the_offers(
    moved: Settings, offers: Run, customers: Run
) -> None:
    """What the IVR attaches while the decider is away looks at it."""
    pairs = "SELECT offer_id, excluded_id FROM offer_exclusion ORDER BY 1, 2"
    before = offers(pairs)
    assert before == customers(pairs) != []
    offers("DELETE FROM offer_exclusion WHERE (offer_id, excluded_id) = (%s, %s)", *before[0])
    offers("INSERT INTO offer_exclusion SELECT min(id), max(id) FROM offer WHERE subscriber_id = 1")
    assert "2 subscribers, groups and exclusions" in sync(moved).words()
    assert customers(pairs) == offers(pairs) != before
    assert sync(moved).words() == "nothing has changed"


def test_every_column_of_an_offer_is_copied(moved: Settings, offers: Run, customers: Run) -> None:
    """Also one that a later version adds: the copy looks up the columns of the table."""
    offers("ALTER TABLE offer ADD COLUMN later_idea text DEFAULT 'there'")
    customers("ALTER TABLE offer ADD COLUMN later_idea text")
    sync(moved)
    assert customers(WHOLE) == offers(WHOLE)
    assert customers("SELECT DISTINCT later_idea FROM offer") == [("there",)]


def test_groups_and_subscribers_follow_the_customers(
    moved: Settings, offers: Run, customers: Run
) -> None:
    customers(
        "INSERT INTO agent_group (subscriber_id, code, name)"
        " SELECT id, 'new-group', 'New' FROM subscriber LIMIT 1"
    )
    assert sync(moved).others == 1
    assert offers("SELECT name::text FROM agent_group WHERE code = 'new-group'") == [("New",)]


def test_an_empty_offers_database_switches_nothing_off(split: Settings) -> None:
    with pytest.raises(SyncError, match="cordboard offers move"):
        sync(split)
    with psycopg.connect(split.database) as conn:
        assert conn.execute("SELECT count(*) FROM offer WHERE active").fetchone() != (0,)


def test_a_database_that_began_otherwise_is_refused(
    moved: Settings, offers: Run, customers: Run
) -> None:
    for run, number in ((offers, 9001), (customers, 9002)):
        run(
            "INSERT INTO offer (id, subscriber_id, code, kind, title, description, script)"
            " VALUES (%s, 1, 'TWO-OF-ONE-NAME', 'sales', 'x', 'x', 'x')",
            number,
        )
    with pytest.raises(SyncError, match="must begin empty"):
        sync(moved)


def test_an_edit_is_stored_while_the_customers_are_away(moved: Settings) -> None:
    assert sync_after_edit(moved) == ""
    away = with_values(moved, database_url="postgresql://nobody@127.0.0.1:9/nothing")
    assert "cordboard offers sync" in sync_after_edit(away)


def test_one_database_has_nothing_to_copy(postgres: Settings, database_url: str) -> None:
    one = with_values(postgres, database_url=database_url)
    assert sync(one).words() == "nothing has changed"
    with pytest.raises(SyncError, match="CORDBOARD_OFFERS_DATABASE_URL"):
        move(one)


def test_the_command_line_says_what_it_did(
    moved: Settings, offers: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDBOARD_DATABASE_URL", moved.database)
    monkeypatch.setenv("CORDBOARD_OFFERS_DATABASE_URL", moved.offers_database)
    (code,) = offers("UPDATE offer SET title = 'Anew' WHERE id = 1 RETURNING code::text")
    listed = CliRunner().invoke(cli, ["offers", "list"])
    assert any(code[0] in line and "copy is old" in line for line in listed.output.splitlines())
    assert f"1 changed ({code[0]})" in CliRunner().invoke(cli, ["offers", "sync"]).output
    assert "copy is old" not in CliRunner().invoke(cli, ["offers", "list"]).output
