"""What was paid for a cancelled order is owed to the client until somebody has paid it back."""

from __future__ import annotations

from typing import Any

import pytest

from db import errors
from db.queries import sql
from support.shop import BREAD, GUS, TOMAS, Json, Shop, cancel, draft, race

AVA = 1


def pay(shop: Shop, order: Json, state: str = "paid") -> Json:
    """Told by the provider of the payment that is open for an order."""
    opened = shop.ask(sql.open_payment, order=order["order"], provider="test")
    return settle(shop, opened, state)


def settle(shop: Shop, opened: Json, state: str = "paid") -> Json:
    told = {"state": state, "amount_cents": opened["amount_cents"], "reference": "T-1"}
    settled: Json = shop.ask(sql.settle_payment, payment=opened["id"], provider="test", **told)
    return settled


def paid(shop: Shop) -> Json:
    order = shop.place(billing="payment_link")
    pay(shop, order)
    return shop.order(order["order"])


def pay_back(shop: Shop, order: Json, user: int = GUS) -> Json:
    found: Json = shop.ask(sql.pay_back, order=order["order"], user=user)
    return found


def owed(shop: Shop, agent: int = GUS) -> list[str]:
    listed = shop.all(sql.agent_owed_orders, agent=agent, limit=10)
    assert shop.ask(sql.count_rescue_orders, agent=agent) == len(listed)
    return [order["order"] for order in listed]


class TestOwed:
    def test_cancelled_by_the_client_it_is_listed_until_it_is_paid_back(self, shop: Shop) -> None:
        order = paid(shop)
        assert owed(shop) == []
        cancel(shop, order)
        cancel(shop, order)
        assert owed(shop) == [order["order"]]
        assert owed(shop, AVA) == [], "another company's"
        payment = shop.order(order["order"])["payment"]
        assert (payment["state"], payment["amount_cents"]) == ("paid", 1626)
        assert payment["owed_at"]
        pay_back(shop, order)
        assert owed(shop) == []
        assert shop.timeline(order["order"])[-3:] == ["cancelled", "to_pay_back", "paid_back"]

    def test_cancelled_by_staff(self, shop: Shop) -> None:
        order = paid(shop)
        shop.advance(order, "cancelled", f"user:{GUS}")
        assert owed(shop) == [order["order"]]

    def test_paid_after_it_was_cancelled(self, shop: Shop) -> None:
        order = shop.place(billing="payment_link")
        opened = shop.ask(sql.open_payment, order=order["order"], provider="test")
        cancel(shop, order)
        assert owed(shop) == []
        settle(shop, opened, "declined")
        assert owed(shop) == []
        for _ in range(2):
            settle(shop, opened)
        assert owed(shop) == [order["order"]]
        assert shop.timeline(order["order"]).count("to_pay_back") == 1

    def test_what_was_not_paid_is_not_owed(self, shop: Shop) -> None:
        for state in (None, "declined"):
            order = shop.place(billing="payment_link")
            if state:
                pay(shop, order, state)
            cancel(shop, order)
        assert owed(shop) == []


class TestPaidBack:
    def test_once_and_audited(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        first = pay_back(shop, order)
        assert pay_back(shop, order, 8) == first
        assert shop.timeline(order["order"]).count("paid_back") == 1
        entries = shop.conn.execute(
            b"SELECT actor_id, action, data FROM audit_entry WHERE entity = %s",
            ["order:" + order["order"]],
        ).fetchall()
        (entry,) = entries
        assert (entry["actor_id"], entry["action"]) == (GUS, "order.paid_back")
        assert entry["data"]["amount_cents"] == 1626
        # Said by the provider again it is not owed anew.
        settle(shop, first["payment"])
        assert owed(shop) == []

    def test_two_at_once(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        order = cancel(one, paid(one))
        race(one, other, lambda s: pay_back(s, order), lambda s: pay_back(s, order, 8))
        assert one.timeline(order["order"]).count("paid_back") == 1

    def test_nothing_that_is_not_owed(self, shop: Shop) -> None:
        for order in (paid(shop), cancel(shop, shop.place())):
            with pytest.raises(errors.OrderOver, match="nothing of order"), shop.savepoint():
                pay_back(shop, order)


class TestChanging:
    """A paid order is not changed: the client would pay twice."""

    def test_is_refused(self, shop: Shop) -> None:
        order = paid(shop)
        wanted = shop.save(replaces=order["order"], billing="payment_link")
        refused = pytest.raises(errors.OrderPaid, match="cancel it, which is paid back, and order")
        with refused, shop.savepoint():
            shop.place(wanted)
        assert shop.order(order["order"])["state"] == "placed"
        assert shop.order(wanted["order"])["state"] == "draft"
        assert owed(shop) == []

    def test_says_nothing_of_another_clients(self, shop: Shop) -> None:
        order = paid(shop)
        with pytest.raises(errors.UnknownOrder, match="this client has no order"):
            shop.place(draft(BREAD, customer=TOMAS, replaces=order["order"]))

    def test_an_order_that_is_not_paid_yet_is_changed(self, shop: Shop) -> None:
        order = shop.place(billing="payment_link")
        opened = shop.ask(sql.open_payment, order=order["order"], provider="test")
        new = shop.place(replaces=order["order"], billing="payment_link")
        assert new["state"] == "placed"
        # The page of the provider was open in another tab.
        settle(shop, opened)
        assert owed(shop) == [order["order"]]

    @pytest.mark.parametrize("is_paid", [True, False])
    def test_the_client_is_told_that_it_is_paid(self, shop: Shop, is_paid: Any) -> None:
        order = paid(shop) if is_paid else shop.place(billing="payment_link")
        last = shop.facts()["last_order"]
        assert (last["order"], last["paid"]) == (order["order"], is_paid)
