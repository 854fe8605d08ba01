"""A demo world of each test's own, in which strategies are built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from cordboard.settings import Settings
from db.migrate import migrate
from db.offer_sync import move
from support.web import with_values

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def settings(postgres: Settings, fresh_database_url: str) -> Settings:
    return with_values(postgres, database_url=fresh_database_url)


@pytest.fixture
def world(settings: Settings) -> Iterator[Connection]:
    """The demo world, of this test alone."""
    with psycopg.connect(settings.database, autocommit=True, row_factory=dict_row) as conn:
        yield conn


@pytest.fixture
def split(settings: Settings, world: Connection, empty_database_url: str) -> Settings:
    """The offers of that world have moved to a database of their own."""
    migrate(empty_database_url)
    split = with_values(settings, offers_database_url=empty_database_url)
    move(split)
    return split


@pytest.fixture
def offers(split: Settings) -> Iterator[Connection]:
    """Where the offers are."""
    with psycopg.connect(split.offers_database, autocommit=True, row_factory=dict_row) as conn:
        yield conn
