"""What was paid for a cancelled order is owed to the client until somebody has paid it back."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from db import errors
from db.queries import sql
from support.shop import BREAD, GUS, TOMAS, Json, Shop, cancel, draft, race

AVA, HANA = 1, 8


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


def claim(shop: Shop, order: Json, agent: int = GUS) -> Json:
    found: Json = shop.ask(sql.claim_owed, order=order["order"], agent=agent)
    return found


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
        claim(shop, order)
        assert owed(shop) == [order["order"]], "until it is done"
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


class TestTaken:
    """Two agents would pay it back twice."""

    def taken(self, shop: Shop, agent: int = GUS) -> Json | None:
        (order,) = shop.all(sql.agent_owed_orders, agent=agent, limit=10)
        found: Json | None = order["taken"]
        return found

    def refused(self, shop: Shop, order: Json, said: str, user: int = HANA) -> None:
        for act in (claim, pay_back):
            with pytest.raises(errors.PaybackTaken, match=said), shop.savepoint():
                act(shop, order, user)

    def test_by_one_and_seen_by_the_other(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        assert self.taken(shop) is None
        with pytest.raises(errors.PaybackTaken, match="take it first"), shop.savepoint():
            pay_back(shop, order)
        for _ in range(2):
            claim(shop, order)
        taken = self.taken(shop, HANA)
        assert taken
        assert (taken["by"], taken["name"], taken["over"]) == (GUS, "Gus Hartley", False)
        self.refused(
            shop, order, "Gus Hartley has taken .* to pay it back until [0-9]+:[0-9]{2} [AP]M"
        )
        pay_back(shop, order)

    def test_left_to_somebody_else(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        claim(shop, order)
        leave = {"order": order["order"]}
        shop.conn.execute(sql.release_owed, {**leave, "agent": HANA})
        assert self.taken(shop), "it is not hers to leave"
        shop.conn.execute(sql.release_owed, {**leave, "agent": GUS})
        assert self.taken(shop) is None
        claim(shop, order, HANA)
        pay_back(shop, order, HANA)

    def test_for_a_while(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        claim(shop, order)
        shop.sql("UPDATE payment_link SET claimed_until = now() - interval '1 minute'")
        taken = self.taken(shop, HANA)
        assert taken
        assert (taken["name"], taken["over"]) == ("Gus Hartley", True), "to be asked"
        with shop.savepoint() as back:
            pay_back(shop, order)  # nobody else took it
            raise psycopg.Rollback(back)
        claim(shop, order, HANA)
        self.refused(shop, order, "Hana Sato has taken", GUS)

    def test_two_at_once(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        order = cancel(one, paid(one))
        late = race(one, other, lambda s: claim(s, order), lambda s: claim(s, order, HANA))
        assert isinstance(late, errors.PaybackTaken)

    def test_who_comes_second_is_told_who_did_it(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        claim(shop, order)
        pay_back(shop, order)
        self.refused(shop, order, "Gus Hartley paid it back at [0-9]+:[0-9]{2} [AP]M on")
        with pytest.raises(errors.PaybackTaken, match="Gus Hartley paid it"), shop.savepoint():
            claim(shop, order)


class TestPaidBack:
    def test_once_and_audited(self, shop: Shop) -> None:
        order = cancel(shop, paid(shop))
        claim(shop, order)
        first = pay_back(shop, order)
        assert pay_back(shop, order) == first
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
        claim(one, order)
        late = race(one, other, lambda s: pay_back(s, order), lambda s: pay_back(s, order, HANA))
        assert isinstance(late, errors.PaybackTaken)
        assert one.timeline(order["order"]).count("paid_back") == 1

    def test_nothing_that_is_not_owed(self, shop: Shop) -> None:
        for order in (paid(shop), cancel(shop, shop.place())):
            for act in (claim, pay_back):
                with pytest.raises(errors.OrderOver, match="nothing of order"), shop.savepoint():
                    act(shop, order)


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
