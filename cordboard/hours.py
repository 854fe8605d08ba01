"""When a line is open: weekly hours, the schedule's own holidays, national holidays.

Hours are wall-clock time in the schedule's zone. An hour that a clock change repeats counts twice;
a time that it skips moves forward by the hour skipped, as an alarm clock's would. Hours belong to
the day on which they begin: a night shift of 22:00 to 06:00 that begins on an ordinary day runs on
into a holiday, and one that would begin on a holiday does not take place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

MINUTES_A_DAY = 1440

#: How far ahead an opening is looked for: a year, and a week for a holiday on the last of it.
HORIZON_DAYS = 373


class State(Enum):
    """What a line is at one moment."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    HOLIDAY = "HOLIDAY"


@dataclass(frozen=True)
class Holiday:
    """A day without hours; ``prompt`` names its announcement, empty for the usual one."""

    name: str
    prompt: str = ""


@dataclass(frozen=True)
class Status:
    """The state, and which holiday it is when it is one."""

    state: State
    holiday: Holiday | None = None


@dataclass(frozen=True)
class Hours:
    """Open from one minute of a weekday (0 is Monday) to another.

    ``closes`` 1440 is midnight at the end of that day; at or before ``opens`` means the day after.
    """

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday {self.weekday} is not 0 (Monday) to 6")
        if not (0 <= self.opens < MINUTES_A_DAY and 0 <= self.closes <= MINUTES_A_DAY):
            raise ValueError(f"hours {self.opens} to {self.closes} are not minutes of a day")


@dataclass(frozen=True)
class Schedule:
    """The opening rules of a line; ``country`` (ISO 3166) adds its national holidays."""

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    holidays: Mapping[date, Holiday]
    country: str | None = None
    subdivision: str | None = None

    def holiday(self, day: date) -> Holiday | None:
        """The holiday on ``day``; the schedule's own rows win over the national calendar."""
        own = self.holidays.get(day)
        if own or not self.country:
            return own
        name = _national(self.country, self.subdivision, day.year).get(day)
        return Holiday(name) if name else None


def from_json(data: Mapping[str, Any]) -> Schedule:
    """A schedule from what the database answers.

    ``{"timezone": "America/New_York", "country": "US"|null, "subdivision": "NY"|null,
    "hours": [{"weekday", "opens_minute", "closes_minute"}, …],
    "holidays": [{"day": "2026-12-24", "name", "prompt": null|…}, …]}``

    Raises:
        KeyError, ValueError, ZoneInfoNotFoundError: it is not of this form.
    """
    return Schedule(
        zone=ZoneInfo(data["timezone"]),
        hours=tuple(
            Hours(h["weekday"], h["opens_minute"], h["closes_minute"]) for h in data["hours"]
        ),
        holidays={
            date.fromisoformat(h["day"]): Holiday(h["name"], h.get("prompt") or "")
            for h in data["holidays"]
        },
        country=data.get("country"),
        subdivision=data.get("subdivision"),
    )


def status(schedule: Schedule, now: datetime) -> Status:
    """What the line is at ``now``, an aware time."""
    today = now.astimezone(schedule.zone).date()
    for day in (today, today - timedelta(days=1)):
        if any(begin <= now < end for begin, end in _shifts(schedule, day)):
            return Status(State.OPEN)
    holiday = schedule.holiday(today)
    return Status(State.HOLIDAY, holiday) if holiday else Status(State.CLOSED)


def next_opening(schedule: Schedule, now: datetime) -> datetime | None:
    """When the line opens next, in its zone: ``now`` when it is open, None when not in a year."""
    if status(schedule, now).state is State.OPEN:
        return now.astimezone(schedule.zone)
    today = now.astimezone(schedule.zone).date()
    for day in (today + timedelta(days=n) for n in range(HORIZON_DAYS)):
        later = [begin for begin, end in _shifts(schedule, day) if now < begin < end]
        if later:
            return min(later).astimezone(schedule.zone)
    return None


def _shifts(schedule: Schedule, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of the hours that begin on ``day``."""
    rows = [row for row in schedule.hours if row.weekday == day.weekday()]
    if not rows or schedule.holiday(day):
        return
    midnight = datetime.combine(day, time.min)
    for row in rows:
        length = row.closes - row.opens
        if length <= 0:
            length += MINUTES_A_DAY
        begin = midnight + timedelta(minutes=row.opens)
        end = begin + timedelta(minutes=length)
        yield _moment(schedule.zone, begin), _moment(schedule.zone, end)


def _moment(zone: ZoneInfo, wall: datetime) -> datetime:
    """When clocks in ``zone`` first show ``wall``; by way of UTC, so that such a time exists.

    Times of one zone would be compared, and subtracted, by what clocks show.
    """
    return wall.replace(tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _national(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """National holidays of one year; none for a country that the calendar does not know."""
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=year)
    except NotImplementedError:
        return {}
    return dict(found.items())
