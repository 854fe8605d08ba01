"""The public API in this process, on a database of its own and a numbered Redis database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from psycopg.rows import dict_row

from cordboard.settings import Settings
from support.api import Api

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="session")
def web_settings(on_redis: Callable[[int], Settings]) -> Settings:
    return on_redis(9)


@pytest.fixture
def live(web_settings: Settings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(web_settings.redis, decode_responses=True) as client:
        client.flushdb()
        yield client


@pytest.fixture
def api(app: Flask) -> Api:
    """Corner Pantry's own server."""
    return Api(app)


@pytest.fixture
def db(web_settings: Settings) -> Iterator[Connection]:
    with psycopg.connect(web_settings.database, autocommit=True, row_factory=dict_row) as conn:
        yield conn
