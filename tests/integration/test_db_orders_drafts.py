"""Half-made orders: stored once, held by one, priced by the catalogue, offered again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cordboard.orders.basket import parse
from cordboard.orders.catalogue import catalogue_from_json
from cordboard.orders.pricing import price
from db import errors
from db.queries import sql
from support.dialplan import Dial
from support.shop import (
    BREAD,
    GUS,
    LATTE,
    LOOP,
    OAK_STREET,
    ROSA,
    TOMAS,
    Json,
    Shop,
    draft,
    race,
)


class TestSaving:
    def test_the_same_draft_is_one(self, shop: Shop) -> None:
        wanted = shop.save()
        again = shop.ask(sql.save_draft, draft=wanted)
        assert shop.order(wanted["order"])["number"] == again["number"]
        assert shop.sql("SELECT count(*) FROM sales_order WHERE state = 'draft'") == 1
        assert shop.timeline(wanted["order"]) == ["begun", "draft_saved"]

    def test_numbers_go_on(self, shop: Shop) -> None:
        last = shop.sql("SELECT max(number) FROM sales_order")
        numbers = [shop.order(shop.save()["order"])["number"] for _ in range(2)]
        assert numbers == [last + 1, last + 2]

    def test_what_it_costs_is_the_catalogues_business(self, shop: Shop) -> None:
        wanted = shop.save(lines=[BREAD, LATTE], subtotal_cents=1, total_cents=1)
        priced = price(parse(wanted["basket"]), catalogue_from_json(shop.facts()["catalogue"]))
        stored = shop.order(wanted["order"])
        assert [line["cents"] for line in stored["lines"]] == [one.cents for one in priced.lines]
        for sums in ("subtotal_cents", "tax_cents", "total_cents"):
            assert stored[sums] == getattr(priced, sums)

    def test_another_basket_replaces_it(self, shop: Shop) -> None:
        wanted = shop.save()
        wanted["basket"] |= {"lines": [LATTE], "method": None, "location": None}
        shop.ask(sql.save_draft, draft=wanted)
        found = shop.order(wanted["order"])
        assert found["basket"] == wanted["basket"]
        assert shop.timeline(wanted["order"]) == ["begun", "draft_saved", "draft_saved"]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ({"product": "CAVIAR"}, "CAVIAR is not sold"),
            ({"product": "PUMPKIN-LOAF"}, "PUMPKIN-LOAF is not sold"),
            ({"product": "LATTE", "options": ["LARGE", "ALMOND"]}, "not sold with"),
            ({"product": "LATTE", "options": ["UNCUT"]}, "not sold with"),
            ({"product": "LATTE", "options": ["LARGE", "SMALL"]}, "two answers to one choice"),
            ({"product": "BREAD-X' OR 1=1"}, "is not sold"),
            ({"product": "LATTE", "quantity": 21}, "order 1 to 20"),
            ({"product": "LATTE", "quantity": 0}, "order 1 to 20"),
            ({"product": "LATTE", "quantity": -3}, "order 1 to 20"),
        ],
    )
    def test_what_is_not_sold_is_refused(self, shop: Shop, line: Json, says: str) -> None:
        with pytest.raises(errors.BadOrder, match=says):
            shop.save(lines=[{"options": [], "quantity": 1, **line}])

    def test_what_is_said_beside_the_basket_stays(self, shop: Shop) -> None:
        """Whoever names neither note nor address leaves both as somebody typed them."""
        typed = shop.save(note="No nuts", address=OAK_STREET)
        for name in ("note", "address"):
            del typed[name]
        shop.ask(sql.save_draft, draft=typed)
        found = shop.facts()["draft"] or shop.order(typed["order"])
        assert (found["note"], found["address"]) == ("No nuts", OAK_STREET)
        shop.ask(sql.save_draft, draft={**typed, "note": "", "address": None})
        found = shop.order(typed["order"])
        assert (found["note"], found["address"]) == ("", None)

    def test_a_location_that_is_none(self, shop: Shop) -> None:
        with pytest.raises(errors.BadOrder, match="there is no location MOON"):
            shop.save(location="MOON")

    def test_nobody_elses(self, shop: Shop) -> None:
        wanted = shop.save()
        with pytest.raises(errors.UnknownOrder, match="another client's"):
            shop.ask(sql.save_draft, draft={**wanted, "customer": TOMAS})

    @pytest.mark.parametrize(
        "changed", [{"customer": 1}, {"customer": 99_999}, {"subscriber": "x"}]
    )
    def test_of_this_subscriber(self, shop: Shop, changed: Json) -> None:
        with pytest.raises(errors.UnknownCustomer):
            shop.save(**changed)


class TestHolding:
    def test_somebody_else_has_to_wait(self, shop: Shop) -> None:
        wanted = shop.save()
        with pytest.raises(errors.DraftHeld), shop.savepoint():
            shop.ask(sql.save_draft, draft={**wanted, "held_by": "web:2"})
        assert self.hold(shop, wanted, "web:2") is None
        assert self.hold(shop, wanted, "web:1", 0) is not None
        assert self.hold(shop, wanted, "web:2") is not None
        assert shop.timeline(wanted["order"])[-1] == "taken"

    def test_a_hold_ends(self, shop: Shop) -> None:
        wanted = shop.save()
        shop.sql("UPDATE sales_order SET held_until = now() WHERE id = %s", wanted["order"])
        assert self.hold(shop, wanted, "web:2")["basket"] == wanted["basket"]

    def test_a_call_that_is_over_holds_nothing(self, shop: Shop, dial: Dial) -> None:
        call = dial("+12025550113", "+13125550150")
        wanted = shop.save(held_by=f"call:{call.id}", call=call.id, source="phone")
        assert self.hold(shop, wanted, "call:other") is None
        assert shop.facts()["draft"] is None
        shop.sql("SELECT close_call_v1(%s)", call.id)
        assert shop.facts()["draft"]["order"] == wanted["order"]
        assert self.hold(shop, wanted, "call:other") is not None

    def test_the_desk_takes_over_from_the_call(self, shop: Shop) -> None:
        wanted = shop.save(held_by="call:a")
        desk = f"agent:{GUS}"
        assert self.hold(shop, wanted, desk, from_holder="call:b") is None
        assert self.hold(shop, wanted, desk, from_holder="call:a") is not None
        last = shop.order(wanted["order"])["timeline"][-1]
        assert (last["name"], last["actor"]) == ("order.taken", f"user:{GUS}")

    def test_two_at_once_one_has_it(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        wanted = one.save()
        one.sql("UPDATE sales_order SET held_until = now() WHERE id = %s", wanted["order"])
        second = race(
            one,
            other,
            lambda shop: self.hold(shop, wanted, "call:a"),
            lambda shop: self.hold(shop, wanted, "call:b"),
        )
        assert second is None
        assert one.order(wanted["order"])["held_by"] == "call:a"

    @staticmethod
    def hold(
        shop: Shop, wanted: Json, holder: str, seconds: int = 60, from_holder: str | None = None
    ) -> Json:
        found: Json = shop.ask(
            sql.hold_draft,
            order=wanted["order"],
            holder=holder,
            seconds=seconds,
            from_holder=from_holder,
        )
        return found


class TestGoingOn:
    def released(self, shop: Shop, **changed: object) -> Json:
        wanted = shop.save(**changed)
        TestHolding.hold(shop, wanted, wanted["held_by"], 0)
        return wanted

    def test_the_newest_that_nobody_holds(self, shop: Shop) -> None:
        self.released(shop)
        newest = self.released(shop, lines=[LATTE], suggested=[{"lines": []}], suggestion=1)
        shop.save(held_by="web:9")
        assert shop.facts()["draft"] == {
            "order": newest["order"],
            "number": shop.order(newest["order"])["number"],
            "basket": newest["basket"],
            "due_at": None,
            "billing": "on_delivery",
            "replaces": None,
            "suggested": [{"lines": []}],
            "suggestion": 1,
            "note": "",
            "address": None,
        }

    def test_not_one_with_nothing_in_it(self, shop: Shop) -> None:
        wanted = self.released(shop)
        wanted["basket"]["lines"] = []
        shop.ask(sql.save_draft, draft=wanted)
        TestHolding.hold(shop, wanted, "web:1", 0)
        assert shop.facts()["draft"] is None

    def test_old_ones_are_abandoned(self, shop: Shop) -> None:
        wanted = self.released(shop)
        assert shop.ask(sql.abandon_old_drafts, limit=10, hours=24) == 0
        assert shop.ask(sql.abandon_old_drafts, limit=10, hours=0) == 1
        assert shop.facts()["draft"] is None
        with pytest.raises(errors.OrderOver, match="abandoned and no draft"):
            shop.ask(sql.save_draft, draft=wanted)

    def test_dropped_by_who_holds_it(self, shop: Shop) -> None:
        wanted = shop.save()
        drop = {"order": wanted["order"]}
        assert shop.ask(sql.drop_draft, holder="web:2", **drop) is False
        assert [shop.ask(sql.drop_draft, holder="web:1", **drop) for _ in "12"] == [True, True]
        assert shop.order(wanted["order"])["state"] == "abandoned"
        assert shop.ask(sql.drop_draft, holder="web:1", order=str(uuid4())) is False

    def test_what_was_placed_is_not_dropped(self, shop: Shop) -> None:
        placed = shop.place()
        assert shop.ask(sql.drop_draft, order=placed["order"], holder="web:1") is False
        assert shop.order(placed["order"])["state"] == "placed"


def test_a_draft_is_nobodys_business_yet(shop: Shop) -> None:
    wanted = draft({**BREAD, "quantity": 9})
    shop.ask(sql.save_draft, draft=wanted)
    location = shop.sql("SELECT id FROM location WHERE code = %s", LOOP)
    assert shop.all(sql.board_orders, location=location) == []
    assert shop.sql("SELECT count(*) FROM purchase WHERE order_id = %s", wanted["order"]) == 0
    assert shop.facts(ROSA)["history"][0]["basket"] != wanted["basket"]
