"""Databases for the integration tests, on the PostgreSQL of the stack called ``test``.

``conn`` is what most tests want: the demo world, and everything undone at the end. Tests that need
several connections, or commits, take ``database_url``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from cordboard.settings import Settings, load_settings
from cordboard.stack.up import up
from db.demo import load
from db.migrate import migrate
from support import stack as local

Connection = psycopg.Connection[dict[str, Any]]

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Settings]:
    """Settings of the test stack, of which at least PostgreSQL runs."""
    os.environ.pop("CORDBOARD_PORT_BASE", None)
    settings = up(load_settings(local.INSTANCE), only={"postgres"})
    yield settings
    local.take_down(settings)


@contextmanager
def _new_database(settings: Settings, template: str = "template0") -> Iterator[str]:
    """URL of a database of its own, dropped at the end."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    url = urlsplit(settings.database)
    with psycopg.connect(
        urlunsplit(url._replace(path="/postgres")), autocommit=True, connect_timeout=5
    ) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            yield urlunsplit(url._replace(path=f"/{name}"))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database_url(postgres: Settings) -> Iterator[str]:
    """A database with nothing in it."""
    with _new_database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def database_settings(postgres: Settings) -> Iterator[Settings]:
    """Settings that point at a database with the demo world."""
    with _new_database(postgres) as url:
        settings = postgres.model_copy(update={"database_url": url})
        # Derived values were computed for the old URL.
        settings.__dict__.pop("database", None)
        migrate(settings.database)
        load(settings)
        yield settings


@pytest.fixture(scope="session")
def database_url(database_settings: Settings) -> str:
    """The demo world, shared: what a test commits to it, the others see."""
    return database_settings.database


@pytest.fixture
def fresh_database_url(postgres: Settings, database_url: str) -> Iterator[str]:
    """The demo world again, for one test that commits changes to it."""
    with _new_database(postgres, template=urlsplit(database_url).path[1:]) as url:
        yield url


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
def conn(database_url: str) -> Iterator[Connection]:
    """A connection to the demo world whose changes are undone."""
    with psycopg.connect(database_url, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()
