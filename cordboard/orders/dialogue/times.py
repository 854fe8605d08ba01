"""A time of day keyed on a telephone: which moments it can mean."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cordboard.wall_clock import SkippedTime, moment_of

#: An order may be for today and so many days after, less one.
MOST_DAYS = 7
#: Hours and minutes.
LONGEST_CLOCK = 4
_CLOCK = re.compile(r"([0-9]{1,2})([0-5][0-9])?")


def moments(digits: str, days: int, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """What these keys can mean on the day ``days`` ahead, earliest first, nothing that is past.

    ``830`` is either half past eight; ``0830`` and ``2030`` are one of them. Empty: it is no time
    of that day (any more).
    """
    today = now.astimezone(zone).date()
    day = today + timedelta(days)
    found = []
    for hour, minute in _readings(digits):
        try:
            at = moment_of(datetime.combine(day, time(hour, minute)), zone)
        except SkippedTime:
            continue
        if at > now:
            found.append(at.astimezone(zone))
    return found


def _readings(digits: str) -> list[tuple[int, int]]:
    match = _CLOCK.fullmatch(digits)
    if not match:
        return []
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > 23:
        return []
    if hour == 0 or hour > 12 or match[1].startswith("0"):
        return [(hour, minute)]
    return [(hour % 12, minute), (hour % 12 + 12, minute)]
