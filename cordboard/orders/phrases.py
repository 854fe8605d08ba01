"""How an order is said on the telephone: English that a voice reads well, short, without signs.

Times are said as the clocks of their own zone show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cordboard.orders.basket import Basket
from cordboard.orders.catalogue import Catalogue

METHODS = {"pick_up": "for pick-up", "delivery": "delivered", "appointment": "by appointment"}
METRES_A_MILE = 1609.344
#: The half of the day goes without saying so long.
SOON = timedelta(hours=2)
#: Countries in which distances are in miles.
MILES = frozenset({"US", "GB", "LR", "MM"})
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def money(cents: int) -> str:
    """An amount that is not negative.

    >>> money(450), money(405), money(100), money(60)
    ('4 dollars 50', '4 dollars and 5 cents', '1 dollar', '60 cents')
    """
    dollars, rest = divmod(cents, 100)
    if not dollars and rest:
        return _counted(rest, "cent")
    said = _counted(dollars, "dollar")
    if not rest:
        return said
    # “4 dollars 5” would be heard as 4.50.
    return f"{said} {rest}" if rest >= 10 else f"{said} and {_counted(rest, 'cent')}"


def clock(at: datetime) -> str:
    """``8:05 AM``, ``8 AM``, ``noon``, ``midnight``."""
    if at.minute == 0 and at.hour % 12 == 0:
        return "noon" if at.hour else "midnight"
    hour, half = at.hour % 12 or 12, "AM" if at.hour < 12 else "PM"
    return f"{hour} {half}" if at.minute == 0 else f"{hour}:{at.minute:02} {half}"


def when(at: datetime, now: datetime) -> str:
    """A moment from now on: ``at 8:05 AM``, ``tomorrow at noon``, ``on Friday at 8 AM``."""
    today = now.astimezone(at.tzinfo).date()
    days = (at.date() - today).days
    if days in (0, 1):
        return f"tomorrow at {clock(at)}" if days else f"at {clock(at)}"
    day = DAYS[at.weekday()]
    if 1 < days < 7:
        return f"on {day} at {clock(at)}"
    return f"on {day}, {MONTHS[at.month - 1]} {at.day}, at {clock(at)}"


def when_soon(at: datetime, now: datetime) -> str:
    """``at 8:05`` within two hours, in which there is one such time; later as :func:`when`."""
    if at - now >= SOON:
        return when(at, now)
    return f"at {clock(at).removesuffix(' AM').removesuffix(' PM')}"


def in_about(at: datetime, now: datetime) -> str:
    """How long it takes: ``in about 20 minutes``, to five minutes; from two hours on, when it is.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    >>> in_about(noon + timedelta(minutes=18), noon)
    'in about 20 minutes'
    """
    minutes = (at - now) // timedelta(minutes=1)
    if minutes >= 120:
        return when(at, now)
    return f"in about {max(5, -(-minutes // 5) * 5)} minutes"


def listing(words: Sequence[str]) -> str:
    """``tea, milk and bread``; empty when there is nothing."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def items(basket: Basket, catalogue: Catalogue) -> str:
    """What is in it: ``2 Latte with oat milk and Bagel``; the number where there are several."""
    return listing(
        [
            f"{line.quantity} {name}" if line.quantity > 1 else name
            for line in basket.lines
            for name in (catalogue.name(line),)
        ]
    )


def spelled(text: str) -> str:
    """Each digit or letter by itself, as postcodes and order numbers are read: ``6 0 6 0 1``."""
    return " ".join(sign for sign in text if sign.isalnum())


def away(metres: float, country: str) -> str:
    """How far it is, in the country's measure: ``half a mile away``, ``3 kilometers away``."""
    one, unit = (METRES_A_MILE, "mile") if country in MILES else (1000.0, "kilometer")
    distance = metres / one
    if distance < 0.75:
        return f"{'half a' if distance > 0.25 else 'less than half a'} {unit} away"
    return f"{_counted(max(1, round(distance)), unit)} away"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number:,} {unit}s"
