"""Who comes for an order that is made elsewhere is told: by e-mail, a person, or the next call."""

from __future__ import annotations

from typing import Any

import pytest

from db import errors
from db.queries import sql
from support.shop import GUS, LAKE, LOOP, ROSA, SHARPENING, Json, Shop


@pytest.fixture
def without_email(shop: Shop) -> None:
    shop.sql("UPDATE customer SET email = NULL WHERE id = %s", ROSA)


def moved(shop: Shop, **changed: Any) -> Json:
    """Placed at Loop, not accepted there, given to Lakeside by the worker."""
    order = shop.place(**changed)
    asked = {"order": order["order"], "location": LAKE, "version": order["version"]}
    assert shop.ask(sql.pass_over_order, **asked)
    return shop.order(order["order"])


def tell(shop: Shop, order: Json, location: str = LAKE, by: str = "client") -> Json:
    told: Json = shop.ask(sql.tell_client, order=order["order"], location=location, by=by)
    return told


def untold(shop: Shop) -> list[str]:
    query = "SELECT untold_orders_v1(2, 10) ->> 'order' AS id"
    return [row["id"] for row in shop.conn.execute(query.encode()).fetchall()]


@pytest.mark.usefixtures("without_email")
class TestWhoCannotBeWrittenTo:
    def test_is_to_be_told_and_hears_it_in_the_next_call(self, shop: Shop) -> None:
        order = moved(shop)
        assert order["to_tell"] is True
        assert untold(shop) == [order["order"]]
        assert shop.facts()["moved"] == {
            "order": order["order"],
            "number": order["number"],
            "location": LAKE,
            "due_at": order["due_at"],
        }
        for _ in range(2):
            assert tell(shop, order)["to_tell"] is False
        assert (untold(shop), shop.facts()["moved"]) == ([], None)
        assert shop.timeline(order["order"])[-1] == "client_told"
        assert shop.timeline(order["order"]).count("client_told") == 1
        assert shop.sql("SELECT count(*) FROM audit_entry WHERE action = 'order.client_told'") == 0

    def test_an_agent_who_said_so_is_audited(self, shop: Shop) -> None:
        tell(shop, order := moved(shop), by=f"user:{GUS}")
        query = (
            "SELECT actor_id FROM audit_entry WHERE action = 'order.client_told' AND entity = %s"
        )
        assert shop.sql(query, f"order:{order['order']}") == GUS

    def test_an_appointment_too(self, shop: Shop) -> None:
        shop.sql("DELETE FROM location_without")
        at = shop.sql("SELECT iso_time_v1(date_trunc('hour', now()) + interval '2 days')")
        order = moved(shop, lines=[SHARPENING], method="appointment", due_at=at)
        assert order["to_tell"] is True

    def test_not_of_where_it_was_before(self, shop: Shop) -> None:
        order = moved(shop)
        with pytest.raises(errors.OrderChanged), shop.savepoint():
            tell(shop, order, location=LOOP)
        with pytest.raises(errors.BadOrder), shop.savepoint():
            tell(shop, order, location="NOWHERE")
        assert untold(shop) == [order["order"]]

    def test_what_no_location_takes_is_a_persons_first(self, shop: Shop) -> None:
        order = moved(shop)
        asked = {"order": order["order"], "location": None, "version": order["version"]}
        assert shop.ask(sql.pass_over_order, **asked)
        assert (untold(shop), shop.facts()["moved"]) == ([], None)

    def test_a_delivery_comes_all_the_same(self, shop: Shop) -> None:
        assert moved(shop, method="delivery")["to_tell"] is False

    def test_whoever_has_it_or_has_cancelled_it_need_not_be_told(self, shop: Shop) -> None:
        fetched, left = moved(shop), moved(shop)
        for state in ("accepted", "ready"):
            fetched = shop.advance(fetched, state, by="system")
            assert fetched["to_tell"] is True
        assert shop.advance(fetched, "handed_over", by="system")["to_tell"] is False
        shop.ask(sql.cancel_order, order=left["order"], customer=ROSA)
        assert untold(shop) == []


def test_who_can_be_written_to_is(shop: Shop) -> None:
    shop.sql("UPDATE customer SET email = 'rosa@example.com' WHERE id = %s", ROSA)
    assert moved(shop)["to_tell"] is False
    assert shop.facts()["moved"] is None


@pytest.mark.usefixtures("without_email")
class TestByHand:
    """An agent gives an order to a location, whether or not it went through others before."""

    @pytest.fixture(params=["never moved", "moved before"])
    def helpless(self, shop: Shop, request: pytest.FixtureRequest) -> Json:
        """Placed at Loop; no location took it."""
        order = shop.place() if request.param == "never moved" else moved(shop)
        asked = {"order": order["order"], "location": None, "version": order["version"]}
        assert shop.ask(sql.pass_over_order, **asked)
        return shop.order(order["order"])

    def give(self, shop: Shop, order: Json, location: str, told: bool) -> Json:
        asked = {"order": order["order"], "version": order["version"], "location": location}
        by = f"user:{GUS}"
        given: Json = shop.ask(sql.move_order, why="By hand", by=by, told=told, **asked)
        assert shop.order(order["order"]) == given
        return given

    def test_who_has_called_the_client_says_so(self, shop: Shop, helpless: Json) -> None:
        assert self.give(shop, helpless, "PANTRY-OAK", told=True)["to_tell"] is False
        assert (untold(shop), shop.facts()["moved"]) == ([], None)
        assert shop.timeline(helpless["order"])[-2:] == ["moved", "client_told"]
        audited = "SELECT actor_id FROM audit_entry WHERE action = 'order.client_told'"
        assert shop.sql(audited) == GUS

    def test_else_the_client_is_to_be_told(self, shop: Shop, helpless: Json) -> None:
        assert self.give(shop, helpless, "PANTRY-OAK", told=False)["to_tell"] is True
        assert untold(shop) == [helpless["order"]]
        assert shop.facts()["moved"]["location"] == "PANTRY-OAK"

    def test_back_to_where_the_client_goes_anyway(self, shop: Shop, helpless: Json) -> None:
        assert self.give(shop, helpless, LOOP, told=False)["to_tell"] is False

    def test_who_was_told_another_place_is_told_of_the_way_back(self, shop: Shop) -> None:
        tell(shop, order := moved(shop))
        order = shop.order(order["order"])
        assert self.give(shop, order, LAKE, told=False)["to_tell"] is False
        order = shop.order(order["order"])
        assert self.give(shop, order, LOOP, told=False)["to_tell"] is True

    def test_what_was_said_is_noted_once(self, shop: Shop, helpless: Json) -> None:
        self.give(shop, helpless, LOOP, told=True)
        assert "client_told" not in shop.timeline(helpless["order"])


def test_there_is_no_such_order(shop: Shop) -> None:
    with pytest.raises(errors.UnknownOrder):
        tell(shop, {"order": "0b5e2f0a-53d9-4a8e-8f3b-222222222222"})
