"""Calling hours: wall clocks of several zones, midnight, and the days when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.calling_hours import MINUTE, CallingHours, allowed, next_allowed

NEW_YORK = ZoneInfo("America/New_York")
HONOLULU = ZoneInfo("Pacific/Honolulu")
#: Clocks that move by half an hour, at midnight, by odd offsets, or never.
ZONES = [
    NEW_YORK,
    HONOLULU,
    *map(ZoneInfo, ("America/Chicago", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata")),
    *map(ZoneInfo, ("America/Havana", "Asia/Beirut", "Pacific/Auckland")),
]
DAY = CallingHours(8 * 60, 21 * 60)


def at(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("wall", "right"),
    [
        ("2026-05-05T07:59:59", False),
        ("2026-05-05T08:00:00", True),
        ("2026-05-05T20:59:59", True),
        ("2026-05-05T21:00:00", False),
        ("2026-05-05T00:00:00", False),
    ],
)
def test_from_the_first_minute_to_before_the_last(wall: str, right: bool) -> None:
    assert allowed(DAY, NEW_YORK, at(wall)) is right


def test_until_midnight_is_the_end_of_the_day() -> None:
    late = CallingHours(20 * 60, 1440)
    assert allowed(late, NEW_YORK, at("2026-05-05T23:59:59"))
    assert not allowed(late, NEW_YORK, at("2026-05-06T00:00:00"))
    assert next_allowed(late, [NEW_YORK], at("2026-05-06T00:00:00")) == at("2026-05-06T20:00:00")
    assert str(late) == "20:00 to 24:00"


def test_next_is_now_when_now_is_allowed() -> None:
    now = at("2026-05-05T12:34:56")
    assert next_allowed(DAY, [NEW_YORK], now) == now


def test_all_zones_must_allow() -> None:
    morning = at("2026-05-05T09:00:00")  # in Honolulu it is 3 o'clock
    assert next_allowed(DAY, [NEW_YORK], morning) == morning
    assert next_allowed(DAY, [NEW_YORK, HONOLULU], morning) == at("2026-05-05T14:00:00")
    evening = at("2026-05-05T21:30:00")
    assert next_allowed(DAY, [NEW_YORK, HONOLULU], evening) == at("2026-05-06T14:00:00")


def test_zones_that_never_agree() -> None:
    morning = CallingHours(8 * 60, 9 * 60)
    assert next_allowed(morning, [NEW_YORK, HONOLULU], at("2026-05-05T08:30:00")) is None


def test_an_hour_that_comes_twice_counts_twice() -> None:
    hours = CallingHours(90, 120)  # 01:30 to 02:00, on the night of 1 November 2026 twice
    first, second = at("2026-11-01T01:30:00"), at("2026-11-01T01:30:00", fold=1)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert allowed(hours, NEW_YORK, first)
    assert allowed(hours, NEW_YORK, second)
    between = at("2026-11-01T01:05:00", fold=1)
    assert not allowed(hours, NEW_YORK, between)
    assert next_allowed(hours, [NEW_YORK], between) == second.astimezone(UTC)


def test_a_beginning_that_is_skipped_is_when_the_clocks_go_on() -> None:
    hours = CallingHours(150, 300)  # 02:30 to 05:00; on 8 March 2026 clocks go from 02:00 to 03:00
    found = next_allowed(hours, [NEW_YORK], at("2026-03-08T01:00:00"))
    assert found == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_hours_that_are_skipped_whole_are_those_of_the_next_day() -> None:
    hours = CallingHours(130, 150)  # 02:10 to 02:30
    found = next_allowed(hours, [NEW_YORK], at("2026-03-08T01:00:00"))
    assert found == at("2026-03-09T02:10:00").astimezone(UTC)


def test_clocks_that_are_put_back_into_the_hours_begin_them_again() -> None:
    """At 06:00 UTC clocks in New York show 01:00 a second time, while Chicago shows 01:00 first."""
    zones = [ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")]
    found = next_allowed(CallingHours(1, 61), zones, datetime(2026, 11, 1, tzinfo=UTC))
    assert found == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


#: Minutes around clock changes of 2026 and on ordinary days.
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.builds(
        lambda day, minutes: day + timedelta(minutes=minutes),
        st.sampled_from(
            [datetime(2026, *day) for day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))]
        ),
        st.integers(-600, 2000),
    ),
)
WINDOWS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda w: w[0] < w[1])


@settings(deadline=None)  # a busy machine is no failure
@given(now=MOMENTS, window=WINDOWS, zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3))
def test_the_next_is_allowed_everywhere_and_no_minute_before_it_is(
    now: datetime, window: tuple[int, int], zones: list[ZoneInfo]
) -> None:
    hours, now = CallingHours(*window), now.replace(tzinfo=UTC)
    found = next_allowed(hours, zones, now)
    end = found or now + timedelta(days=3)
    assert found is None or all(allowed(hours, zone, found) for zone in zones)
    # Every minute on the clocks between: none of them would have done.
    minute = now
    for _ in range(3 * 1440):
        if minute >= end:
            break
        assert not all(allowed(hours, zone, minute) for zone in zones)
        minute = minute.replace(second=0, microsecond=0) + MINUTE
