"""Which location takes an order, and why the others do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.hours import Hours, Schedule
from cordboard.orders.places import (
    EARTH_M,
    Choice,
    Method,
    Place,
    Point,
    Wanted,
    Why,
    choose,
    distance_m,
    places_from_json,
    turned_down,
)

CHICAGO = ZoneInfo("America/Chicago")
EIGHT_TO_EIGHT = Schedule(CHICAGO, tuple(Hours(day, 480, 1200) for day in range(7)), {})
METHODS = {"pick_up": Method(None, 10), "delivery": Method(8_000, 40)}

LOOP = Place(
    1, "LOOP", "Loop", "18 Lantern Court", "Chicago", Point(41.8852, -87.6224), CHICAGO,
    EIGHT_TO_EIGHT, methods=METHODS,
)  # fmt: skip
LAKE = replace(LOOP, id=2, code="LAKE", point=Point(41.954, -87.655))
EVAN = replace(LOOP, id=3, code="EVAN", point=Point(42.0536, -87.6947))
PLACES = (LOOP, LAKE, EVAN)

NEAR_LAKE = Point(41.95, -87.65)
BAGELS = Wanted("pick_up", frozenset({"BAGEL"}), NEAR_LAKE)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO, fold=fold)


NOON = local("2026-11-24T12:00")


def chosen(wanted: Wanted, now: datetime = NOON, places: tuple[Place, ...] = PLACES) -> Choice:
    return choose(places, wanted, now)


def code(choice: Choice) -> str | None:
    return choice.place.code if choice.place else None


def test_distances_are_those_of_a_sphere() -> None:
    # A degree along a meridian; a quarter around the equator; London to Paris.
    assert distance_m(Point(0, 0), Point(1, 0)) == pytest.approx(111_195, abs=1)
    assert distance_m(Point(0, 0), Point(0, 90)) == pytest.approx(EARTH_M * 3.14159265 / 2)
    assert distance_m(Point(51.5074, -0.1278), Point(48.8566, 2.3522)) == pytest.approx(
        343_556, 1e-3
    )


POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@given(POINTS, POINTS, POINTS)
def test_distance_is_a_metric(a: Point, b: Point, c: Point) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    assert 0 <= distance_m(a, b) <= EARTH_M * 3.1415927
    assert distance_m(a, c) <= distance_m(a, b) + distance_m(b, c) + 1
    assert distance_m(a, a) == 0


def test_the_nearest_that_can_serve_takes_it() -> None:
    choice = chosen(BAGELS)
    assert code(choice) == "LAKE"
    assert choice.turned_down == {}
    assert choice.distance_m == pytest.approx(608, abs=2)
    assert choice.ready_at == local("2026-11-24T12:10")


def test_the_clients_own_location_comes_first_while_it_can_serve() -> None:
    own = replace(BAGELS, own="EVAN")
    assert code(chosen(own)) == "EVAN"
    assert code(chosen(replace(own, not_at=frozenset({"EVAN"})))) == "LAKE"


def test_without_coordinates_it_is_the_clients_own_or_the_first() -> None:
    unknown = replace(BAGELS, method="delivery", point=None)
    assert code(chosen(unknown)) == "LOOP"
    assert chosen(unknown).distance_m is None
    assert code(chosen(replace(unknown, own="EVAN"))) == "EVAN"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"active": False}, Why.INACTIVE),
        ({"methods": {"delivery": Method()}}, Why.METHOD),
        ({"without": frozenset({"BAGEL", "TEA"})}, Why.PRODUCTS),
        ({"methods": {"pick_up": Method(500)}}, Why.AREA),
        ({"schedule": Schedule(CHICAGO, (), {})}, Why.CLOSED),
        ({"open_orders": 20}, Why.FULL),
        ({"max_open_orders": 0}, Why.FULL),
    ],
)
def test_one_that_cannot_serve_is_turned_down_with_the_reason(
    change: dict[str, Any], why: Why
) -> None:
    choice = chosen(BAGELS, places=(LOOP, replace(LAKE, **change), EVAN))
    assert code(choice) == "LOOP"
    assert choice.turned_down == {"LAKE": why}


@pytest.mark.parametrize(
    ("load", "due", "why"),
    [
        ({"open_orders": 20}, None, Why.FULL),
        ({"open_orders": 20}, "2026-11-24T17:00", Why.FULL),
        ({"open_orders": 20}, "2026-11-25T11:00", None),
        ({"later_orders": {date(2026, 11, 26): 20}}, "2026-11-26T11:00", Why.FULL),
        ({"later_orders": {date(2026, 11, 26): 20}}, "2026-11-27T11:00", None),
        ({"later_orders": {date(2026, 11, 26): 20}}, None, None),
    ],
)
def test_orders_fill_the_day_on_which_they_are_due(
    load: dict[str, Any], due: str | None, why: Why | None
) -> None:
    wanted = replace(BAGELS, due_at=local(due) if due else None)
    assert turned_down(replace(LAKE, **load), wanted, NOON) is why


def test_when_none_can_serve_each_reason_is_told() -> None:
    passed_over = replace(BAGELS, not_at=frozenset({"LOOP"}))
    choice = chosen(passed_over, places=(LOOP, replace(LAKE, active=False)))
    assert choice == Choice(None, None, None, {"LOOP": Why.NOT_AT, "LAKE": Why.INACTIVE})
    assert chosen(BAGELS, places=()) == Choice(None, None, None, {})


def test_an_area_ends_at_its_radius() -> None:
    away = distance_m(LAKE.point, NEAR_LAKE)
    for radius, expected in ((int(away), None), (int(away) + 1, "LAKE")):
        place = replace(LAKE, methods={"pick_up": Method(radius)})
        assert code(chosen(BAGELS, places=(place,))) == expected


@pytest.mark.parametrize(
    ("method", "now", "why"),
    [
        ("pick_up", "2026-11-24T19:50", Why.CLOSED),  # it closes before it is ready
        ("pick_up", "2026-11-24T19:49", None),
        ("pick_up", "2026-11-24T07:55", Why.CLOSED),  # nobody is there to take it
        ("delivery", "2026-11-24T19:59", None),
        ("delivery", "2026-11-24T20:00", Why.CLOSED),
    ],
)
def test_as_soon_as_possible_needs_somebody_there(method: str, now: str, why: Why | None) -> None:
    wanted = replace(BAGELS, method=method)
    assert chosen(wanted, local(now), (LAKE,)).turned_down.get("LAKE") == why


@pytest.mark.parametrize(
    ("due", "why"),
    [
        ("2026-11-25T08:00", None),  # tomorrow, as soon as it opens
        ("2026-11-25T07:59", Why.CLOSED),
        ("2026-11-24T20:00", Why.CLOSED),
        ("2026-11-24T12:10", None),
        ("2026-11-24T12:05", None),  # it was 12:10 when that was asked for
        ("2026-11-24T12:04", Why.TOO_SOON),
    ],
)
def test_a_time_that_was_asked_for_has_to_be_one_when_it_is_open(due: str, why: Why | None) -> None:
    choice = chosen(replace(BAGELS, due_at=local(due)), places=(LAKE,))
    assert choice.turned_down.get("LAKE") == why
    assert choice.ready_at == (None if why else local(due))


def test_ready_is_a_whole_minute_and_clocks_do_not_change_how_long_it_takes() -> None:
    always = replace(LOOP, schedule=None)
    now = local("2026-11-01T01:55:20.5")  # the clocks are put back at two
    choice = chosen(replace(BAGELS, point=None), now, (always,))
    assert choice.ready_at == local("2026-11-01T01:06", fold=1)
    assert choice.ready_at.astimezone(UTC) - now < timedelta(minutes=11)


def test_a_closed_location_says_when_it_opens() -> None:
    assert LOOP.next_opening(local("2026-11-24T21:00")) == local("2026-11-25T08:00")
    assert replace(LOOP, schedule=None).next_opening(NOON) == NOON
    assert replace(LOOP, schedule=Schedule(CHICAGO, (), {})).next_opening(NOON) is None


def test_locations_are_read_from_json() -> None:
    hours = [{"weekday": day, "opens_minute": 480, "closes_minute": 1200} for day in range(7)]
    schedule = {"timezone": "America/Chicago", "country": None, "subdivision": None}
    row = {
        "id": 1, "code": "LOOP", "name": "Loop", "street": "18 Lantern Court", "city": "Chicago",
        "region": "IL", "postcode": "60601", "country": "US", "phone": None,
        "latitude": "41.88520", "longitude": -87.6224, "timezone": "America/Chicago",
        "schedule": {**schedule, "hours": hours, "holidays": []},
        "active": True, "max_open_orders": 20, "open_orders": 0, "accept_minutes": 5,
        "later_orders": {"2026-11-28": 3},
        "methods": {
            "pick_up": {"radius_m": None, "lead_minutes": 10},
            "delivery": {"radius_m": 8000, "lead_minutes": 40},
        },
        "without": ["TEA"],
    }  # fmt: skip
    read, always = places_from_json([row, {**row, "schedule": None}])
    later = {date(2026, 11, 28): 3}
    assert read == replace(LOOP, without=frozenset({"TEA"}), later_orders=later)
    assert always.schedule is None
