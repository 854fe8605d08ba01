"""Marks by folder, and the running stack for the tests that ask for it.

``unit`` needs nothing; ``integration``, ``sip`` and ``browser`` use the stack called ``test``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis

from cordboard.settings import Settings
from support import stack as local
from support.database import Database
from support.world import Given

HERE = Path(__file__).parent
KINDS = ("unit", "integration", "sip", "browser")

# A busy machine is no failure.
hypothesis.settings.register_profile("cordboard", deadline=None)
hypothesis.settings.load_profile("cordboard")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)
    # The quick ones first: a slip shows at once.
    items.sort(key=lambda item: KINDS.index(item.path.relative_to(HERE).parts[0]))


@pytest.fixture(scope="session")
def stores() -> Iterator[Settings]:
    """Settings of the test stack, of which PostgreSQL and Redis run."""
    settings = local.bring_up(local.STORES)
    yield settings
    local.take_down(settings)


@pytest.fixture(scope="session")
def stack(stores: Settings) -> Settings:
    """Settings of the whole running test stack."""
    return local.bring_up()


@pytest.fixture(scope="session")
def database(stack: Settings) -> Iterator[Database]:
    found = Database(stack)
    found.end_callbacks()
    yield found
    found.close()


@pytest.fixture(scope="session")
def live(stack: Settings) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(stack.redis)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def leaves_nothing_to_do(request: pytest.FixtureRequest) -> Iterator[None]:
    """On the running stack a test ends what it began: else later ones find it in their lists."""
    if request.node.get_closest_marker("sip") or request.node.get_closest_marker("browser"):
        database: Database = request.getfixturevalue("database")
        before = database.unfinished()
        yield
        assert database.unfinished() - before == set()
    else:
        yield


@pytest.fixture
def given(stack: Settings, database: Database, live: redis.Redis) -> Iterator[Given]:
    """Callers, agents and settings of one test."""
    world = Given(stack, database, live)
    yield world
    world.undo()
