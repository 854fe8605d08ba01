"""Two builds at once, a build that is killed or fails, and the command line that tells of them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from cordboard.cli import cli
from cordboard.settings import Settings
from db.queries import sql
from db.strategies import BUILDING, BuildRunning, build_changed, build_whole
from support.strategies import best, kill_a_build, lists, states, tables

Connection = psycopg.Connection[dict[str, Any]]

DANA = 1


def test_the_second_is_told_who_builds_since_when(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
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
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
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
    settings: Settings, world: Connection
) -> None:
    before = lists(world)
    kill_a_build(settings, processes=2)
    assert tables(world)
    assert lists(world) == before
    assert best(world, DANA, "service") == "HAL-ROUTER"
    row = world.execute(sql.strategy_status, {"codes": ["halyard"], "limit": 1, "lock": BUILDING})
    (latest,) = row.fetchall()
    assert (latest["state"], latest["alive"]) == ("running", False)
    build_whole(settings)
    assert states(world) == ["done"]
    assert tables(world) == []
    after = lists(world)
    build_whole(settings)
    assert lists(world) == after


def test_a_build_that_fails_says_why_and_leaves_nothing(
    settings: Settings, world: Connection
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
