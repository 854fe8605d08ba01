"""An order is placed once, at the price that was agreed to, where it can be made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue
from cordboard.orders.pricing import price
from db import errors
from db.demo import goods
from db.queries import sql
from support.dialplan import Dial
from support.shop import (
    BREAD,
    LATTE,
    LOOP,
    OAK_STREET,
    ROSA,
    SHARPENING,
    TOMAS,
    Json,
    Shop,
    draft,
    race,
)

CATALOGUE: Catalogue = goods.sold()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def soon(text: str, minutes: int) -> bool:
    """Whether a time is so many minutes from now, give or take one."""
    return abs(at(text) - datetime.now(UTC) - timedelta(minutes=minutes)) < timedelta(minutes=1)


class TestOnce:
    def test_again_answers_the_same(self, shop: Shop) -> None:
        wanted = draft(LATTE, BREAD)
        first = shop.place(wanted)
        assert shop.place(wanted) == first
        # Whatever a repeated step says now: what was placed stands.
        assert shop.place({**wanted, "basket": {"lines": []}, "total_cents": 1}) == first
        assert shop.sql("SELECT count(*) FROM purchase WHERE order_id = %s", wanted["order"]) == 2
        assert shop.timeline(wanted["order"]) == ["begun", "draft_saved", "placed"]

    def test_two_at_once_are_one(self, two: tuple[Shop, Shop]) -> None:
        wanted = draft(total_cents=1626)
        second = race(*two, lambda one: one.place(wanted), lambda one: one.place(wanted))
        assert second["state"] == "placed"
        assert second == two[0].order(wanted["order"])
        assert two[0].sql("SELECT count(*) FROM purchase WHERE order_id = %s", wanted["order"]) == 1

    def test_two_clicks_on_one_draft_are_one(self, two: tuple[Shop, Shop]) -> None:
        wanted = two[0].save(total_cents=1626)
        second = race(*two, lambda one: one.place(wanted), lambda one: one.place(wanted))
        assert second == two[0].order(wanted["order"])
        assert two[0].timeline(wanted["order"]).count("placed") == 1

    def test_not_what_was_abandoned_or_is_somebody_elses(self, shop: Shop) -> None:
        wanted = shop.save()
        with pytest.raises(errors.DraftHeld), shop.savepoint():
            shop.place({**wanted, "held_by": "web:2"})
        with pytest.raises(errors.UnknownOrder), shop.savepoint():
            shop.place({**wanted, "customer": TOMAS})
        shop.ask(sql.drop_draft, order=wanted["order"], holder="web:1")
        with pytest.raises(errors.OrderOver):
            shop.place(wanted)


class TestPrice:
    def test_another_than_was_agreed_to(self, shop: Shop) -> None:
        wanted = shop.save()
        shop.sql("UPDATE product SET price_cents = 900 WHERE code = 'SOURDOUGH'")
        wanted["total_cents"] = 1626
        with pytest.raises(errors.PriceChanged, match="1841 cents") as refused, shop.savepoint():
            shop.ask(sql.place_order, draft=wanted)
        assert refused.value.detail == "1841"
        assert shop.order(wanted["order"])["state"] == "draft"
        assert shop.place({**wanted, "total_cents": 1841})["total_cents"] == 1841

    def test_of_what_was_placed_stays(self, shop: Shop) -> None:
        placed = shop.place()
        shop.sql("UPDATE product SET price_cents = 900, name = 'Dear' WHERE code = 'SOURDOUGH'")
        assert shop.order(placed["order"])["lines"] == placed["lines"]

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_is_what_the_domain_says(self, shop: Shop, data: st.DataObject) -> None:
        lines = data.draw(
            st.lists(st.sampled_from(FOR_SALE).flatmap(any_line), min_size=1, max_size=6)
        )
        basket = Basket(tuple(lines), "pick_up", LOOP).merged()
        priced = price(basket, CATALOGUE)
        wanted = draft(total_cents=priced.total_cents)
        wanted["basket"] = basket.as_json()
        if any(line.quantity > of(line).max_quantity for line in basket.lines):
            with pytest.raises(errors.BadOrder), shop.savepoint():
                shop.ask(sql.place_order, draft=wanted)
            return
        with shop.conn.transaction(force_rollback=True):
            placed = shop.ask(sql.place_order, draft=wanted)
            assert placed["tax_cents"] == priced.tax_cents
            assert [line["unit_cents"] for line in placed["lines"]] == [
                line.unit_cents for line in priced.lines
            ]


NOT_THESE = ("PUMPKIN-LOAF", "KNIVES", "TASTING")
FOR_SALE = [one for one in CATALOGUE.products if one.code not in NOT_THESE]


def of(line: Line) -> Any:
    return CATALOGUE.product(line.product)


def any_line(product: Any) -> st.SearchStrategy[Line]:
    """Any way to order a product, its withdrawn option left out."""
    answers = [
        st.sampled_from([one.code for one in options if one.code != "ALMOND"])
        for options in product.choices.values()
    ]
    return st.builds(
        Line, st.just(product.code), st.tuples(*answers), st.integers(1, product.max_quantity)
    )


class TestComplete:
    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"method": None}, "choose a method"),
            ({"location": None}, "choose a location"),
            ({"billing": None}, "choose a way"),
            ({"lines": [BREAD, SHARPENING]}, "two orders"),
            ({"method": "appointment"}, "appointments are for services"),
            ({"lines": [SHARPENING]}, "services for appointments"),
            ({"lines": [SHARPENING], "method": "appointment"}, "needs a time"),
            (
                {
                    "lines": [SHARPENING],
                    "method": "appointment",
                    "due_at": "2026-01-01T00:00:00Z",
                },
                "that time is past",
            ),
        ],
    )
    def test_what_is_missing_is_said(self, shop: Shop, changed: Json, says: str) -> None:
        with pytest.raises(errors.BadOrder, match=says):
            shop.ask(sql.place_order, draft=draft(**changed))

    def test_nothing_is_no_order(self, shop: Shop) -> None:
        wanted = draft()
        wanted["basket"]["lines"] = []
        with pytest.raises(errors.BadOrder, match="nothing is ordered"):
            shop.ask(sql.place_order, draft=wanted)

    def test_on_account_needs_one(self, shop: Shop) -> None:
        assert shop.place(billing="on_account")["billing"] == "on_account"
        shop.sql("UPDATE account SET status = 'closed' WHERE customer_id = %s", ROSA)
        with pytest.raises(errors.BadOrder, match="no account"):
            shop.place(billing="on_account")

    def test_a_keyed_number_proves_nobodys_account(self, shop: Shop, dial: Dial) -> None:
        call = dial("+12025550113", "+13125550177")
        shop.ask(sql.choose_client, call=call.id, customer=ROSA, keyed=True)
        asked: Json = {"call": call.id, "source": "phone"}
        with pytest.raises(errors.BadOrder, match="proves nobody's account"), shop.savepoint():
            shop.place(billing="on_account", **asked)
        assert shop.place(**asked)["state"] == "placed"


class TestReplacing:
    def test_the_old_one_goes_when_the_new_one_is_placed(self, shop: Shop) -> None:
        old = shop.place()
        new = shop.place(draft(LATTE, replaces=old["order"]))
        assert new["replaces"] == old["order"]
        assert shop.order(old["order"])["state"] == "cancelled"
        assert [one["basket"] for one in shop.facts()["history"]][:1] == [new["basket"]]
        again = shop.place({**draft(LATTE, replaces=old["order"]), "order": new["order"]})
        assert again["version"] == new["version"]

    def test_or_neither(self, shop: Shop) -> None:
        old = shop.advance(shop.advance(shop.place(), "accepted"), "ready")
        wanted = shop.save(replaces=old["order"])
        too_late = pytest.raises(errors.OrderOver, match="ready and cannot be changed")
        with too_late, shop.savepoint():
            shop.place(wanted)
        assert shop.order(old["order"])["state"] == "ready"
        assert shop.order(wanted["order"])["state"] == "draft"

    def test_only_one_replaces_it(self, shop: Shop) -> None:
        old = shop.place()
        first, second = shop.save(replaces=old["order"]), shop.save(replaces=old["order"])
        shop.place(first)
        too_late = pytest.raises(errors.OrderOver, match="cancelled and cannot be changed")
        with too_late, shop.savepoint():
            shop.place(second)
        assert shop.order(second["order"])["state"] == "draft"

    def test_what_was_said_of_the_old_one_holds_for_the_new(self, shop: Shop) -> None:
        """By keys only the basket and the time can be changed."""
        wanted = {"method": "delivery", "note": "No nuts", "address": OAK_STREET}
        old = shop.place(**wanted)
        new = shop.place(method="delivery", replaces=old["order"])
        assert (new["note"], new["address"]) == ("No nuts", OAK_STREET)
        third = shop.place(replaces=new["order"], note="")
        assert (third["note"], third["client"]["street"]) == ("", None)

    def test_a_home_is_no_address_since_it_may_change(self, shop: Shop) -> None:
        old = shop.place(method="delivery")
        shop.sql("UPDATE customer SET street = '8 New Street' WHERE id = %s", ROSA)
        begun = shop.save(method="delivery", replaces=old["order"])
        assert shop.order(begun["order"])["address"] == old["address"], "as the client had it"
        shop.ask(sql.drop_draft, order=begun["order"], holder="web:1")
        moved = shop.place(method="delivery")
        again = shop.save(method="delivery", replaces=moved["order"])
        assert shop.order(again["order"])["address"] is None

    def test_not_another_clients(self, shop: Shop) -> None:
        theirs = shop.place(customer=TOMAS)
        with pytest.raises(errors.UnknownOrder, match="this client has no order"):
            shop.place(replaces=theirs["order"])


class TestLearned:
    def test_at_once(self, shop: Shop) -> None:
        shop.sql("DELETE FROM customer_changed")
        placed = shop.place(draft(LATTE, BREAD))
        facts = shop.facts()
        assert facts["history"][0] == {"basket": placed["basket"], "at": placed["placed_at"]}
        assert facts["last_order"]["order"] == placed["order"]
        bought = "SELECT sum(amount_cents)::bigint FROM purchase WHERE order_id = %s"
        assert shop.sql(bought, placed["order"]) == placed["subtotal_cents"]
        assert shop.sql("SELECT count(*) FROM customer_changed WHERE customer_id = %s", ROSA) == 1

    def test_from_the_newest_200(self, shop: Shop) -> None:
        shop.sql("UPDATE location SET max_open_orders = 1000")
        for _ in range(201 - len(shop.facts()["history"])):
            shop.place(total_cents=1626)
        newest = shop.place(draft({**LATTE, "quantity": 7}))
        history = shop.facts()["history"]
        assert len(history) == 200
        assert history[0]["basket"] == newest["basket"]

    def test_not_from_what_was_cancelled(self, shop: Shop) -> None:
        before = shop.facts()["history"]
        placed = shop.place()
        shop.ask(sql.cancel_order, order=placed["order"], customer=ROSA)
        assert shop.facts()["history"] == before
        assert shop.sql("SELECT count(*) FROM purchase WHERE order_id = %s", placed["order"]) == 0


def test_others_are_told(two: tuple[Shop, Shop]) -> None:
    one, other = two
    other.conn.execute("LISTEN sales_order")
    placed = one.place()
    (told, *_) = other.conn.notifies(timeout=5, stop_after=1)
    assert placed["order"] in told.payload
    assert '"state" : "placed"' in told.payload
