"""The web desk in this process, on its own database and its own numbered Redis database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from flask import Flask

from cordboard.settings import Settings
from support.database import Database
from support.scene import Scene
from support.web import Web


@pytest.fixture(scope="session")
def web_settings(on_redis: Callable[[int], Settings]) -> Settings:
    return on_redis(7)


@pytest.fixture
def web(app: Flask) -> Web:
    return Web(app)


@pytest.fixture
def ava(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "ava").sit_down()


@pytest.fixture
def ben(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    return Scene(web_settings, live, database, "ben").sit_down()
