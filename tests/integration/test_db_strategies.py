"""Strategies in bulk: what is offered to whom, readers who never see half, and builds that fail."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cordboard.cli import cli
from cordboard.decision import decide
from cordboard.decision_context import why_not
from cordboard.decision_facts import Policy, Ranked, facts_from_json
from cordboard.question import ANY_CHANNEL, Question
from cordboard.settings import Settings
from db.demo.regulars import EVERYBODY
from db.migrate import migrate
from db.offer_sync import move
from db.queries import sql
from db.strategies import (
    BUILDING,
    BuildError,
    BuildRunning,
    Elsewhere,
    build_changed,
    build_whole,
    chunk,
)
from support.database import wait_until_blocked
from support.strategies import kill_a_build, lists, states, tables
from support.web import with_values

Connection = psycopg.Connection[dict[str, Any]]
Ask = Callable[..., Any]

DANA, MARCUS = 1, 2
CARE, ROAMING = "HAL-CARE-PLUS", "HAL-ROAMING"


@pytest.fixture
def settings(postgres: Settings, fresh_database_url: str) -> Settings:
    return with_values(postgres, database_url=fresh_database_url)


@pytest.fixture
def world(settings: Settings) -> Iterator[Connection]:
    """The demo world, of this test alone."""
    with psycopg.connect(settings.database, autocommit=True, row_factory=dict_row) as conn:
        yield conn


def offered(conn: Connection, customer: int) -> dict[str, int]:
    """Code -> EV of what is offered, best first."""
    rows = conn.execute(
        "SELECT o.code, place.ev FROM offer_strategy s,"
        " unnest(s.offers, s.ev_cents) WITH ORDINALITY AS place (id, ev, rank)"
        " JOIN offer o ON o.id = place.id WHERE s.customer_id = %s ORDER BY place.rank",
        [customer],
    )
    return {row["code"]: row["ev"] for row in rows}


def why(conn: Connection, customer: int, code: str) -> str | None:
    row = conn.execute(
        "SELECT kept_out_v1(s.kept_out, b) ->> o.id::text AS why FROM offer_strategy s"
        " JOIN strategy_build b ON b.id = s.build_id CROSS JOIN offer o"
        " WHERE s.customer_id = %s AND o.code = %s",
        [customer, code],
    ).fetchone()
    assert row is not None
    return row["why"]  # type: ignore[no-any-return]


def best(conn: Connection, customer: int, kind: str) -> str | None:
    """What a call is given."""
    row = conn.execute("SELECT code FROM best_offer_v1(%s, %s)", [customer, kind]).fetchone()
    return row["code"] if row else None


class TestWhole:
    def test_ranked_by_expected_value_and_the_rest_has_its_reason(
        self, settings: Settings, world: Connection
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
    def test_each_reason(
        self, settings: Settings, world: Connection, change: str, expected: str
    ) -> None:
        world.execute(change, [CARE])  # type: ignore[call-overload]
        build_whole(settings, ["halyard"])
        assert why(world, MARCUS, CARE) == expected
        assert CARE not in offered(world, MARCUS)

    def test_fifty_sales_offers_leave_room_for_service_and_for_the_web(
        self, settings: Settings, world: Connection
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

    def test_the_same_each_time_by_one_process_or_two(
        self, settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.execute("UPDATE offer SET value_cents = 1000, prior_p = 0.1")
        build_whole(settings, processes=1)
        before = lists(world)
        monkeypatch.setattr(chunk, "SIZE", 100)
        done: list[tuple[int, int]] = []
        build_whole(settings, processes=2, tell=lambda *told: done.append(told))
        assert lists(world) == before
        assert (done[0], done[-1]) == ((0, EVERYBODY), (EVERYBODY, EVERYBODY))
        assert len(done) == 10  # six chunks of one subscriber, three of the other

    def test_the_same_through_files(
        self,
        settings: Settings,
        world: Connection,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world.execute(
            "INSERT INTO offer_rule (offer_id, name, condition)"
            ' SELECT id, \'Old\', \'{"attribute": "shoe_size", "is": ">", "value": 1}\' FROM offer'
            " WHERE code = 'HAL-TV'"
        )
        monkeypatch.setattr(chunk, "SIZE", 400)
        build_whole(settings, processes=1)
        before = lists(world)
        form = "from db.strategies.files import *; import sys; form_part(Path(sys.argv[1]))"
        elsewhere = Elsewhere(tmp_path, f'{sys.executable} -c "{form}" {{part}}', at_once=2)
        found = build_whole(settings, elsewhere=elsewhere)
        assert sum(one.customers for one in found) == EVERYBODY
        assert [part.name for part in sorted(tmp_path.iterdir())] == [
            f"part-{number:05}" for number in range(3)
        ]
        assert lists(world) == before
        assert list(tmp_path.rglob("*.parquet")) == [], "attributes of all customers"

    def test_the_command_that_is_given_by_default_runs(
        self,
        settings: Settings,
        world: Connection,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        found = build_whole(settings, ["pantry"], elsewhere=Elsewhere(tmp_path))
        theirs = world.execute(
            "SELECT count(*) FROM customer k JOIN subscriber s ON s.id = k.subscriber_id"
            " WHERE s.code = 'pantry'"
        ).fetchone()
        assert [{"count": one.customers} for one in found] == [theirs]

    def test_a_part_that_fails_ends_the_build(
        self, settings: Settings, world: Connection, tmp_path: Path
    ) -> None:
        before = lists(world)
        with pytest.raises(BuildError, match="part-00000 was not formed: no such part"):
            build_whole(settings, elsewhere=Elsewhere(tmp_path, "sh -c 'echo no such part >&2'"))
        with pytest.raises(BuildError, match="is not empty"):
            build_whole(settings, elsewhere=Elsewhere(tmp_path))
        assert lists(world) == before
        assert tables(world) == []
        assert list(tmp_path.rglob("*.parquet")) == [], "attributes of all customers"

    def test_as_decide_sees_it(self, settings: Settings, world: Connection) -> None:
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

    def test_readers_see_the_old_lists_or_the_new_ones(
        self, settings: Settings, world: Connection
    ) -> None:
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

    def test_the_table_is_as_before(self, settings: Settings, world: Connection) -> None:
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
        statistics = "SELECT count(*) AS n FROM pg_stats WHERE tablename = 'offer_strategy'"
        assert world.execute(statistics).fetchone() == {"n": 2}

    def test_others_keep_their_lists(self, settings: Settings, world: Connection) -> None:
        before = lists(world)
        world.execute("UPDATE offer SET active = false")
        build_whole(settings, ["pantry"])
        after = lists(world)
        pantry = {
            row["id"] for row in world.execute("SELECT id FROM customer WHERE subscriber_id=2")
        }
        assert {id_ for id_ in after if after[id_] != before[id_]} == pantry
        assert all(after[id_][0] == [] for id_ in pantry)

    def test_lists_go_to_both_databases(
        self, settings: Settings, empty_database_url: str, world: Connection
    ) -> None:
        migrate(empty_database_url)
        split = with_values(settings, offers_database_url=empty_database_url)
        move(split)
        world.execute("UPDATE offer SET prior_p = 0.9 WHERE code = %s", [ROAMING])  # the copy
        build_whole(split)
        with psycopg.connect(empty_database_url, autocommit=True, row_factory=dict_row) as conn:
            there = lists(conn)
            rows = conn.execute("SELECT * FROM offer_strategy ORDER BY customer_id").fetchall()
        assert len(there) == EVERYBODY
        assert rows == world.execute("SELECT * FROM offer_strategy ORDER BY customer_id").fetchall()
        assert best(world, MARCUS, "service") == CARE
        world.execute("UPDATE customer SET segment = 'gold' WHERE id = 2")
        (changed,) = build_changed(split)
        assert changed.customers == 1
        assert "HAL-GOLD-DUO" in offered(world, MARCUS)
        with psycopg.connect(empty_database_url, autocommit=True, row_factory=dict_row) as conn:
            assert "HAL-GOLD-DUO" in offered(conn, MARCUS)


class TestChanged:
    CHANGES = (
        "INSERT INTO purchase (customer_id, product, amount_cents)"
        " SELECT id, 'Basket', 4000 FROM customer WHERE id % 3 = 0",
        "UPDATE account SET balance_cents = 50000 WHERE customer_id % 5 = 0",
        "INSERT INTO exposure (customer_id, offer_id, channel)"
        " SELECT c.id, o.id, 'ivr' FROM customer c JOIN offer o USING (subscriber_id)"
        " WHERE c.id % 7 = 0 AND o.id % 2 = 0",
    )

    def test_as_if_all_were_built(self, settings: Settings, world: Connection) -> None:
        build_whole(settings)
        before = lists(world)
        for statement in self.CHANGES:
            world.execute(statement)  # type: ignore[call-overload]
        found = build_changed(settings)
        assert sum(one.customers for one in found) == 416
        after = lists(world)
        assert {id_ for id_ in after if after[id_] != before[id_]}
        build_whole(settings)
        assert lists(world) == after
        assert world.execute("SELECT 1 FROM customer_changed").fetchone() is None

    def test_nobody_changed(self, settings: Settings, world: Connection) -> None:
        build_whole(settings)
        builds = states(world)
        assert build_changed(settings) == []
        assert states(world) == builds

    def test_who_changes_meanwhile_stays_marked(
        self, settings: Settings, world: Connection
    ) -> None:
        build_whole(settings)
        touch = "UPDATE account SET balance_cents = balance_cents + 1 WHERE customer_id = %s"
        for customer in (DANA, MARCUS):
            world.execute(touch, [customer])
        build_changed(settings, tell=lambda *_: world.execute(touch, [DANA]))
        marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
        assert marked == {DANA}
        build_whole(settings, tell=lambda *_: world.execute(touch, [MARCUS]))
        marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
        assert marked == {MARCUS}

    def test_a_mark_made_while_attributes_are_refreshed_stays(
        self, settings: Settings, world: Connection
    ) -> None:
        """Also a mark of a subscriber that is not built for, in a refresh of everybody."""
        build_whole(settings)
        touch = "UPDATE account SET balance_cents = balance_cents + 1 WHERE customer_id = %s"
        world.execute(touch, [MARCUS])
        build = threading.Thread(target=build_whole, args=[settings, ["pantry"]])
        with world.transaction():
            world.execute("SELECT pg_advisory_xact_lock(hashtextextended('refresh_features', 0))")
            build.start()
            with psycopg.connect(settings.database, autocommit=True) as caller:
                wait_until_blocked(caller, "cordboard-strategies")
                caller.execute(touch, [DANA])
        build.join(60)
        marked = {row["customer_id"] for row in world.execute("SELECT * FROM customer_changed")}
        assert marked == {DANA, MARCUS}

    def test_a_new_customer_gets_a_list(self, settings: Settings, world: Connection) -> None:
        build_whole(settings)
        world.execute(
            "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
            " VALUES (9001, 1, 'NEW', 'New', 'Here')"
        )
        build_changed(settings, ["halyard"])
        assert offered(world, 9001)

    def test_only_of_the_subscriber_asked_for(self, settings: Settings, world: Connection) -> None:
        build_whole(settings)
        world.execute("UPDATE account SET balance_cents = 1")
        (only,) = build_changed(settings, ["pantry"])
        with_account = world.execute(
            "SELECT count(DISTINCT customer_id) AS count FROM account WHERE subscriber_id = 2"
        ).fetchone()
        assert with_account == {"count": only.customers}
        row = world.execute("SELECT count(DISTINCT customer_id) FROM customer_changed").fetchone()
        assert row == {"count": 527}


class TestBadInput:
    def test_an_offer_withdrawn_a_second_ago_is_not_made(
        self, settings: Settings, world: Connection
    ) -> None:
        build_whole(settings)
        assert best(world, MARCUS, "service") == CARE
        world.execute("UPDATE offer SET active = false WHERE code = %s", [CARE])
        assert best(world, MARCUS, "service") == ROAMING

    def test_a_customer_deleted_after_the_build(
        self, settings: Settings, world: Connection
    ) -> None:
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

    def test_an_empty_catalogue(self, settings: Settings, world: Connection) -> None:
        world.execute("TRUNCATE offer CASCADE")
        found = build_whole(settings)
        assert [one.offers for one in found] == [0, 0]
        assert {row[0] == [] for row in lists(world).values()} == {True}

    def test_an_empty_database(self, postgres: Settings, empty_database_url: str) -> None:
        migrate(empty_database_url)
        empty = with_values(postgres, database_url=empty_database_url)
        assert build_whole(empty) == []
        assert build_changed(empty) == []

    def test_an_unknown_subscriber(self, settings: Settings) -> None:
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
        self, settings: Settings, world: Connection, parameters: object, warning: str
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

    def test_a_rule_that_cannot_be_read_lets_nobody_in(
        self, settings: Settings, world: Connection
    ) -> None:
        world.execute(
            "INSERT INTO offer_rule (offer_id, name, condition) SELECT id, 'Old', %s FROM offer"
            " WHERE code = %s",
            [Jsonb({"attribute": "shoe_size", "is": ">", "value": 40}), CARE],
        )
        halyard, _ = build_whole(settings)
        assert "“Old”" in "".join(halyard.warnings)
        assert all(CARE not in offered(world, id_) for id_ in (1, 2, 3, 4, 5, 6, 7))
        assert why(world, MARCUS, CARE) == "rule:Old"


class TestTwoAndKilled:
    def test_the_second_is_told_who_builds_since_when(
        self, settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[str] = []

        def second(*_: int) -> None:
            with pytest.raises(BuildRunning) as refused:
                build_changed(settings, ["pantry", "halyard"])
            told.append(str(refused.value))
            result = CliRunner().invoke(cli, ["strategies", "build", "--subscriber", "halyard"])
            told.append(str(result.exit_code))
            shown = CliRunner().invoke(cli, ["strategies", "status"])
            told.append(shown.output)

        monkeypatch.setattr("cordboard.cli.strategies.load_settings", lambda: settings)
        build_whole(settings, ["halyard"], tell=second)
        assert "the strategies of halyard are being built by " in told[0]
        assert "UTC (0 of 527 customers are done)" in told[0]
        assert told[1] == "1"
        assert ", process " in told[2]
        assert build_changed(settings, ["halyard"]) == []

    def test_the_command_line(
        self, settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cordboard.cli.strategies.load_settings", lambda: settings)

        def run(*words: str) -> str:
            result = CliRunner().invoke(cli, ["strategies", *words])
            assert result.exit_code == 0, result.output
            return result.output

        said = run("build")
        assert "halyard: 527 customers, 13 offers." in said
        assert "pantry: No model is in use: priors alone count" in said
        assert "Nothing has changed." in run("build", "--changed")
        world.execute("UPDATE account SET balance_cents = 0 WHERE customer_id = 2")
        assert "halyard: 1 customers, 13 offers." in run("build", "--changed")
        first, second, *_ = run("status", "--subscriber", "halyard").splitlines()
        assert "changed  done  1 of 1 customers, 15 offers, priors alone" in first
        assert "all      done  527 of 527 customers" in second

    def test_killed_in_the_middle_the_old_lists_are_in_force(
        self, settings: Settings, world: Connection
    ) -> None:
        before = lists(world)
        kill_a_build(settings, processes=2)
        assert tables(world)
        assert lists(world) == before
        assert best(world, DANA, "service") == "HAL-ROUTER"
        row = world.execute(
            sql.strategy_status, {"codes": ["halyard"], "limit": 1, "lock": BUILDING}
        )
        (latest,) = row.fetchall()
        assert (latest["state"], latest["alive"]) == ("running", False)
        build_whole(settings)
        assert states(world) == ["done"]
        assert tables(world) == []
        after = lists(world)
        build_whole(settings)
        assert lists(world) == after

    def test_a_build_that_fails_says_why_and_leaves_nothing(
        self, settings: Settings, world: Connection
    ) -> None:
        before = lists(world)

        def fail(done: int, _all: int) -> None:
            if done:
                raise RuntimeError("the disk is full")

        with pytest.raises(RuntimeError):
            build_whole(settings, tell=fail)
        assert lists(world) == before
        assert states(world) == ["failed"]
        assert tables(world) == []
        row = world.execute("SELECT error FROM strategy_build ORDER BY id DESC").fetchone()
        assert row == {"error": "the disk is full"}
