"""The order pages in this process, on a numbered Redis database of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from cordboard.settings import Settings
from support.database import Database
from support.order_browser import OrderBrowser, new_client
from support.web import with_values


@pytest.fixture(scope="session")
def web_settings(on_redis: Callable[[int], Settings]) -> Settings:
    return with_values(on_redis(9), payment_provider="test")


@pytest.fixture(autouse=True)
def leaves_room(database: Database) -> Iterator[None]:
    """What a test placed is over after it: a location takes so many orders, and no more."""
    before = database.value("SELECT clock_timestamp()")
    yield
    # Not as a person cancels it: what was paid would have to be paid back.
    database.connection.execute(
        "UPDATE sales_order SET state = 'cancelled', ended_at = now()"
        " WHERE state IN ('placed', 'accepted') AND created_at >= %s",
        [before],
    )


@pytest.fixture
def tess(database: Database) -> int:
    """A client who has ordered nothing yet."""
    return new_client(database)


@pytest.fixture
def new_browser(
    app: Flask, web_settings: Settings, database: Database
) -> Callable[[], OrderBrowser]:
    return lambda: OrderBrowser(app, web_settings, database)


@pytest.fixture
def browser(new_browser: Callable[[], OrderBrowser], tess: int) -> OrderBrowser:
    """Linked to Tess."""
    return new_browser().link(tess)
