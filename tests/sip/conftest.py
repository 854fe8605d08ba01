"""What telephone tests of the order line share."""

from __future__ import annotations

import pytest

from support.regulars import Shop
from support.world import Given


@pytest.fixture
def shop(given: Given) -> Shop:
    """The shop that regular customers call."""
    return Shop(given)
