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
from webdesk import create_app

#: The running app and desk use number 0.
REDIS_NUMBER = 8

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="session")
def api_settings(database_settings: Settings, stores: Settings) -> Settings:
    return with_values(
        database_settings, redis_url=stores.redis.rpartition("/")[0] + f"/{REDIS_NUMBER}"
    )


def with_values(settings: Settings, **changed: Any) -> Settings:
    """A copy; values computed from the old ones are forgotten."""
    copy = settings.model_copy(update=changed)
    for name in ("database", "redis", "web"):
        copy.__dict__.pop(name, None)
    return copy


@pytest.fixture
def live(api_settings: Settings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(api_settings.redis, decode_responses=True) as client:
        client.flushdb()
        yield client


@pytest.fixture
def make_app(live: redis.Redis, api_settings: Settings) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(**changed: Any) -> Flask:
        made.append(create_app(with_values(api_settings, **changed)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["cordboard"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def api(app: Flask) -> Api:
    """Corner Pantry's own server."""
    return Api(app)


@pytest.fixture
def db(api_settings: Settings) -> Iterator[Connection]:
    with psycopg.connect(api_settings.database, autocommit=True, row_factory=dict_row) as conn:
        yield conn
