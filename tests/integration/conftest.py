"""Databases for the integration tests, on the PostgreSQL of the stack called ``test``.

``conn`` is what most tests of SQL want: the demo world, and everything undone at the end. Programs
under test, which commit, take ``database_settings``; a test that must be alone,
``fresh_database_url``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from click.testing import CliRunner, Result
from flask import Flask
from psycopg import sql
from psycopg.rows import dict_row

from cordboard.cli import cli
from cordboard.settings import Settings
from db.demo import load
from db.migrate import migrate
from support.database import Database
from support.dialplan import Dial, SqlCall
from support.shop import Shop
from support.web import with_values
from webdesk import create_app

Connection = psycopg.Connection[dict[str, Any]]

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres(stores: Settings) -> Settings:
    """Settings of the test stack, of which PostgreSQL runs."""
    _drop_left_overs(stores)
    return stores


@contextmanager
def _new_database(settings: Settings, template: str = "template0") -> Iterator[Settings]:
    """Settings that point at a database of its own, dropped at the end."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _administer(settings, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield _pointing_at(settings, name)
    finally:
        # At the end of the session the server may be gone before this; the next run drops it then.
        with suppress(psycopg.OperationalError):
            _administer(settings, "DROP DATABASE {} WITH (FORCE)", name)


def _administer(settings: Settings, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(
        _pointing_at(settings, "postgres").database, autocommit=True, connect_timeout=5
    ) as conn:
        conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _pointing_at(settings: Settings, database: str) -> Settings:
    url = urlunsplit(urlsplit(settings.database)._replace(path=f"/{database}"))
    pointing = settings.model_copy(update={"database_url": url})
    pointing.__dict__.pop("database", None)  # it was computed for the old URL
    return pointing


def _drop_left_overs(settings: Settings) -> None:
    """Databases of test runs that were killed."""
    with psycopg.connect(_pointing_at(settings, "postgres").database) as conn:
        rows = conn.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_'")
        names = [name for (name,) in rows]
    for name in names:
        if not Path("/proc", name.split("_")[1]).exists():
            _administer(settings, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def empty_database_url(postgres: Settings) -> Iterator[str]:
    """A database with nothing in it."""
    with _new_database(postgres) as settings:
        yield settings.database


@pytest.fixture(scope="session")
def template(postgres: Settings) -> Iterator[str]:
    """Name of a database with the demo world, to make others from; nobody connects to it."""
    with _new_database(postgres) as settings:
        migrate(settings.database)
        load(settings)
        yield urlsplit(settings.database).path[1:]


@pytest.fixture(scope="session")
def database_settings(postgres: Settings, template: str) -> Iterator[Settings]:
    """Settings that point at a demo world shared by the tests: what one commits, the others see."""
    with _new_database(postgres, template) as settings:
        yield settings


@pytest.fixture(scope="session")
def database_url(database_settings: Settings) -> str:
    """The shared demo world."""
    return database_settings.database


@pytest.fixture
def fresh_database_url(postgres: Settings, template: str) -> Iterator[str]:
    """A demo world of this test's own."""
    with _new_database(postgres, template) as settings:
        yield settings.database


@pytest.fixture(scope="session")
def untouched_database_url(postgres: Settings, template: str) -> Iterator[str]:
    """A demo world to which nothing is ever committed."""
    with _new_database(postgres, template) as settings:
        yield settings.database


@pytest.fixture
def run(fresh_database_url: str, postgres: Settings) -> Callable[..., Result]:
    """Runs ``cordboard`` on a demo world of this test's own."""
    environment = {
        "CORDBOARD_INSTANCE": postgres.instance,
        "CORDBOARD_PORT_BASE": str(postgres.base),
        "CORDBOARD_DATABASE_URL": fresh_database_url,
        "CORDBOARD_OFFERS_DATABASE_URL": "",
        "CORDBOARD_SECRET_KEY": postgres.secret_key.get_secret_value(),
        "CORDBOARD_SSN_KEY": postgres.ssn_key.get_secret_value(),
    }
    return lambda *words: CliRunner().invoke(cli, words, env=environment)


@pytest.fixture
def connect(fresh_database_url: str) -> Iterator[Callable[[], Connection]]:
    """Makes connections that commit at once, to a demo world of this test's own."""
    made: list[Connection] = []

    def connect() -> Connection:
        made.append(psycopg.connect(fresh_database_url, autocommit=True, row_factory=dict_row))
        return made[-1]

    yield connect
    for one in made:
        one.close()


@pytest.fixture
def conn(untouched_database_url: str) -> Iterator[Connection]:
    """A connection to the demo world whose changes are undone."""
    with psycopg.connect(untouched_database_url, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def dial(conn: Connection, database_settings: Settings) -> Dial:
    def dial(dnis: str = "+12025550100", ani: str | None = None) -> SqlCall:
        return SqlCall(conn, database_settings, dnis, ani)

    return dial


@pytest.fixture
def marcus(dial: Dial) -> SqlCall:
    """Marcus Bell calls, and has proved who he is."""
    call = dial("+12025550101")
    assert call.verify("40010002", "900110002") == "VERIFIED"
    return call


@pytest.fixture
def shop(conn: Connection, database_settings: Settings) -> Shop:
    """The shop of the demo world; what is done in it is undone."""
    return Shop(conn, database_settings)


@pytest.fixture
def two(connect: Callable[[], Connection], database_settings: Settings) -> tuple[Shop, Shop]:
    """Two who are in the shop of this test at once."""
    return Shop(connect(), database_settings), Shop(connect(), database_settings)


# --- The web desk in this process: each folder says on which settings (``web_settings``)


@pytest.fixture(scope="session")
def on_redis(database_settings: Settings, stores: Settings) -> Callable[[int], Settings]:
    """Settings of the demo world with a numbered Redis; the running stack uses number 0."""
    server = stores.redis.rpartition("/")[0]
    return lambda number: with_values(database_settings, redis_url=f"{server}/{number}")


@pytest.fixture
def live(web_settings: Settings) -> Iterator[redis.Redis]:
    """The folder's numbered Redis, with nothing in it."""
    with redis.Redis.from_url(web_settings.redis) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def database(database_settings: Settings) -> Iterator[Database]:
    """The shared demo world, which every folder's desk works on."""
    found = Database(database_settings)
    yield found
    found.close()


@pytest.fixture
def make_app(live: redis.Redis, web_settings: Settings) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(**changed: Any) -> Flask:
        made.append(create_app(with_values(web_settings, **changed)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["cordboard"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    made = make_app()
    made.extensions["cordboard"].pool.wait()  # a page would wait a second, and no longer
    return made
