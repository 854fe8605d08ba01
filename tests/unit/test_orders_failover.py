"""Where an order goes that was not accepted in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cordboard import hours
from cordboard.orders.failover import next_place, waits_until
from cordboard.orders.places import Method, Place, Point
from support.order_world import NOW, places

LOOP, LAKE, OAK = places()


def due(**changes: Any) -> dict[str, Any]:
    """Placed at Loop for pick-up by somebody who lives there."""
    return {
        "method": "pick_up",
        "products": ["LATTE"],
        "location": "LOOP",
        "passed_over": ["LOOP"],
        "due_at": (NOW + timedelta(hours=1)).isoformat(),
        "postcode": "60601",
        "country": "US",
        "own": None,
        "given_at": (NOW - timedelta(minutes=5)).isoformat(),
        "declined": False,
        **changes,
    }


def goes_to(among: tuple[Place, ...], **changes: Any) -> str | None:
    place = next_place(due(**changes), among, NOW, frozenset())
    return place.code if place else None


def test_the_nearest_that_was_not_passed_over_takes_it() -> None:
    assert goes_to(places()) == "LAKE"
    assert goes_to(places(), passed_over=["LOOP", "LAKE"]) == "OAK"


def test_a_person_takes_it_when_nobody_else_can() -> None:
    assert goes_to(places(), passed_over=["LOOP", "LAKE", "OAK"]) is None
    lacking = tuple(replace(place, without=frozenset({"LATTE"})) for place in places())
    assert goes_to(lacking) is None


def test_the_clients_own_location_comes_before_a_nearer_one() -> None:
    assert goes_to(places(), own="OAK") == "OAK"
    assert goes_to(places(), own="LOOP") == "LAKE"


def test_one_that_refused_at_the_last_moment_is_not_asked_again() -> None:
    place = next_place(due(), places(), NOW, frozenset({"LAKE"}))
    assert place is not None
    assert place.code == "OAK"


def test_rather_late_than_not_at_all() -> None:
    soon = (NOW + timedelta(minutes=2)).isoformat()
    assert goes_to(places(), due_at=soon) == "LAKE"


def test_a_location_that_can_still_be_in_time_comes_before_a_late_one() -> None:
    quick = replace(OAK, methods={"pick_up": replace(OAK.methods["pick_up"], lead_minutes=1)})
    soon = (NOW + timedelta(minutes=2)).isoformat()
    assert goes_to((LOOP, LAKE, quick), due_at=soon) == "OAK"


def test_an_appointment_is_kept_or_goes_to_a_person() -> None:
    slow = replace(LAKE.methods["appointment"], lead_minutes=30)
    slower = tuple(replace(place, methods={"appointment": slow}) for place in (LOOP, LAKE, OAK))
    soon = (NOW + timedelta(minutes=2)).isoformat()
    assert goes_to(slower, method="appointment", due_at=soon) is None
    assert goes_to(slower, method="appointment") == "LAKE"


def test_a_delivery_to_where_nobody_knows_is_made_by_the_first_that_can() -> None:
    assert goes_to(places(), postcode=None, method="delivery") == "LAKE"


@pytest.mark.parametrize("method", ["pick_up", "appointment"])
def test_whoever_comes_is_sent_to_the_nearest_to_where_they_were_to_come(method: str) -> None:
    """Not to the nearest to their home."""
    among = (OAK, LAKE, LOOP)
    home_in_oak_park = "60302"
    assert goes_to(among, method=method, postcode=home_in_oak_park) == "LAKE"
    assert goes_to(among, method=method, postcode=None) == "LAKE"
    assert goes_to(among, method="delivery", postcode=home_in_oak_park) == "OAK"


def test_whoever_comes_is_not_sent_across_the_country() -> None:
    far = replace(LAKE, point=Point(LOOP.point.latitude + 0.2, LOOP.point.longitude))
    assert goes_to((LOOP, far)) is None, "22 km away: a person asks"
    assert goes_to((LOOP, far), own="LAKE") is None
    assert goes_to((LOOP, far), due_at=(NOW + timedelta(minutes=2)).isoformat()) is None
    nearer = replace(far, methods={"delivery": Method(None, 45)})
    assert goes_to((LOOP, nearer), method="delivery") == "LAKE"


def test_not_step_by_step_either() -> None:
    """Within reach of the second location, but not of the first."""
    third = replace(OAK, point=Point(LAKE.point.latitude + 0.1, LAKE.point.longitude))
    passed_over = {"location": "LAKE", "passed_over": ["LOOP", "LAKE"]}
    assert goes_to((LOOP, LAKE, third), **passed_over) is None
    assert goes_to((LAKE, third), location="LAKE", passed_over=["LAKE"]) == "OAK"


# -- Closed all the time

#: The evening before Thanksgiving, a Thursday; the day after it opens at eight again.
EVENING = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


def opens_at_eight(country: str | None = "US") -> tuple[Place, ...]:
    every_day = tuple(hours.Hours(day, 480, 1200) for day in range(7))
    schedule = hours.Schedule(LOOP.zone, every_day, {}, country)
    return (replace(LOOP, schedule=schedule), LAKE)


def waits(now: datetime, country: str | None = "US", **changes: Any) -> datetime | None:
    """Given on the evening before, wanted on Friday at ten."""
    given = {"given_at": EVENING.isoformat(), "due_at": (FRIDAY + timedelta(hours=2)).isoformat()}
    return waits_until(due(**{**given, **changes}), opens_at_eight(country), now)


def test_a_location_has_its_minutes_after_a_national_holiday() -> None:
    by_weekly_hours = FRIDAY - timedelta(days=1) + timedelta(minutes=5)
    assert waits(by_weekly_hours) == FRIDAY + timedelta(minutes=5)
    assert waits(FRIDAY + timedelta(minutes=5)) is None, "it has had them"
    assert waits(by_weekly_hours, country=None) is None, "it was open on Thursday"


def test_a_location_does_not_wait_for_what_it_declined_or_cannot_make_in_time() -> None:
    thursday = FRIDAY - timedelta(days=1)
    assert waits(thursday, declined=True) is None
    assert waits(thursday, due_at=(FRIDAY - timedelta(minutes=1)).isoformat()) is None
    assert waits(thursday, location=None) is None


def test_a_location_that_was_open_when_it_got_the_order_does_not_wait() -> None:
    midday = EVENING - timedelta(hours=9)
    assert waits(midday + timedelta(minutes=5), given_at=midday.isoformat()) is None
    late = EVENING - timedelta(hours=1, minutes=2)
    assert waits(late + timedelta(minutes=5), given_at=late.isoformat()) is None, "closed meanwhile"
