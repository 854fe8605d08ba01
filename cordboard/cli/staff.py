"""``staff``: the log-ins by which locations see their boards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cordboard.cli.tools import must_answer
from cordboard.settings import load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from psycopg import Connection

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LEAST_PASSWORD = 10

password_option: Callable[[Any], Any] = click.option(
    "--password",
    default="",
    help=f"At least {LEAST_PASSWORD} characters; asked for when left out, once all else is right.",
)


@contextmanager
def _database() -> Iterator[Connection[Any]]:
    """One transaction."""
    import psycopg
    from psycopg.rows import dict_row

    settings = load_settings()
    must_answer(settings, "postgres")
    with psycopg.connect(settings.database, row_factory=dict_row) as connection:
        yield connection


@click.group()
def staff() -> None:
    """List, make and change the log-ins of locations, which see one board and nothing else."""


@staff.command("list")
def staff_list() -> None:
    """List everybody who is no agent: user name, role, location, name."""
    from db.queries import sql

    with _database() as connection:
        for row in connection.execute(sql.staff_list):
            off = "" if row["active"] else " (off)"
            where = row["location"] or "-"
            who = f"{row['username']:16} {row['role']:10} {where:24} {row['display_name']}"
            click.echo(f"{who}{off}")


@staff.command("add")
@click.argument("username")
@click.argument("location")
@click.option("--name", default="", help="Shown on the page; the user name when left out.")
@password_option
def staff_add(username: str, location: str, name: str, password: str) -> None:
    """Make the log-in USERNAME of LOCATION, written SUBSCRIBER/LOCATION: pantry/PANTRY-LOOP."""
    from db.queries import sql

    if not USERNAME.fullmatch(username):
        hint = "2 to 32 small letters, digits, dots, dashes; a letter first"
        raise click.BadParameter(hint, param_hint="USERNAME")
    name = name or username
    if not (1 <= len(name) <= 120 and name.isprintable()):
        raise click.BadParameter("one line of at most 120 characters", param_hint="--name")
    taken = StackError(f"the user name {username!r} is taken", "'cordboard staff list' shows them.")
    with _database() as connection:
        place = _location(connection, location)
        if _role(connection, username):
            raise taken
    values = {"username": username, "name": name, "password_hash": _hashed(password)}
    with _database() as connection:
        if connection.execute(sql.add_staff, values).fetchone() is None:
            raise taken
        connection.execute(sql.place_staff, {"username": username, "location": place})
    click.echo(f"{username} sees the board of {location} after log-in.")


@staff.command("move")
@click.argument("username")
@click.argument("location")
def staff_move(username: str, location: str) -> None:
    """Give USERNAME the board of another LOCATION, written SUBSCRIBER/LOCATION, from now on."""
    from db.queries import sql

    with _database() as connection:
        place = _location(connection, location)
        _change(connection, sql.place_staff, username, location=place)
    click.echo(f"{username} sees the board of {location} from now on.")


@staff.command("password")
@click.argument("username")
@password_option
def staff_password(username: str, password: str) -> None:
    """Set the password of USERNAME."""
    from db.queries import sql

    with _database() as connection:
        if _role(connection, username) != "location":
            raise _no_log_in(username)
    password_hash = _hashed(password)
    with _database() as connection:
        _change(connection, sql.staff_password, username, password_hash=password_hash)
    click.echo(f"{username} logs in with the new password.")


@staff.command("off")
@click.argument("username")
def staff_off(username: str) -> None:
    """Let USERNAME in no more; open boards close within a minute."""
    _set_active(username, active=False)
    click.echo(f"{username} is not let in any more. 'cordboard staff on {username}' undoes it.")


@staff.command("on")
@click.argument("username")
def staff_on(username: str) -> None:
    """Let USERNAME in again."""
    _set_active(username, active=True)
    click.echo(f"{username} may log in again.")


def _set_active(username: str, *, active: bool) -> None:
    from db.queries import sql

    with _database() as connection:
        _change(connection, sql.staff_active, username, active=active)


def _change(connection: Connection[Any], query: bytes, username: str, **values: Any) -> None:
    if connection.execute(query, {"username": username, **values}).fetchone() is None:
        raise _no_log_in(username)


def _no_log_in(username: str) -> StackError:
    return StackError(
        f"no location has the log-in {username[:40]!r}", "'cordboard staff list' shows them."
    )


def _role(connection: Connection[Any], username: str) -> str:
    """Of whoever has this user name; empty when nobody has."""
    from db.queries import sql

    row = connection.execute(sql.account_role, {"username": username}).fetchone()
    return row["role"] if row else ""


def _location(connection: Connection[Any], text: str) -> int:
    from db.queries import sql

    subscriber, _, code = text.partition("/")
    values = {"subscriber": subscriber, "location": code}
    row = connection.execute(sql.location_by_code, values).fetchone()
    if row is None:
        raise StackError(
            f"there is no location {text[:80]!r}",
            "Write SUBSCRIBER/LOCATION. 'cordboard sql -c \"SELECT s.code, l.code FROM location l"
            " JOIN subscriber s ON s.id = l.subscriber_id\"' lists them.",
        )
    found: int = row["id"]
    return found


def _hashed(password: str) -> str:
    """Of this password, or of one that is asked for."""
    from argon2 import PasswordHasher

    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not LEAST_PASSWORD <= len(password) <= 256:
        raise click.BadParameter(
            f"{LEAST_PASSWORD} to 256 characters, please", param_hint="--password"
        )
    return PasswordHasher().hash(password)


COMMANDS = (staff,)
