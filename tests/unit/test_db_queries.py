"""The loader of named queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import REFUSALS, DatabaseRefusal
from db.queries import DuplicateQuery, Queries, sql


def test_blocks_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(
        "-- A file.\n\n-- name: one\n-- What it does.\nSELECT 1\n\n-- name: two\nSELECT %(x)s\n",
        "utf-8",
    )
    queries = Queries(tmp_path)
    assert queries.one == b"-- What it does.\nSELECT 1"
    assert queries.two == b"SELECT %(x)s"
    assert dir(queries) == ["one", "two"]


def test_unknown_name_is_named() -> None:
    with pytest.raises(AttributeError, match="open_cal"):
        _ = sql.open_cal


@pytest.mark.parametrize("name", ["one", "not-a-name"])
def test_doubtful_names_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.sql").write_text("-- name: one\nSELECT 1\n", "utf-8")
    (tmp_path / "b.sql").write_text(f"-- name: {name}\nSELECT 2\n", "utf-8")
    with pytest.raises(DuplicateQuery, match=r"b\.sql"):
        Queries(tmp_path)


def test_every_refusal_has_a_state_and_words() -> None:
    assert len(REFUSALS) == len(DatabaseRefusal.__subclasses__())
    for state, refusal in REFUSALS.items():
        assert state.startswith("CB")
        assert refusal.__doc__
