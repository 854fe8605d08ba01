"""How orders are said: what a caller must not mishear."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cordboard.orders import phrases
from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Option, Product

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 30, 17, 30, tzinfo=CHICAGO)  # a Monday


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (450, "4 dollars 50"),
        (110, "1 dollar 10"),
        (405, "4 dollars and 5 cents"),
        (101, "1 dollar and 1 cent"),
        (1, "1 cent"),
        (60, "60 cents"),
        (0, "0 dollars"),
        (100, "1 dollar"),
        (123_456_00, "123,456 dollars"),
    ],
)
def test_amounts(cents: int, said: str) -> None:
    assert phrases.money(cents) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-30T17:45", "at 5:45 PM"),
        ("2026-11-30T20:00", "at 8 PM"),
        ("2026-12-01T00:00", "tomorrow at midnight"),
        ("2026-12-01T00:05", "tomorrow at 12:05 AM"),
        ("2026-12-01T12:00", "tomorrow at noon"),
        ("2026-12-04T08:05", "on Friday at 8:05 AM"),
        ("2026-12-07T12:30", "on Monday, December 7, at 12:30 PM"),
    ],
)
def test_moments(at: str, said: str) -> None:
    assert phrases.when(datetime.fromisoformat(at).replace(tzinfo=CHICAGO), NOW) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (15, "at 5:45"),
        (119, "at 7:29"),
        (120, "at 7:30 PM"),
        (390, "tomorrow at midnight"),
        (870, "tomorrow at 8 AM"),
    ],
)
def test_a_moment_soon_needs_no_half_of_the_day(minutes: int, said: str) -> None:
    assert phrases.when_soon(NOW + timedelta(minutes=minutes), NOW) == said


def test_midnight_and_noon_are_not_cut() -> None:
    late = NOW.replace(hour=23)
    assert phrases.when_soon(late + timedelta(minutes=30), late) == "at midnight"


def test_the_day_is_that_of_the_places_own_zone() -> None:
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert phrases.when(tokyo + timedelta(hours=1), NOW) == "at 9:30 AM"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-3, "in about 5 minutes"),
        (5, "in about 5 minutes"),
        (18, "in about 20 minutes"),
        (21, "in about 25 minutes"),
        (119, "in about 120 minutes"),
        (120, "at 7:30 PM"),
    ],
)
def test_how_long_it_takes(minutes: int, said: str) -> None:
    assert phrases.in_about(NOW + timedelta(minutes=minutes), NOW) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [([], ""), (["tea"], "tea"), (["tea", "milk"], "tea and milk"),
     (["tea", "milk", "bread"], "tea, milk and bread")],
)  # fmt: skip
def test_lists(words: list[str], said: str) -> None:
    assert phrases.listing(words) == said


def test_what_is_in_a_basket() -> None:
    milk = Option("Milk", "COW", "milk")
    oat = Option("Milk", "OAT", "oat milk")
    latte = Product("LATTE", "C", "Latte", 450, options=(milk, oat))
    catalogue = Catalogue((), (latte, Product("BAGEL", "F", "Bagel", 300)))
    basket = Basket((Line("LATTE", ("OAT",), 2), Line("BAGEL")))
    assert phrases.items(basket, catalogue) == "2 Latte with oat milk and Bagel"
    assert phrases.items(Basket(), catalogue) == ""


def test_digits_are_read_one_by_one() -> None:
    assert phrases.spelled("60601-12") == "6 0 6 0 1 1 2"


@pytest.mark.parametrize(
    ("metres", "country", "said"),
    [
        (100, "US", "less than half a mile away"),
        (800, "US", "half a mile away"),
        (1600, "US", "1 mile away"),
        (5200, "US", "3 miles away"),
        (5200, "DE", "5 kilometers away"),
        (1_700_000, "US", "1,056 miles away"),
    ],
)
def test_how_far_it_is(metres: float, country: str, said: str) -> None:
    assert phrases.away(metres, country) == said
