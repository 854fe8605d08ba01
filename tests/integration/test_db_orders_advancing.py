"""What becomes of an order: boards, the client, agents and the worker, also two of them at once."""

from __future__ import annotations

import pytest

from db import errors
from db.queries import sql
from support.shop import (
    BOARDS,
    BREAD,
    GUS,
    LAKE,
    LATTE,
    LOOP,
    ROSA,
    SHARPENING,
    TOMAS,
    Json,
    Shop,
    draft,
    race,
)


def cancel(shop: Shop, order: Json, customer: int = ROSA) -> Json:
    """By the client."""
    found: Json = shop.ask(sql.cancel_order, order=order["order"], customer=customer)
    return found


def pass_over(shop: Shop, order: Json, location: str | None) -> bool:
    """By the worker, which saw it as it is in ``order``."""
    passed: bool = shop.ask(
        sql.pass_over_order, order=order["order"], location=location, version=order["version"]
    )
    return passed


def move(shop: Shop, order: Json, location: str, by: str = f"user:{GUS}") -> Json:
    """By an agent."""
    moved: Json = shop.ask(
        sql.move_order,
        order=order["order"],
        location=location,
        why="Nearer to the client",
        by=by,
        version=order["version"],
    )
    return moved


def overdue(shop: Shop) -> Json:
    """An order that nobody has accepted in time."""
    placed = shop.place()
    shop.long_ago(placed["order"], 6)
    return shop.order(placed["order"])


class TestBoard:
    def test_from_new_to_handed_over(self, shop: Shop) -> None:
        order = shop.place()
        for state in ("accepted", "ready", "handed_over"):
            order = shop.advance(order, state)
            assert order["state"] == state
        assert order["ended_at"] is not None
        assert order["accept_by"] is None
        assert shop.timeline(order["order"])[2:] == ["placed", "accepted", "ready", "handed_over"]
        assert order["timeline"][-1]["actor"] == "user:12"

    def test_pressed_again_it_is_as_it_is(self, shop: Shop) -> None:
        placed = shop.place()
        accepted = shop.advance(placed, "accepted")
        assert shop.advance(placed, "accepted") == accepted

    @pytest.mark.parametrize("state", ["ready", "handed_over", "draft", "placed", "abandoned"])
    def test_no_step_is_left_out(self, shop: Shop, state: str) -> None:
        order = shop.place()
        if state == "placed":
            order = shop.advance(order, "accepted")
        with pytest.raises(errors.IllegalTransition):
            shop.advance(order, state)

    def test_a_draft_is_no_order_yet(self, shop: Shop) -> None:
        order = shop.order(shop.save()["order"])
        with pytest.raises(errors.IllegalTransition):
            shop.advance(order, "accepted")

    def test_what_it_shows_has_to_be_so(self, shop: Shop) -> None:
        placed = shop.place()
        shop.advance(placed, "accepted")
        with pytest.raises(errors.OrderChanged, match="is accepted; look at it again"):
            shop.advance(placed, "cancelled")

    def test_other_locations_orders_are_not_its_own(self, shop: Shop) -> None:
        placed = shop.place()
        with pytest.raises(errors.UnknownOrder, match="at this location"), shop.savepoint():
            shop.advance(placed, "accepted", by=BOARDS[LAKE])
        with pytest.raises(errors.UnknownOrder, match="at this location"):
            move(shop, placed, LAKE, by=BOARDS[LAKE])

    def test_two_boards_one_of_them_moves_it(self, two: tuple[Shop, Shop]) -> None:
        order = two[0].place()
        second = race(
            *two,
            lambda shop: shop.advance(order, "accepted"),
            lambda shop: shop.advance(order, "cancelled"),
        )
        assert isinstance(second, errors.OrderChanged)
        assert two[0].order(order["order"])["state"] == "accepted"

    def test_shows_what_is_not_over_and_today(self, shop: Shop) -> None:
        kept = [shop.place(due_at=f"2030-01-0{day}T12:00:00Z") for day in (3, 1, 2)]
        over, yesterday = shop.place(), shop.place()
        for order in (over, yesterday):
            shop.advance(order, "cancelled")
        shop.sql(
            "UPDATE sales_order SET ended_at = ended_at - interval '1 day' WHERE id = %s",
            yesterday["order"],
        )
        shop.place(location=LAKE)
        location = shop.sql("SELECT id FROM location WHERE code = %s", LOOP)
        shown = [one["order"] for one in shop.all(sql.board_orders, location=location)]
        first, second, third = (kept[place]["order"] for place in (1, 2, 0))
        assert shown == [over["order"], first, second, third]

    def test_of_whose_board_it_is(self, shop: Shop) -> None:
        row = shop.conn.execute(sql.location_of_user, {"user": 12}).fetchone()
        assert row is not None
        assert row["code"] == LOOP
        assert shop.conn.execute(sql.location_of_user, {"user": GUS}).fetchone() is None


