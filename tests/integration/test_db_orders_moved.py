"""Orders that their location does not take: passed over by the worker, or moved by an agent."""

from __future__ import annotations

import pytest

from db import errors
from db.queries import sql
from support.shop import BOARDS, GUS, LAKE, LOOP, ROSA, SHARPENING, Json, Shop, draft, move, race


def pass_over(shop: Shop, order: Json, location: str | None) -> bool:
    """By the worker, which saw it as it is in ``order``."""
    passed: bool = shop.ask(
        sql.pass_over_order, order=order["order"], location=location, version=order["version"]
    )
    return passed


def overdue(shop: Shop) -> Json:
    """An order that nobody has accepted in time."""
    placed = shop.place()
    shop.long_ago(placed["order"], 6)
    return shop.order(placed["order"])


class TestPassedOver:
    def test_what_is_due_says_what_a_location_must_be_able_to(self, shop: Shop) -> None:
        assert shop.all(sql.due_orders, limit=10) == []
        order = overdue(shop)
        (due,) = shop.all(sql.due_orders, limit=10)
        client = shop.facts()["client"]
        assert due == {
            "order": order["order"],
            "number": order["number"],
            "version": order["version"],
            "subscriber": "pantry",
            "customer": ROSA,
            "method": "pick_up",
            "location": LOOP,
            "passed_over": [LOOP],
            "products": ["SOURDOUGH"],
            "due_at": order["due_at"],
            "postcode": client["postcode"],
            "country": "US",
            "own": None,
            "given_at": order["timeline"][-1]["at"],
            "declined": False,
        }

    def test_to_the_next_location_which_has_its_own_minutes(self, shop: Shop) -> None:
        order = overdue(shop)
        assert pass_over(shop, order, LAKE)
        moved = shop.order(order["order"])
        assert (moved["location"]["code"], moved["passed_over"]) == (LAKE, [LOOP])
        assert moved["accept_by"] > order["accept_by"]
        assert moved["due_at"] >= order["due_at"]
        assert moved["timeline"][-1]["data"] == {"from": LOOP, "to": LAKE}
        assert shop.all(sql.due_orders, limit=10) == []
        assert shop.advance(moved, "accepted", by=BOARDS[LAKE])["state"] == "accepted"
        last = shop.facts()["history"][0]
        assert last["at"] == order["placed_at"]
        assert last["basket"]["location"] == LOOP, "where it was moved to is nobody's habit"

    def test_to_an_agent_when_there_is_none(self, shop: Shop) -> None:
        order = overdue(shop)
        assert pass_over(shop, order, None)
        helpless = shop.order(order["order"])
        assert (helpless["needs_agent"], helpless["location"]) == (True, None)
        assert [one["order"] for one in shop.all(sql.rescue_orders, subscriber=2, limit=9)] == [
            order["order"]
        ]
        assert shop.all(sql.rescue_orders, subscriber=1, limit=9) == []
        with pytest.raises(errors.IllegalTransition, match="no location makes"), shop.savepoint():
            shop.advance(helpless, "accepted", by=f"user:{GUS}")
        moved = move(shop, helpless, LOOP)
        assert (moved["needs_agent"], moved["location"]["code"]) == (False, LOOP)
        assert moved["accept_by"] is not None
        assert shop.all(sql.rescue_orders, subscriber=2, limit=9) == []

    def test_not_where_it_cannot_be_made(self, shop: Shop) -> None:
        order = overdue(shop)
        shop.sql("UPDATE location SET paused_at = now() WHERE code = %s", LAKE)
        with pytest.raises(errors.LocationCannotServe, match="Lakeside takes no orders now"):
            pass_over(shop, order, LAKE)

    def test_an_appointment_keeps_its_time(self, shop: Shop) -> None:
        when = "2030-05-06T10:00:00.000Z"
        placed = shop.place(draft(SHARPENING, method="appointment", due_at=when))
        assert move(shop, placed, "PANTRY-OAK")["due_at"] == when

    def test_while_a_board_accepts(self, two: tuple[Shop, Shop]) -> None:
        order = overdue(two[0])
        second = race(
            *two,
            lambda shop: shop.advance(order, "accepted"),
            lambda shop: pass_over(shop, order, LAKE),
        )
        assert second is False
        assert two[0].order(order["order"])["location"]["code"] == LOOP
        other = overdue(two[0])
        second = race(
            *two,
            lambda shop: pass_over(shop, other, LAKE),
            lambda shop: shop.advance(other, "accepted", by=f"user:{GUS}"),
        )
        assert isinstance(second, errors.OrderChanged)

    def test_by_two_workers_once(self, two: tuple[Shop, Shop]) -> None:
        order = overdue(two[0])
        second = race(
            *two,
            lambda shop: pass_over(shop, order, LAKE),
            lambda shop: pass_over(shop, order, None),
        )
        assert second is False
        assert two[0].timeline(order["order"]).count("passed_over") == 1

    def test_declined_it_is_due_at_once(self, shop: Shop) -> None:
        placed = shop.place()
        assert shop.ask(sql.next_due_order) is not None
        asked = {"order": placed["order"], "why": "The oven is broken", "by": BOARDS[LOOP]}
        declined = shop.ask(sql.decline_order, version=placed["version"], **asked)
        assert declined["timeline"][-1]["data"] == {"why": "The oven is broken"}
        assert [one["order"] for one in shop.all(sql.due_orders, limit=9)] == [placed["order"]]
        accepted = shop.advance(declined, "accepted")
        with pytest.raises(errors.OrderOver, match="not waiting to be accepted"):
            shop.ask(sql.decline_order, version=accepted["version"], **asked)


class TestMovedByAnAgent:
    def test_it_is_to_be_accepted_anew(self, shop: Shop) -> None:
        accepted = shop.advance(shop.place(), "accepted")
        moved = move(shop, accepted, LAKE)
        assert (moved["state"], moved["passed_over"]) == ("placed", [LOOP])
        assert moved["timeline"][-1] | {"at": ""} == {
            "at": "",
            "name": "order.moved",
            "actor": f"user:{GUS}",
            "data": {"from": LOOP, "to": LAKE, "why": "Nearer to the client"},
        }

    def test_not_what_is_made_already(self, shop: Shop) -> None:
        ready = shop.advance(shop.advance(shop.place(), "accepted"), "ready")
        with pytest.raises(errors.OrderOver, match="is ready"):
            move(shop, ready, LAKE)

    @pytest.mark.parametrize(("location", "says"), [("MOON", "no location MOON"), ("", "not said")])
    def test_not_to_nowhere(self, shop: Shop, location: str, says: str) -> None:
        with pytest.raises(errors.BadOrder, match=says):
            move(shop, shop.place(), location)

    def test_not_what_was_changed_meanwhile(self, shop: Shop) -> None:
        placed = shop.place()
        shop.advance(placed, "accepted")
        with pytest.raises(errors.OrderChanged):
            move(shop, placed, LAKE)
