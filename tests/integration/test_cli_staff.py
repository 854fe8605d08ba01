"""The command ``staff``, on a demo world."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from click.testing import Result

from cordboard.stack.errors import StackError
from webdesk.passwords import password_matches

Run = Callable[..., Result]
PASSWORD = "a-long-password"


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "staff")


def account(url: str) -> Any:
    """Role, password hash, whether active, code of the location of ``kim``."""
    query = (
        "SELECT u.role, u.password_hash, u.active, l.code FROM user_account u"
        " LEFT JOIN location_staff s ON s.user_id = u.id"
        " LEFT JOIN location l ON l.id = s.location_id"
        " WHERE u.username = 'kim'"
    )
    with psycopg.connect(url) as conn:
        return conn.execute(query).fetchone()


def refused(answer: Result) -> str:
    assert isinstance(answer.exception, StackError), answer.output
    return str(answer.exception)


def test_a_log_in_is_made_moved_changed_and_switched_off(run: Run, fresh_database_url: str) -> None:
    made = run("add", "kim", "pantry/PANTRY-LOOP", "--name", "Kim", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    role, stored, active, location = account(fresh_database_url)
    assert (role, active, location) == ("location", True, "PANTRY-LOOP")
    assert password_matches(stored, PASSWORD)

    assert run("move", "kim", "pantry/PANTRY-LAKE").exit_code == 0
    assert account(fresh_database_url)[3] == "PANTRY-LAKE"
    assert run("password", "kim", "--password", PASSWORD + "2").exit_code == 0
    assert password_matches(account(fresh_database_url)[1], PASSWORD + "2")
    assert run("off", "kim").exit_code == 0
    assert account(fresh_database_url)[2] is False
    assert "pantry/PANTRY-LAKE" in run("list").output
    assert "(off)" in run("list").output
    assert run("on", "kim").exit_code == 0
    assert account(fresh_database_url)[2] is True


def test_what_is_wrong_is_named_and_nothing_is_made(run: Run, fresh_database_url: str) -> None:
    nowhere = run("add", "kim", "pantry/MOON", "--password", PASSWORD)
    assert "no location 'pantry/MOON'" in refused(nowhere)
    short = run("add", "kim", "pantry/PANTRY-LOOP", "--password", "short")
    assert "10 to 256 characters" in short.output
    bad = run("add", "Kim!", "pantry/PANTRY-LOOP", "--password", PASSWORD)
    assert "small letters" in bad.output
    assert account(fresh_database_url) is None


def test_a_password_is_asked_for_once_all_else_is_right(run: Run, fresh_database_url: str) -> None:
    for words in (
        ("add", "kim", "pantry/MOON"),
        ("add", "olga", "pantry/PANTRY-LOOP"),
        ("add", "kim", "pantry/PANTRY-LOOP", "--name", "x" * 121),
        ("password", "kim"),
    ):
        assert "Password" not in run(*words).output, words
    asked = run("add", "kim", "pantry/PANTRY-LOOP")
    assert (asked.exit_code, asked.output.startswith("Password:")) == (1, True)
    assert account(fresh_database_url) is None


def test_people_of_other_roles_are_not_touched(run: Run) -> None:
    assert "is taken" in refused(run("add", "olga", "pantry/PANTRY-LOOP", "--password", PASSWORD))
    assert "no location has the log-in 'olga'" in refused(run("move", "olga", "pantry/PANTRY-LOOP"))
    assert "no location has the log-in 'ava'" in refused(
        run("password", "ava", "--password", PASSWORD)
    )
    assert "no location has the log-in 'ava'" in refused(run("off", "ava"))
