"""The visitors' pages in this process, on a numbered Redis database of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask

from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.database import Database
from support.scene import Scene
from support.talk_browser import Browser
from support.web import with_values
from webdesk import create_app

REDIS_NUMBER = 8


@pytest.fixture(scope="session")
def talk_settings(database_settings: Settings, stores: Settings) -> Settings:
    url = stores.redis.rpartition("/")[0] + f"/{REDIS_NUMBER}"
    return with_values(database_settings, redis_url=url)


@pytest.fixture
def live(talk_settings: Settings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(talk_settings.redis) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def database(talk_settings: Settings) -> Iterator[Database]:
    found = Database(talk_settings)
    yield found
    found.close()


@pytest.fixture
def app(live: redis.Redis, talk_settings: Settings) -> Iterator[Flask]:
    made = create_app(talk_settings)
    yield made
    made.extensions["cordboard"].close()


@pytest.fixture
def gus(talk_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    """An agent of the shop who is on duty."""
    scene = Scene(talk_settings, live, database, "gus").sit_down()
    scene.happen(Event.LOG_IN, reason="log_in")
    return scene


@pytest.fixture
def new_browser(app: Flask, talk_settings: Settings, gus: Scene) -> Callable[[], Browser]:
    return lambda: Browser(app, talk_settings)


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()
