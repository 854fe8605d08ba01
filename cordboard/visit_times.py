"""When a visitor wants to be called: what was typed becomes a moment, moments are offered. No I/O.

A visitor types wall-clock time of the own zone. A time that a clock change skips does not exist and
is refused; one that it repeats means the first. The company's hours are in the company's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cordboard.hours import Schedule, State, next_opening, status
from cordboard.wall_clock import SkippedTime, moment_of

#: Furthest ahead that a call can be asked for, days: so far the holidays of a schedule are known.
FURTHEST_DAYS = 30
#: Least time until an offered call, so that it is not over when it is chosen.
SOONEST = timedelta(minutes=1)
#: Distance of offered times.
STEP = timedelta(minutes=30)
#: Without opening hours times are offered between these, in the visitor's zone.
DAYTIME = (time(9), time(20))


class WantedTimeError(ValueError):
    """The time that was asked for is none at which we can call; ``code`` says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def zone_or(name: str, fallback: str) -> ZoneInfo:
    """The zone that a browser named; the fallback when there is none of that name."""
    for tried in (name, fallback):
        try:
            return ZoneInfo(tried)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def read_wanted(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment, in UTC, of what a ``datetime-local`` field holds.

    Raises:
        WantedTimeError: ``not_a_time``, ``skipped`` by a clock change, ``past`` or ``too_far``.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None:
        raise WantedTimeError("not_a_time", "Choose a day and a time.")
    try:
        return _within_reach(moment_of(wall, zone), now)
    except OverflowError:
        raise WantedTimeError("not_a_time", "Choose a day and a time.") from None
    except SkippedTime as error:
        raise WantedTimeError("skipped", f"{error} Choose another one.") from None


def read_offered(text: str, now: datetime) -> datetime:
    """The moment, in UTC, of an offer of :func:`offers`, whose button sends it as ISO 8601.

    Raises:
        WantedTimeError: as for :func:`read_wanted`.
    """
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WantedTimeError("not_a_time", "Choose a day and a time.") from None
    return _within_reach(moment, now)


def _within_reach(moment: datetime, now: datetime) -> datetime:
    if moment < now:
        raise WantedTimeError("past", "That time is over. Choose a later one.")
    if moment > now + timedelta(days=FURTHEST_DAYS):
        raise WantedTimeError(
            "too_far", f"That is more than {FURTHEST_DAYS} days ahead. Choose an earlier time."
        )
    return moment


def check_hours(schedule: Schedule | None, moment: datetime) -> None:
    """Refuse a time at which the company is closed.

    Raises:
        WantedTimeError: ``closed`` or ``holiday``.
    """
    found = status(schedule, moment) if schedule else None
    if found is None or found.state is State.OPEN:
        return
    if found.holiday:
        raise WantedTimeError("holiday", f"We are closed then: {found.holiday.name}.")
    raise WantedTimeError("closed", "We are closed at that time.")


def offers(schedule: Schedule | None, zone: ZoneInfo, after: datetime) -> list[datetime]:
    """Up to three times at which we can call: the next, one two hours later, one on another day.

    Args:
        schedule: the company's hours; None is open at any time.
        zone: the visitor's.
        after: no offer is before this.
    """
    chosen: list[datetime] = []
    for moment in _steps(schedule, zone, after):
        if not chosen or _is_apart(moment, chosen, zone):
            chosen.append(moment)
        if len(chosen) == 3:
            break
    return chosen


def _is_apart(moment: datetime, chosen: list[datetime], zone: ZoneInfo) -> bool:
    if len(chosen) == 1:
        return moment - chosen[0] >= timedelta(hours=2)
    return moment.astimezone(zone).date() > chosen[-1].astimezone(zone).date()


def _steps(schedule: Schedule | None, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    until = after.astimezone(UTC) + timedelta(days=FURTHEST_DAYS)
    moment = _round_up(after + SOONEST)
    while moment <= until:
        if schedule is None:
            if DAYTIME[0] <= moment.astimezone(zone).time() < DAYTIME[1]:
                yield moment
        elif status(schedule, moment).state is State.OPEN:
            yield moment
        elif opening := next_opening(schedule, moment):
            moment = _round_up(opening) - STEP
        else:
            return
        moment += STEP


def _round_up(moment: datetime) -> datetime:
    step = STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // step) * step, UTC)


def say(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment as one says it in a zone: "today at 3:00 PM", "Monday, November 30 at 9:00 AM"."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local:%I:%M %p}".lstrip("0")
    days = (local.date() - today).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'tomorrow'} at {clock}"
    return f"{local:%A, %B} {local.day} at {clock}"
