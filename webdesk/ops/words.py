"""Times, amounts and lists as people type them, and back. No I/O."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

import phonenumbers

#: Longest time between two attempts: a week.
LONGEST_S = 7 * 86400
#: Most times in a list: there are ten attempts at most.
MOST_SPANS = 10

_UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([0-9]{1,6})\s*(s|sec|min|m|h|d)")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def words(text: str) -> list[str]:
    """The words of a text, parted by spaces, commas or lines; each once, in order.

    >>> words("US, CA  US")
    ['US', 'CA']
    """
    return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text))))


def read_regions(text: str) -> list[str]:
    """ISO 3166 regions, each one that has telephone numbers.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    regions = [word.upper() for word in words(text)]
    unknown = [r for r in regions if r not in phonenumbers.SUPPORTED_REGIONS]
    if unknown:
        raise ValueError(f"Not a region of two letters: {', '.join(unknown[:5])}. Write US or CA.")
    return regions


def read_spans(text: str) -> list[int]:
    """Times as ``60 s, 5 min, 1 h``, in seconds.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    spans = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if not found:
            raise ValueError(f"“{part[:40]}” is no time. Write 60 s, 5 min, 1 h, with commas.")
        span = int(found[1]) * _UNITS[found[2]]
        if not 0 < span <= LONGEST_S:
            raise ValueError(f"“{part}”: from 1 s to 7 d.")
        spans.append(span)
    if not 1 <= len(spans) <= MOST_SPANS:
        raise ValueError("One to ten times, parted by commas.")
    return spans


def span_text(seconds: int) -> str:
    """Seconds in the largest unit that fits.

    >>> span_text(90), span_text(300), span_text(7200)
    ('90 s', '5 min', '2 h')
    """
    for unit in ("d", "h", "min"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]} {unit}"
    return f"{seconds} s"


def read_clock(text: str) -> int:
    """A time of day as minutes after midnight; ``24:00`` is the end of the day.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    found = _CLOCK.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else 1441
    if minute > 1440:
        raise ValueError("Write a time of day as 08:00, from 00:00 to 24:00.")
    return minute


def clock_text(minute: int) -> str:
    """Minutes after midnight as a time of day.

    >>> clock_text(485)
    '08:05'
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def read_money(text: str) -> int:
    """An amount with at most two decimals, in hundredths.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    try:
        cents = Decimal(text.strip().replace(",", "")) * 100
    except InvalidOperation:
        raise ValueError("Write an amount as 1000 or 1000.00.") from None
    if not cents.is_finite() or cents < 0 or cents != cents.to_integral() or cents > 10**14:
        raise ValueError("Write an amount of 0 or more, with two decimals at most.")
    return int(cents)


def money_text(cents: int) -> str:
    """Hundredths as an amount.

    >>> money_text(100000)
    '1000.00'
    """
    return f"{cents // 100}.{cents % 100:02}"


def read_date(text: str) -> date | None:
    """A day as ``2026-12-31``; None for nothing.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise ValueError("Write a day as 2026-12-31, or nothing.") from None


def read_percent(text: str, least: str = "0", most: str = "100") -> float:
    """A share, typed in percent.

    >>> read_percent("12.5 %")
    0.125

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    sentence = f"Write a percentage from {least} to {most}, as 12.5."
    try:
        percent = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise ValueError(sentence) from None
    if not percent.is_finite() or not Decimal(least) <= percent <= Decimal(most):
        raise ValueError(sentence)
    return float(percent / 100)


def percent_text(share: float) -> str:
    """A share in percent, as it is typed.

    >>> percent_text(0.05), percent_text(0.125)
    ('5', '12.5')
    """
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")
