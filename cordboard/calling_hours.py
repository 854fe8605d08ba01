"""At which hours of the called party's day a number may be dialled.

Hours are what clocks show there. When the clocks are put back, the hour that comes twice counts
twice; a beginning that is skipped moves to the moment at which the clocks go on. A number that may
be in several zones is dialled only while it is allowed in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)

#: When zones disagree for so many moves, they do so every day.
_MOST_MOVES = 400


@dataclass(frozen=True, slots=True)
class CallingHours:
    """From one minute after midnight until another (1440 is midnight at the end of the day)."""

    from_minute: int
    until_minute: int

    def __str__(self) -> str:
        return f"{clock(self.from_minute)} to {clock(self.until_minute)}"


def clock(minute: int) -> str:
    """Minutes after midnight as clocks show them: 08:00; 24:00 is the end of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def allowed(hours: CallingHours, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the clocks of ``zone`` show an hour at which people may be called."""
    wall = now.astimezone(zone)
    return hours.from_minute <= wall.hour * 60 + wall.minute < hours.until_minute


def next_allowed(hours: CallingHours, zones: Sequence[ZoneInfo], now: datetime) -> datetime | None:
    """The first moment from ``now`` on (UTC) that is allowed in all zones; None when none is."""
    moment = now.astimezone(UTC)
    for _ in range(_MOST_MOVES):
        closed = [zone for zone in zones if not allowed(hours, zone, moment)]
        if not closed:
            return moment
        moment = max(_next_beginning(hours, zone, moment) for zone in closed)
    return None


def _next_beginning(hours: CallingHours, zone: ZoneInfo, now: datetime) -> datetime:
    """When calling is allowed in ``zone`` next, while it is not."""
    return min(at for at in _beginnings(hours, zone, now) if at > now and allowed(hours, zone, at))


def _beginnings(hours: CallingHours, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Moments at which calling may begin: clocks show the beginning, or are put back into it."""
    midnight = datetime.combine(now.astimezone(zone).date(), time.min)
    for day in range(4):
        yield from _change(zone, midnight + timedelta(days=day))
        wall = midnight + timedelta(days=day, minutes=hours.from_minute)
        first, last = sorted(wall.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (0, 1))
        # Two moments when the clocks change about then: the one looked for is among those between.
        for minute in range((last - first) // MINUTE + 1):
            yield first + minute * MINUTE


def _change(zone: ZoneInfo, midnight: datetime) -> Iterator[datetime]:
    """The moment of this day at which clocks are put forward or back, if they are."""
    before = midnight.replace(tzinfo=zone).astimezone(UTC)
    after = (midnight + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    if _offset(zone, before) == _offset(zone, after):
        return
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    yield after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
