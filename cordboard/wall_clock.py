"""Moments as people write them: ISO 8601, with an offset, or as clocks of some zone show them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: Years that are answered for: calendars of zones and sums of days hold there.
YEARS = range(2000, 2101)


class SkippedTime(ValueError):
    """A time that clocks do not show, because they are put forward then."""

    def __init__(self) -> None:
        super().__init__("That time does not exist: the clocks are put forward then.")


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When, in UTC, clocks in ``zone`` first show ``wall``, a naive time.

    Raises:
        SkippedTime: they never do.
        OverflowError: that is before the first year, or after the last.
    """
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        raise SkippedTime
    return moment


def known_year(moment: datetime) -> datetime:
    """The same moment.

    Raises:
        ValueError: its year is not one of :data:`YEARS`.
    """
    if moment.year not in YEARS:
        raise ValueError(f"Choose a time in the years {YEARS[0]} to {YEARS[-1]}.")
    return moment


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment, in UTC; without an offset it is what clocks in ``zone`` show, the first time.

    Raises:
        ValueError: it is no time, clocks skip it, or its year is not known; the message says which.
    """
    try:
        given = datetime.fromisoformat(text.strip())
        moment = given.astimezone(UTC) if given.tzinfo else moment_of(given, zone)
    except SkippedTime:
        raise
    except (ValueError, OverflowError):
        raise ValueError("This is not a time. Write it like 2026-11-30T09:00.") from None
    return known_year(moment)


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """``Monday, November 30, 2026, 07:00 (America/Chicago)``: what clocks in ``zone`` show."""
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}, {local:%Y, %H:%M} ({zone.key})"
