"""What becomes of a placed order: on the board, and at the client's wish."""

from __future__ import annotations

import pytest

from db import errors
from db.queries import sql
from support.shop import BOARDS, GUS, LAKE, LOOP, TOMAS, Shop, cancel, move, race


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
