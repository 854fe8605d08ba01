"""Strategies formed by one process, by several, or on other machines: the same lists."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cordboard.settings import Settings
from db.demo.regulars import EVERYBODY
from db.strategies import BuildError, Elsewhere, build_whole, chunk
from support.strategies import lists, tables

Connection = psycopg.Connection[dict[str, Any]]


def test_the_same_each_time_by_one_process_or_two(
    settings: Settings, world: Connection, monkeypatch: pytest.MonkeyPatch
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
    settings: Settings, world: Connection, tmp_path: Path
) -> None:
    before = lists(world)
    with pytest.raises(BuildError, match="part-00000 was not formed: no such part"):
        build_whole(settings, elsewhere=Elsewhere(tmp_path, "sh -c 'echo no such part >&2'"))
    with pytest.raises(BuildError, match="is not empty"):
        build_whole(settings, elsewhere=Elsewhere(tmp_path))
    assert lists(world) == before
    assert tables(world) == []
    assert list(tmp_path.rglob("*.parquet")) == [], "attributes of all customers"
