"""The web desk in this process, on its own database and its own numbered Redis database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask

from cordboard.settings import Settings
from support.database import Database
from support.scene import Scene
from support.web import Web, with_values
from webdesk import create_app

#: The running app and desk use number 0.
REDIS_NUMBER = 7


@pytest.fixture(scope="session")
def web_settings(database_settings: Settings, stores: Settings) -> Settings:
    url = stores.redis.rpartition("/")[0] + f"/{REDIS_NUMBER}"
    return with_values(database_settings, redis_url=url)


@pytest.fixture
def live(web_settings: Settings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(web_settings.redis) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def database(web_settings: Settings) -> Iterator[Database]:
    found = Database(web_settings)
    yield found
    found.close()


@pytest.fixture
def make_app(live: redis.Redis, web_settings: Settings) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(**changed: str) -> Flask:
        made.append(create_app(with_values(web_settings, **changed)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["cordboard"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def web(app: Flask) -> Web:
    return Web(app)


@pytest.fixture
def ava(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "ava").sit_down()


@pytest.fixture
def ben(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "ben").sit_down()