class TestCancelledByTheClient:
    def test_at_any_time_before_it_is_accepted(self, shop: Shop) -> None:
        placed = shop.place()
        shop.long_ago(placed["order"], 300)
        assert shop.order(placed["order"])["change_until"].startswith("9999-")
        cancelled = cancel(shop, placed)
        assert cancelled["state"] == "cancelled"
        assert cancelled["timeline"][-1]["actor"] == "client"
        assert cancel(shop, placed) == cancelled

    def test_then_for_ten_minutes(self, shop: Shop) -> None:
        orders = [shop.advance(shop.place(), "accepted") for _ in range(2)]
        shop.long_ago(orders[0]["order"], 9)
        shop.long_ago(orders[1]["order"], 11)
        assert shop.order(orders[1]["order"])["change_until"] is None
        assert cancel(shop, orders[0])["state"] == "cancelled"
        with pytest.raises(errors.OrderOver, match="is accepted and cannot be changed"):
            cancel(shop, orders[1])

    @pytest.mark.parametrize(
        "states", [["accepted", "ready"], ["accepted", "ready", "handed_over"]]
    )
    def test_never_once_it_is_ready(self, shop: Shop, states: list[str]) -> None:
        order = shop.place()
        for state in states:
            order = shop.advance(order, state)
        with pytest.raises(errors.OrderOver):
            cancel(shop, order)

    def test_drafts_are_dropped_instead(self, shop: Shop) -> None:
        with pytest.raises(errors.OrderOver):
            cancel(shop, shop.save())

    def test_nobody_elses(self, shop: Shop) -> None:
        placed = shop.place()
        with pytest.raises(errors.UnknownOrder):
            cancel(shop, placed, TOMAS)

    def test_an_open_payment_is_void(self, shop: Shop) -> None:
        placed = shop.place(billing="payment_link")
        shop.sql(
            "INSERT INTO payment_link (id, order_id, provider, amount_cents)"
            " VALUES (gen_random_uuid(), %s, 'test', 1626)",
            placed["order"],
        )
        assert cancel(shop, placed)["payment"]["state"] == "void"

    def test_while_a_board_accepts(self, two: tuple[Shop, Shop]) -> None:
        order = two[0].place()
        second = race(
            *two,
            lambda shop: cancel(shop, order),
            lambda shop: shop.advance(order, "accepted"),
        )
        assert isinstance(second, errors.OrderChanged)
        other = two[0].place()
        second = race(
            *two,
            lambda shop: shop.advance(other, "accepted"),
            lambda shop: cancel(shop, other),
        )
        assert second["state"] == "cancelled"
        assert [line["name"] for line in second["timeline"][-2:]] == [
            "order.accepted",
            "order.cancelled",
        ]


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


def test_how_often_a_suggestion_is_taken(shop: Shop) -> None:
    suggested = [draft(LATTE)["basket"], draft()["basket"]]
    for suggestion, lines in ((1, [LATTE]), (1, [LATTE]), (2, None), (None, None)):
        shop.place(suggested=suggested, suggestion=suggestion, lines=lines)
    shop.place()  # to whom nothing was suggested
    cancel(shop, shop.place(suggested=suggested, suggestion=1, lines=[LATTE]))
    old = shop.place(suggested=suggested, suggestion=1, lines=[LATTE])
    shop.long_ago(old["order"], 31 * 1440)
    assert share(shop) == {"orders": 4, "first_taken": 2, "any_taken": 3, "none_taken": 1}


def share(shop: Shop) -> Json | None:
    return shop.conn.execute(sql.suggestion_share, {"subscriber": 2, "days": 30}).fetchone()


HALF = {**BREAD, "quantity": 1}


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ([LATTE, BREAD], 1),
        ([HALF, LATTE, HALF], 1),  # the same, said in another way
        ([LATTE], None),
        ([LATTE, BREAD, BREAD], None),
        ([{**LATTE, "options": ["LARGE"]}, BREAD], None),
    ],
)
def test_a_suggestion_that_was_changed_was_not_taken(
    shop: Shop, lines: list[Json], taken: int | None
) -> None:
    placed = shop.place(suggested=[draft(LATTE, BREAD)["basket"]], suggestion=1, lines=lines)
    assert placed["suggestion"] == taken


def test_an_order_that_is_changed_counts_once_as_what_it_became(shop: Shop) -> None:
    suggested = [draft(LATTE)["basket"]]
    first = shop.place(suggested=suggested, suggestion=1, lines=[LATTE])
    # Later the same day something else is usual; it is asked of the first what was suggested.
    later = {"suggested": [draft()["basket"]], "suggestion": None}
    moved = shop.place(replaces=first["order"], lines=[LATTE], location=LAKE, **later)
    assert (moved["suggested"], moved["suggestion"]) == (suggested, 1)
    assert share(shop) == {"orders": 1, "first_taken": 1, "any_taken": 1, "none_taken": 0}
    shop.place(replaces=moved["order"], lines=[LATTE, BREAD], **later)
    assert share(shop) == {"orders": 1, "first_taken": 0, "any_taken": 0, "none_taken": 1}
