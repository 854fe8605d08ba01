"""The visitors' pages in this process, on a numbered Redis database of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from flask import Flask

from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.database import Database
from support.scene import Scene
from support.talk_browser import Browser


@pytest.fixture(scope="session")
def web_settings(on_redis: Callable[[int], Settings]) -> Settings:
    return on_redis(8)


@pytest.fixture
def gus(web_settings: Settings, live: redis.Redis, database: Database) -> Scene:
    """An agent of the shop who is on duty."""
    scene = Scene(web_settings, live, database, "gus").sit_down()
    scene.happen(Event.LOG_IN, reason="log_in")
    return scene


@pytest.fixture
def new_browser(app: Flask, web_settings: Settings, gus: Scene) -> Callable[[], Browser]:
    return lambda: Browser(app, web_settings)


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()
