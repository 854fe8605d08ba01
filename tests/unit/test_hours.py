from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.hours import Holiday, Hours, Schedule, State, from_json, next_opening, status

NEW_YORK = ZoneInfo("America/New_York")
WEEKDAYS = tuple(Hours(day, 9 * 60, 18 * 60) for day in range(5))
ALWAYS = tuple(Hours(day, 0, 1440) for day in range(7))


def schedule(*hours: Hours, **more: Any) -> Schedule:
    return Schedule(NEW_YORK, hours, more.pop("holidays", {}), **more)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK, fold=fold)


def state(of: Schedule, text: str) -> State:
    return status(of, local(text)).state


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T08:59:59", State.CLOSED),
        ("2026-11-23T09:00:00", State.OPEN),
        ("2026-11-23T17:59:59", State.OPEN),
        ("2026-11-23T18:00:00", State.CLOSED),
        ("2026-11-22T12:00:00", State.CLOSED),
    ],
)
def test_office_hours_begin_with_their_first_minute_and_end_before_the_last(
    moment: str, expected: State
) -> None:
    assert state(schedule(*WEEKDAYS), moment) is expected


def test_the_zone_is_the_schedules_own() -> None:
    nine = datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert status(schedule(*WEEKDAYS), nine - timedelta(seconds=1)).state is State.CLOSED
    assert status(schedule(*WEEKDAYS), nine).state is State.OPEN


def test_midnight_at_the_end_of_the_day_is_24_00() -> None:
    late = schedule(Hours(0, 20 * 60, 1440))
    assert state(late, "2026-11-23T23:59:59") is State.OPEN
    assert state(late, "2026-11-24T00:00:00") is State.CLOSED


def test_a_night_shift_runs_into_the_next_day_and_the_next_week() -> None:
    nights = schedule(Hours(6, 22 * 60, 6 * 60))
    assert state(nights, "2026-11-22T21:59:00") is State.CLOSED
    assert state(nights, "2026-11-22T23:00:00") is State.OPEN
    assert state(nights, "2026-11-23T05:59:00") is State.OPEN
    assert state(nights, "2026-11-23T06:00:00") is State.CLOSED


def test_round_the_clock_has_no_gap_at_midnight() -> None:
    for moment in ("2026-11-22T23:59:59", "2026-11-23T00:00:00"):
        assert state(schedule(*ALWAYS), moment) is State.OPEN


def test_no_hours_at_all_is_closed_for_ever() -> None:
    assert state(schedule(), "2026-11-23T12:00:00") is State.CLOSED
    assert next_opening(schedule(), local("2026-11-23T12:00:00")) is None


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_comes_twice_is_open_twice(fold: int) -> None:
    early = schedule(Hours(6, 60, 120))
    assert status(early, local("2026-11-01T01:30:00", fold)).state is State.OPEN


def test_an_opening_that_a_clock_change_skips_moves_forward() -> None:
    early = schedule(Hours(6, 150, 300))
    assert next_opening(early, local("2026-03-08T01:00:00")) == local("2026-03-08T03:30:00")
    assert state(early, "2026-03-08T03:29:59") is State.CLOSED
    assert state(early, "2026-03-08T03:30:00") is State.OPEN


def test_own_holidays_win_over_national_ones() -> None:
    day = date(2026, 12, 25)
    own = schedule(*ALWAYS, country="US", holidays={day: Holiday("Office party", "party")})
    found = status(own, local("2026-12-25T12:00:00"))
    assert (found.state, found.holiday) == (State.HOLIDAY, Holiday("Office party", "party"))


def test_national_holidays_close_the_line_and_are_named() -> None:
    found = status(schedule(*ALWAYS, country="US"), local("2026-12-25T12:00:00"))
    assert found.state is State.HOLIDAY
    assert found.holiday == Holiday("Christmas Day")
    assert state(schedule(*ALWAYS), "2026-12-25T12:00:00") is State.OPEN


def test_a_subdivision_has_its_own_holidays() -> None:
    patriots = "2026-04-20T12:00:00"
    assert state(schedule(*ALWAYS, country="US", subdivision="MA"), patriots) is State.HOLIDAY
    assert state(schedule(*ALWAYS, country="US", subdivision="NY"), patriots) is State.OPEN


def test_an_unknown_country_has_no_holidays() -> None:
    assert state(schedule(*ALWAYS, country="ZZ"), "2026-12-25T12:00:00") is State.OPEN


def test_a_holiday_without_hours_is_still_a_holiday() -> None:
    day = {date(2026, 11, 22): Holiday("Sunday fair")}
    assert state(schedule(*WEEKDAYS, holidays=day), "2026-11-22T12:00:00") is State.HOLIDAY


def test_hours_belong_to_the_day_on_which_they_begin() -> None:
    nights = [Hours(day, 22 * 60, 6 * 60) for day in range(7)]
    christmas = schedule(*nights, holidays={date(2026, 12, 25): Holiday("Christmas")})
    assert state(christmas, "2026-12-25T05:00:00") is State.OPEN
    assert state(christmas, "2026-12-25T12:00:00") is State.HOLIDAY
    assert state(christmas, "2026-12-25T23:00:00") is State.HOLIDAY
    assert state(christmas, "2026-12-26T05:00:00") is State.CLOSED


def test_the_next_opening_passes_weekends_and_holidays() -> None:
    week = schedule(*WEEKDAYS, country="US")
    assert next_opening(week, local("2026-12-24T20:00:00")) == local("2026-12-28T09:00:00")
    assert next_opening(week, local("2026-11-23T08:00:00")) == local("2026-11-23T09:00:00")


def test_a_schedule_is_read_from_the_databases_answer() -> None:
    read = from_json(
        {
            "name": "Office",
            "timezone": "America/New_York",
            "country": None,
            "subdivision": None,
            "hours": [{"weekday": 0, "opens_minute": 540, "closes_minute": 1080}],
            "holidays": [{"day": "2026-11-30", "name": "Founders' Day", "prompt": None}],
        }
    )
    assert state(read, "2026-11-23T09:00:00") is State.OPEN
    assert status(read, local("2026-11-30T09:00:00")).holiday == Holiday("Founders' Day")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"timezone": "Nowhere/City"}, ZoneInfoNotFoundError),
        ({"hours": [{"weekday": 7, "opens_minute": 0, "closes_minute": 60}]}, ValueError),
        ({"hours": [{"weekday": 0, "opens_minute": 1440, "closes_minute": 60}]}, ValueError),
        ({"hours": [{"weekday": 0}]}, KeyError),
        ({"holidays": [{"day": "soon", "name": "x"}]}, ValueError),
    ],
)
def test_a_wrong_schedule_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    right = {"timezone": "UTC", "hours": [], "holidays": []}
    with pytest.raises(error):
        from_json(right | change)


HOURS = st.builds(
    Hours,
    st.integers(min_value=0, max_value=6),
    st.integers(min_value=0, max_value=1439),
    st.integers(min_value=0, max_value=1440),
)
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),
    max_value=datetime(2028, 1, 1),
    timezones=st.just(UTC),
)


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(st.lists(HOURS, min_size=1, max_size=5), MOMENTS)
def test_the_line_is_open_at_its_next_opening_and_not_before(
    rows: list[Hours], now: datetime
) -> None:
    plan = schedule(*rows)
    opening = next_opening(plan, now)
    assert opening is not None
    assert opening >= now
    assert status(plan, opening).state is State.OPEN
    if opening > now:
        assert status(plan, now).state is State.CLOSED
        assert status(plan, opening - timedelta(seconds=1)).state is State.CLOSED
