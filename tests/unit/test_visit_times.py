"""What a visitor types as a time: past, skipped by a clock change, closed, and what is offered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.hours import Holiday, Hours, Schedule, State, status
from cordboard.visit_times import (
    WantedTimeError,
    check_hours,
    offers,
    read_offered,
    read_wanted,
    say,
    zone_or,
)

NEW_YORK = ZoneInfo("America/New_York")
SHOP = Schedule(
    zone=NEW_YORK,
    hours=tuple(Hours(day, 9 * 60, 17 * 60) for day in range(5)),
    holidays={date(2026, 11, 26): Holiday("Thanksgiving")},
)
#: A Wednesday, 10:00 in New York.
NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


def refusal(text: str, now: datetime = NOW) -> str:
    with pytest.raises(WantedTimeError) as caught:
        read_wanted(text, NEW_YORK, now)
    return caught.value.code


def test_wall_clock_time_of_the_zone() -> None:
    wanted = read_wanted("2026-11-25T15:30", NEW_YORK, NOW)
    assert wanted == datetime(2026, 11, 25, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01T10:00", "2026-11-25T15:30+00:00", "0001-01-01T00:00", "9" * 99]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert refusal(text) in ("not_a_time", "past")


def test_the_past_and_the_far_future_are_refused() -> None:
    assert refusal("2026-11-25T09:59") == "past"
    assert refusal("2026-12-26T10:00") == "too_far"
    assert refusal("9999-12-31T23:59") in ("too_far", "not_a_time")


def test_a_time_that_the_clocks_skip_does_not_exist() -> None:
    before = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert refusal("2027-03-14T02:30", before) == "skipped"
    assert read_wanted("2027-03-14T03:00", NEW_YORK, before) == datetime(2027, 3, 14, 7, tzinfo=UTC)


def test_of_a_time_that_the_clocks_repeat_it_is_the_first() -> None:
    before = datetime(2026, 10, 31, 12, tzinfo=UTC)
    wanted = read_wanted("2026-11-01T01:30", NEW_YORK, before)
    assert wanted == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_closed_hours_and_holidays_are_named() -> None:
    check_hours(SHOP, NOW)
    check_hours(None, NOW)
    with pytest.raises(WantedTimeError) as closed:
        check_hours(SHOP, NOW + timedelta(hours=9))
    assert closed.value.code == "closed"
    with pytest.raises(WantedTimeError, match="Thanksgiving"):
        check_hours(SHOP, NOW + timedelta(days=1))


def test_offers_are_the_next_opening_one_later_and_another_day() -> None:
    found = offers(SHOP, NEW_YORK, NOW + timedelta(hours=9))
    friday = datetime(2026, 11, 27, 14, tzinfo=UTC)
    monday = datetime(2026, 11, 30, 14, tzinfo=UTC)
    assert found == [friday, friday + timedelta(hours=2), monday]


def test_a_company_that_never_opens_offers_nothing() -> None:
    assert offers(Schedule(NEW_YORK, (), {}), NEW_YORK, NOW) == []


@given(st.integers(0, 60 * 24 * 400))
def test_every_offer_can_be_taken(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    for moment in offers(SHOP, NEW_YORK, now):
        assert read_offered(moment.isoformat(), now) == moment
        assert status(SHOP, moment).state is State.OPEN


def test_an_offer_of_yesterday_is_refused() -> None:
    with pytest.raises(WantedTimeError):
        read_offered("2026-11-24T10:00:00+00:00", NOW)
    with pytest.raises(WantedTimeError):
        read_offered("x", NOW)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, "today at 11:00 AM"),
        (24, "tomorrow at 10:00 AM"),
        (72, "Saturday, November 28 at 10:00 AM"),
    ],
)
def test_a_moment_is_said_as_people_say_it(hours: int, said: str) -> None:
    assert say(NOW + timedelta(hours=hours), NEW_YORK, NOW) == said


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../../etc/passwd", "a" * 300, "\0"])
def test_an_unknown_zone_is_the_companys(name: str) -> None:
    assert zone_or(name, "America/New_York") == NEW_YORK
