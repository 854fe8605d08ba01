"""At which location an order can be placed, and when it is to be accepted and ready."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import errors
from support.shop import LATTE, LOOP, Shop, draft, race


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def soon(text: str, minutes: int) -> bool:
    """Whether a time is so many minutes from now, give or take one."""
    return abs(at(text) - datetime.now(UTC) - timedelta(minutes=minutes)) < timedelta(minutes=1)


class TestWhere:
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("UPDATE location SET active = false", "is closed for good"),
            ("UPDATE location SET paused_at = now()", "takes no orders now"),
            ("UPDATE location SET max_open_orders = 0", "has as many orders as it can make"),
            ("DELETE FROM location_method WHERE method = 'pick_up'", "does not serve by pick-up"),
            (
                "INSERT INTO location_without SELECT l.id, p.id FROM location l, product p"
                " WHERE l.code = 'PANTRY-LOOP' AND p.code = 'SOURDOUGH'",
                "has no Sourdough loaf",
            ),
        ],
    )
    def test_not_where_it_cannot_be_made(self, shop: Shop, change: str, says: str) -> None:
        wanted = shop.save()
        shop.sql(change)
        with pytest.raises(errors.LocationCannotServe, match=f"Loop {says}; choose another"):
            shop.place(wanted)

    def test_of_two_orders_one_gets_the_last_place(self, two: tuple[Shop, Shop]) -> None:
        one, _ = two
        one.sql("UPDATE location SET max_open_orders = 1 WHERE code = %s", LOOP)
        second = race(*two, lambda shop: shop.place(), lambda shop: shop.place(total_cents=1626))
        assert isinstance(second, errors.LocationCannotServe)

    def test_what_is_replaced_makes_room(self, shop: Shop) -> None:
        shop.sql("UPDATE location SET max_open_orders = 1 WHERE code = %s", LOOP)
        first = shop.place()
        assert shop.place(draft(LATTE, replaces=first["order"]))["state"] == "placed"

    def test_what_is_due_another_day_does_not_fill_today(self, shop: Shop) -> None:
        shop.sql("UPDATE location SET max_open_orders = 1 WHERE code = %s", LOOP)
        saturday = "2030-05-04T12:00:00-05:00"
        shop.place(due_at=saturday)
        (loop, *_) = shop.facts()["locations"]
        assert (loop["open_orders"], loop["later_orders"]) == (0, {"2030-05-04": 1})
        full = pytest.raises(errors.LocationCannotServe, match="as many orders as it can make")
        with full, shop.savepoint():
            shop.place(due_at="2030-05-04T23:59:00-05:00")
        assert shop.place(due_at="2030-05-05T00:00:00-05:00")["state"] == "placed"
        assert shop.place()["state"] == "placed"
        with full, shop.savepoint():
            shop.place()

    def test_delivered_to_where_the_client_lives_or_says(self, shop: Shop) -> None:
        home = {key: shop.facts()["client"][key] for key in ("street", "city", "postcode")}
        placed = shop.place(method="delivery")
        assert {key: placed["client"][key] for key in home} == home
        there = {"street": "1 Elm Street", "city": "Chicago", "postcode": "60613"}
        placed = shop.place(method="delivery", address=there)
        assert {key: placed["client"][key] for key in there} == there
        assert shop.place()["client"]["street"] is None


class TestWhen:
    def test_what_was_wanted_is_told_apart_from_what_came_of_it(self, shop: Shop) -> None:
        later = at("2099-01-05T12:00-06:00").isoformat()
        for due_at in (None, later):
            timeline = shop.place(due_at=due_at)["timeline"]
            (told,) = [event["data"] for event in timeline if event["name"] == "order.placed"]
            wanted = told.get("wanted_at")
            assert (wanted and at(wanted)) == (due_at and at(due_at))

    def test_as_soon_as_possible(self, shop: Shop) -> None:
        placed = shop.place()
        assert soon(placed["due_at"], 15)
        assert soon(placed["accept_by"], 5)

    def test_as_wanted(self, shop: Shop) -> None:
        wanted = "2030-05-06T07:30:00.000Z"
        assert shop.place(due_at=wanted)["due_at"] == wanted
        # Reading it back took longer than there was time.
        assert soon(shop.place(due_at="2026-01-01T00:00:00Z")["due_at"], 15)

    @pytest.mark.parametrize(
        ("when", "opens"),
        [
            # Evanston: Monday to Saturday, 8 to 20, in Chicago.
            ("2026-06-03T10:00-05:00", "2026-06-03T10:00-05:00"),
            ("2026-06-03T07:59-05:00", "2026-06-03T08:00-05:00"),
            ("2026-06-03T20:00-05:00", "2026-06-04T08:00-05:00"),
            ("2026-06-06T21:00-05:00", "2026-06-08T08:00-05:00"),
            ("2026-06-09T06:00-05:00", "2026-06-10T08:00-05:00"),  # the day after its holiday
            # The clocks go forward on Sunday the 8th of March 2026, back on the 1st of November.
            ("2026-03-07T21:00-06:00", "2026-03-09T08:00-05:00"),
            ("2026-10-31T21:00-05:00", "2026-11-02T08:00-06:00"),
        ],
    )
    def test_a_closed_location_has_time_from_its_opening_on(
        self, shop: Shop, when: str, opens: str
    ) -> None:
        evan = "SELECT id FROM location WHERE code = 'PANTRY-EVAN'"
        shop.sql(
            f"INSERT INTO holiday SELECT schedule_id, '2026-06-09', 'Inventory' FROM location"
            f" WHERE id = ({evan})"
        )
        assert shop.sql(f"SELECT location_opens_v1(({evan}), %s)", at(when)) == at(opens)

    def test_a_night_shift_is_open_past_midnight(self, shop: Shop) -> None:
        evan = "SELECT schedule_id FROM location WHERE code = 'PANTRY-EVAN'"
        shop.sql(
            "UPDATE opening_hours SET opens_minute = 1320, closes_minute = 120"
            f" WHERE schedule_id = ({evan})"
        )
        opens = "SELECT location_opens_v1((SELECT id FROM location WHERE code = 'PANTRY-EVAN'), %s)"
        night, morning = at("2026-06-04T01:30-05:00"), at("2026-06-04T02:00-05:00")
        assert shop.sql(opens, night) == night
        assert shop.sql(opens, morning) == at("2026-06-04T22:00-05:00")

    def test_without_hours_always_and_with_none_never(self, shop: Shop) -> None:
        opens = "SELECT location_opens_v1((SELECT id FROM location WHERE code = %s), %s)"
        now = at("2026-06-04T01:30-05:00")
        assert shop.sql(opens, LOOP, now) == now
        shop.sql("DELETE FROM opening_hours")
        assert shop.sql(opens, "PANTRY-EVAN", now) is None
        assert soon(shop.place(location="PANTRY-EVAN")["accept_by"], 5)
