"""Moments as people write them: ISO 8601, with an offset, or as clocks of some zone show them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment, in UTC; without an offset it is what clocks in ``zone`` show, the first time.

    Raises:
        ValueError: it is no time, or clocks skip it; the message says which.
    """
    try:
        given = datetime.fromisoformat(text.strip())
        moment = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("This is not a time. Write it like 2026-11-30T09:00.") from None
    if given.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != given:
        raise ValueError("That time does not exist: the clocks are put forward then.")
    return moment
