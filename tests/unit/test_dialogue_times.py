"""A time of day keyed on a telephone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cordboard.orders.dialogue.times import moments

CHICAGO = ZoneInfo("America/Chicago")
#: Half past eight in the morning.
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)


def read(digits: str, days: int = 1, now: datetime = NOW) -> list[str]:
    return [f"{at:%a %H:%M}" for at in moments(digits, days, now, CHICAGO)]


@pytest.mark.parametrize(
    ("digits", "meant"),
    [
        ("830", ["Thu 08:30", "Thu 20:30"]),
        ("8", ["Thu 08:00", "Thu 20:00"]),
        ("0830", ["Thu 08:30"]),
        ("08", ["Thu 08:00"]),
        ("2030", ["Thu 20:30"]),
        ("20", ["Thu 20:00"]),
        ("1230", ["Thu 00:30", "Thu 12:30"]),
        ("0000", ["Thu 00:00"]),
        ("1315", ["Thu 13:15"]),
    ],
)
def test_what_keys_mean(digits: str, meant: list[str]) -> None:
    assert read(digits) == meant


@pytest.mark.parametrize("digits", ["", "24", "2400", "860", "99999", "*1", "8:30"])
def test_what_is_no_time(digits: str) -> None:
    assert read(digits) == []


def test_what_is_past_is_not_meant() -> None:
    assert read("830", days=0) == ["Wed 20:30"]
    assert read("0700", days=0) == []


def test_a_time_that_the_clocks_skip() -> None:
    before = datetime(2026, 3, 7, 18, 0, tzinfo=UTC)
    assert read("230", now=before) == ["Sun 14:30"]
