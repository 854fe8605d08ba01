"""Who calls to order: clients by number, what the dialogue knows of them, what they prefer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cordboard.orders.facts import callers_facts, client_facts
from db import errors
from db.demo import regulars
from db.queries import sql
from support.dialplan import Dial, SqlCall
from support.enrolments import STRANGER, enrol, enrolment
from support.shop import BREAD, LAKE, LATTE, LOOP, ROSA, Json, Shop, callers, draft, race

LINE = "+12025550113"


class TestWhoCalls:
    def test_the_most_frequent_caller_first(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, regulars.FAMILY)
        assert callers(shop, call) == {
            "number": regulars.FAMILY,
            "shop": {
                "code": "pantry",
                "name": "Corner Pantry",
                "country": "US",
                "timezone": "America/Chicago",
            },
            "callers": [
                {
                    "id": id_,
                    "first_name": name,
                    "audio": False,
                    "no_automation": False,
                    "claimed": False,
                }
                for id_, name in [
                    (regulars.NORA, "Nora"),
                    (regulars.MAX, "Max"),
                    (regulars.IDA, "Ida"),
                ]
            ],
        }

    def test_calls_count_as_orders_do(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, regulars.FAMILY)
        shop.sql(
            "INSERT INTO call (id, subscriber_id, customer_id)"
            " SELECT gen_random_uuid(), 2, %s FROM generate_series(1, 200)",
            regulars.IDA,
        )
        assert callers(shop, call)["callers"][0]["first_name"] == "Ida"

    def test_twelve_of_one_office(self, shop: Shop, dial: Dial) -> None:
        found = callers(shop, dial(LINE, regulars.OFFICE))["callers"]
        assert {one["first_name"] for one in found} == set(regulars.IN_OFFICE)
        assert found[0]["first_name"] == "Abel"

    def test_who_wants_no_automation(self, shop: Shop, dial: Dial) -> None:
        (gwen,) = callers(shop, dial(LINE, "+13125550153"))["callers"]
        assert gwen["no_automation"] is True

    def test_no_number_and_an_unknown_one(self, shop: Shop, dial: Dial) -> None:
        assert callers(shop, dial(LINE))["callers"] == []
        call = dial(LINE, STRANGER)
        assert callers(shop, call)["callers"] == []
        # One that is keyed is looked for instead.
        assert callers(shop, call, "+13125550150")["callers"][0]["id"] == ROSA

    def test_of_another_company(self, shop: Shop, dial: Dial) -> None:
        assert callers(shop, dial(LINE, "+12125550140"))["callers"] == []

    def test_no_such_call(self, shop: Shop) -> None:
        with pytest.raises(errors.UnknownCall):
            shop.ask(sql.order_callers, call=str(uuid4()), number=None)


class TestChoosing:
    def choose(self, shop: Shop, call: SqlCall, customer: int, *, keyed: bool = False) -> Json:
        facts: Json = shop.ask(sql.choose_client, call=call.id, customer=customer, keyed=keyed)
        return facts

    def test_attaches_who_it_is(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, regulars.FAMILY)
        facts = self.choose(shop, call, regulars.MAX)
        assert facts["client"]["first_name"] == "Max"
        record = call.json
        assert (record["identified_by"], record["verified"]) == (["ani"], False)
        assert record["cti"]["CUSTOMER_NAME"] == "Max Weiss"
        assert "SERVICE_OFFER_CODE" in record["cti"]
        assert self.choose(shop, call, regulars.NORA)["client"]["first_name"] == "Nora"
        assert call.json["cti"]["CUSTOMER_NAME"] == "Nora Weiss"

    def test_a_keyed_number_proves_nothing(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, STRANGER)
        facts = self.choose(shop, call, ROSA, keyed=True)
        assert "on_account" not in facts["client"]["billing"]
        record = call.json
        assert (record["identified_by"], record["customer"]) == ([], "P10008")
        assert "SERVICE_OFFER_CODE" not in record["cti"]
        # Nor does it do so when it is asked again.
        assert "on_account" not in self.choose(shop, call, ROSA)["client"]["billing"]

    def test_somebody_else_leaves_nothing_of_the_client_at_the_call(
        self, shop: Shop, dial: Dial
    ) -> None:
        call = dial(LINE, regulars.FAMILY)
        before = call.json
        self.choose(shop, call, regulars.MAX)
        for _ in range(2):
            shop.ask(sql.unchoose_client, call=call.id)
        after = call.json
        for known in ("customer", "identified_by", "verified", "offers", "cti"):
            assert after[known] == before[known], known
        assert call.timeline.count("caller.somebody_else") == 1
        assert self.choose(shop, call, regulars.NORA)["client"]["first_name"] == "Nora"
        with pytest.raises(errors.UnknownCall):
            shop.ask(sql.unchoose_client, call=str(uuid4()))

    @pytest.mark.parametrize(("customer", "keyed"), [(ROSA, False), (1, True), (99_999, True)])
    def test_nobody_elses_number(self, shop: Shop, dial: Dial, customer: int, keyed: bool) -> None:
        with pytest.raises(errors.UnknownCustomer):
            self.choose(shop, dial(LINE, regulars.FAMILY), customer, keyed=keyed)


class TestFacts:
    def test_the_dialogue_can_read_them(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, "+13125550154")
        before = callers_facts(call.id, callers(shop, call))
        facts = client_facts(before, shop.facts(regulars.HANK))
        assert facts.client is not None
        assert facts.client.preference.location == LAKE
        assert {place.code for place in facts.client.places} >= {LOOP, LAKE}
        assert facts.client.first_name == "Hank"
        assert set(facts.client.speed_dials) == {1, 12}

    def test_keys_are_those_of_the_contract(self, shop: Shop) -> None:
        facts = shop.facts()
        assert set(facts) == {
            "shop", "client", "preference", "history", "catalogue", "locations", "speed_dials",
            "last_order", "moved", "draft",
        }  # fmt: skip
        assert facts["client"]["billing"] == ["on_account", "on_delivery", "payment_link"]
        assert facts["client"]["has_email"] is True
        assert facts["client"]["enrolment"] is None
        assert facts["preference"] == {
            "no_automation": False, "origin": None, "zero_at_once": 0, "location": None,
            "method": None,
        }  # fmt: skip
        naper = facts["locations"][4]
        assert naper["without"] == ["TRAY-SALMON"]
        assert naper["methods"]["delivery"] == {"radius_m": 15000, "lead_minutes": 60}
        assert naper["schedule"] is None

    def test_how_it_was_paid_last_comes_first(self, shop: Shop) -> None:
        shop.place(billing="payment_link")
        assert shop.facts()["client"]["billing"][0] == "payment_link"

    def test_a_wish_of_the_enrolment_counts_once_it_was_typed(self, shop: Shop) -> None:
        customer = enrol(shop, enrolment(billing="payment_link"))["customer"]

        def usual() -> str:
            return str(shop.facts(customer)["client"]["billing"][0])

        assert usual() == "payment_link"
        shop.place(customer=customer, billing="on_delivery")
        assert usual() == "on_delivery"
        typed = "UPDATE enrolment SET state = 'typed', typed_at = clock_timestamp()"
        shop.sql(f"{typed} WHERE customer_id = %s", customer)
        assert usual() == "payment_link", "there is an address to which a link goes now"
        shop.place(customer=customer, billing="on_delivery")
        assert usual() == "on_delivery", "the client has chosen otherwise since"

    def test_load_is_what_is_to_be_made_yet(self, shop: Shop) -> None:
        order = shop.place()
        loads = [shop.facts()["locations"][0]["open_orders"]]
        for state in ("accepted", "ready"):
            order = shop.advance(order, state)
            loads.append(shop.facts()["locations"][0]["open_orders"])
        assert loads == [1, 1, 0]

    def test_of_nobody_yet_and_of_nobody_at_all(self, shop: Shop) -> None:
        assert shop.ask(sql.order_facts, customer=99_999) is None
        assert set(shop.ask(sql.shop_facts, subscriber="pantry")) == {
            "shop", "catalogue", "locations",
        }  # fmt: skip
        assert shop.ask(sql.shop_facts, subscriber="nobody") is None


class TestPreferences:
    def zero(self, shop: Shop, *at_once: bool) -> list[bool]:
        return [shop.ask(sql.count_zero, customer=ROSA, at_once=one) for one in at_once]

    def test_learned_from_three_zeros_in_a_row(self, shop: Shop) -> None:
        assert self.zero(shop, True, True, False, True, True, True) == [False] * 5 + [True]
        found = shop.facts()["preference"]
        assert (found["no_automation"], found["origin"]) == (True, "learned")
        assert self.zero(shop, False) == [True]

    def test_set_and_taken_back(self, shop: Shop) -> None:
        self.zero(shop, True, True)
        for off, origin in ((True, "agent"), (False, None)):
            asked = {"no_automation": off, "origin": "agent"}
            found = shop.ask(sql.set_preference, customer=ROSA, **asked)
            assert (found["no_automation"], found["origin"]) == (off, origin)
            assert found["zero_at_once"] == 0
        assert self.zero(shop, True, True) == [False, False]

    def test_two_calls_at_once_count_twice(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        self.zero(one, True)
        assert race(one, other, lambda s: self.zero(s, True), lambda s: self.zero(s, True)) == [
            True
        ]

    def test_place_and_method(self, shop: Shop) -> None:
        asked: Json = {"customer": ROSA, "location": LAKE, "method": "delivery"}
        found = shop.ask(sql.prefer_place, **asked)
        assert (found["location"], found["method"]) == (LAKE, "delivery")
        found = shop.ask(sql.prefer_place, **(asked | {"location": None, "method": None}))
        assert (found["location"], found["method"]) == (None, None)
        with pytest.raises(errors.BadOrder, match="no location MOON"):
            shop.ask(sql.prefer_place, **(asked | {"location": "MOON"}))

    def test_nobody_prefers_nothing(self, shop: Shop) -> None:
        with pytest.raises(errors.UnknownCustomer):
            shop.ask(sql.count_zero, customer=99_999, at_once=True)


class TestSpeedDials:
    def assign(self, shop: Shop, digits: int | None, basket: Any, name: str = "Bread") -> Any:
        asked = {"digits": digits, "name": name, "basket": basket}
        return shop.ask(sql.assign_speed_dial, customer=ROSA, **asked)

    def test_given_replaced_taken_back(self, shop: Shop) -> None:
        bread, latte = draft(BREAD)["basket"], draft(LATTE)["basket"]
        self.assign(shop, 99, latte, "Coffee")
        assert [one["digits"] for one in self.assign(shop, 2, bread)] == [2, 99]
        assert self.assign(shop, 2, latte, "Other")[0] == {
            "digits": 2, "name": "Other", "basket": latte,
        }  # fmt: skip
        assert [one["digits"] for one in self.assign(shop, 2, None)] == [99]
        assert shop.facts()["speed_dials"] == self.assign(shop, 3, None)

    @pytest.mark.parametrize("digits", [0, 100, -1, None])
    def test_other_digits(self, shop: Shop, digits: int | None) -> None:
        with pytest.raises(errors.BadOrder, match=r"\*1 to \*99"):
            self.assign(shop, digits, draft()["basket"])

    @pytest.mark.parametrize("basket", [{}, {"lines": []}, {"lines": "x"}, [1]])
    def test_a_basket_with_nothing_in_it(self, shop: Shop, basket: Any) -> None:
        with pytest.raises(errors.BadOrder, match="nothing is in the order"):
            self.assign(shop, 1, basket)
