"""Who orders: clients by number, what they prefer, new clients, and browsers that are theirs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cordboard.orders.facts import callers_facts, client_facts
from db import errors
from db.demo import regulars
from db.queries import sql
from support.dialplan import Dial, SqlCall
from support.shop import BREAD, GUS, LAKE, LATTE, LOOP, ROSA, Json, Shop, draft, race

LINE, STRANGER = "+12025550113", "+13125550177"
ROSA_PHONE = "+13125550150"
HANA, BEN = 8, 2
WAV = b"RIFF" + bytes(60)


def callers(shop: Shop, call: SqlCall, number: str | None = None) -> Json:
    found: Json = shop.ask(sql.order_callers, call=call.id, number=number)
    return found


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
            "last_order", "draft",
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


def enrolment(**changed: Any) -> Json:
    return {
        "id": str(uuid4()),
        "subscriber": "pantry",
        "source": "phone",
        "number": STRANGER,
        "postcode": "60601",
        "method": "pick_up",
        "billing": "on_delivery",
        **changed,
    }


def enrol(shop: Shop, told: Json, name: bytes | None = WAV, address: bytes | None = None) -> Json:
    made: Json = shop.ask(sql.enrol_client, enrolment=told, name_wav=name, address_wav=address)
    return made


class TestEnrolment:
    def test_by_telephone(self, shop: Shop, dial: Dial) -> None:
        call = dial(LINE, STRANGER)
        told = enrolment(call=call.id)
        made = enrol(shop, told, address=WAV)
        assert made["state"] == "recorded"
        assert call.json["identified_by"] == ["ani"]
        client = shop.facts(made["customer"])["client"]
        assert (client["first_name"], client["audio"]) == (None, ["name", "address"])
        assert client["billing"] == ["on_delivery", "payment_link"]
        (caller,) = callers(shop, dial(LINE, STRANGER))["callers"]
        assert (caller["first_name"], caller["audio"]) == (None, True)
        assert enrol(shop, told) == made
        assert len(callers(shop, call)["callers"]) == 1
        ordered = shop.place(customer=made["customer"], call=call.id, source="phone")
        assert ordered["client"]["name"] == "New client"

    def test_twice_at_once_is_one_client(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        told = enrolment()
        second = race(one, other, lambda shop: enrol(shop, told), lambda shop: enrol(shop, told))
        assert second == enrol(one, told)
        assert one.sql("SELECT count(*) FROM enrolment WHERE number = %s", STRANGER) == 1

    def test_with_another_number_than_the_calls(self, shop: Shop, dial: Dial) -> None:
        """The call's number is the client's; the other one is where to call back."""
        call = dial(LINE, "+13125550170")
        made = enrol(shop, enrolment(call=call.id))
        assert call.json["identified_by"] == ["ani"]
        (caller,) = callers(shop, dial(LINE, "+13125550170"))["callers"]
        assert (caller["id"], caller["claimed"]) == (made["customer"], False)
        assert shop.facts(made["customer"])["client"]["postcode"] == "60601"

    def test_on_the_web_nothing_is_left_to_be_typed(self, shop: Shop) -> None:
        named = enrolment(source="web", first_name="Ann", last_name="Bo", street="1 Elm Street")
        made = enrol(shop, named, name=None)
        assert made["state"] == "typed"
        assert shop.facts(made["customer"])["client"]["first_name"] == "Ann"
        assert shop.ask(sql.claim_enrolment, agent=GUS) is None

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"number": "3125550177"}, "with country code"),
            ({"number": None}, "with country code"),
            ({"billing": "on_account"}, "no account"),
            ({"subscriber": "nobody"}, "no subscriber nobody"),
        ],
    )
    def test_refused(self, shop: Shop, changed: Json, says: str) -> None:
        with pytest.raises(errors.BadOrder, match=says):
            enrol(shop, enrolment(**changed))


class TestClaims:
    """A number that was keyed or typed is the client's once a call comes from it."""

    def claim(self, shop: Shop, number: str, **changed: Any) -> int:
        """By a form, or in a call without a number."""
        told = enrolment(source="web", first_name="Ann", last_name="Bo", number=number, **changed)
        return int(enrol(shop, told, name=None)["customer"])

    @pytest.mark.parametrize("line", ["+12025550110", LINE])
    def test_the_owner_is_found_as_before(self, shop: Shop, dial: Dial, line: str) -> None:
        before = callers(shop, dial(LINE, ROSA_PHONE))
        for _ in range(3):
            self.claim(shop, ROSA_PHONE)
        withheld = dial(LINE)
        enrol(shop, enrolment(call=withheld.id, number=ROSA_PHONE))
        call = dial(line, ROSA_PHONE)
        assert call.identify() == "FOUND"
        assert call.json["customer"] == "P10008"
        assert callers(shop, call) == before
        assert withheld.json["identified_by"] == []

    def test_a_call_from_it_proves_it(self, shop: Shop, dial: Dial) -> None:
        ann = self.claim(shop, STRANGER)
        call = dial("+12025550110", STRANGER)
        assert call.identify() == "UNKNOWN"
        (caller,) = callers(shop, call)["callers"]
        assert (caller["id"], caller["claimed"]) == (ann, True)
        assert callers(shop, dial(LINE, "+13125550178"), STRANGER)["callers"] == []
        choice: Json = {"call": call.id, "customer": ann, "keyed": False}
        assert shop.ask(sql.choose_client, **choice)["client"]["first_name"] == "Ann"
        assert call.json["identified_by"] == ["ani"]
        assert dial(LINE, STRANGER).identify() in ("FOUND", "NOT_ENOUGH")
        shop.ask(sql.make_web_code, customer=ann, number=STRANGER, hash=bytes(32))

    def test_whoever_shares_it_keys_it(self, shop: Shop, dial: Dial) -> None:
        ann = self.claim(shop, regulars.FAMILY)
        call = dial(LINE, regulars.FAMILY)
        assert ann not in [one["id"] for one in callers(shop, call)["callers"]]
        found = callers(shop, call, regulars.FAMILY)["callers"]
        assert [one["id"] for one in found if one["claimed"]] == [ann]
        shop.ask(sql.choose_client, call=call.id, customer=ann, keyed=False)
        after = callers(shop, dial(LINE, regulars.FAMILY))["callers"]
        assert [one["claimed"] for one in after] == [False] * 4

    def test_not_from_another_number(self, shop: Shop, dial: Dial) -> None:
        ann = self.claim(shop, STRANGER)
        for number in (None, "+13125550178"):
            with pytest.raises(errors.UnknownCustomer), shop.savepoint():
                shop.ask(sql.choose_client, call=dial(LINE, number).id, customer=ann, keyed=False)
        with pytest.raises(errors.UnknownCustomer):
            shop.ask(sql.make_web_code, customer=ann, number=STRANGER, hash=bytes(32))

    def test_of_many_the_newest_three(self, shop: Shop, dial: Dial) -> None:
        for _ in range(5):
            self.claim(shop, STRANGER)
        assert len(callers(shop, dial(LINE, STRANGER))["callers"]) == 3

    def test_staff_know_it(self, shop: Shop) -> None:
        ann = self.claim(shop, STRANGER)
        placed = shop.place(customer=ann)
        assert placed["client"]["number"] == STRANGER
        found = shop.conn.execute(
            b"SELECT id, phones FROM search_customers_v1(7, 'pantry', '', %s, '')", [STRANGER]
        ).fetchall()
        assert found == [{"id": ann, "phones": [STRANGER]}]


class TestUnproved:
    """Who only typed a number orders one thing after the other."""

    @pytest.fixture
    def wish(self, shop: Shop) -> Json:
        made = "INSERT INTO visitor_session (id, subscriber_id) VALUES (gen_random_uuid(), 2)"
        visitor = str(shop.sql(f"{made} RETURNING id"))
        told = enrolment(first_name="Ann", last_name="Bo")
        made_client = shop.ask(sql.enrol_web_client, visitor=visitor, enrolment=told)
        return {"customer": made_client["customer"], "held_by": f"web:{visitor}"}

    def test_one_open_order(self, shop: Shop, wish: Json) -> None:
        first = shop.place(**wish)
        with pytest.raises(errors.BadOrder, match="not fetched yet; call from"), shop.savepoint():
            shop.place(**wish)
        assert shop.place({**draft(replaces=first["order"]), **wish})["state"] == "placed"

    def test_three_an_hour(self, shop: Shop, wish: Json) -> None:
        for _ in range(3):
            order = shop.place(**wish)
            shop.ask(sql.cancel_order, order=order["order"], customer=wish["customer"])
        with pytest.raises(errors.BadOrder, match="three orders in an hour"), shop.savepoint():
            shop.place(**wish)
        shop.long_ago(order["order"], 61)
        assert shop.place(**wish)["state"] == "placed"

    def test_two_tabs_at_once(self, two: tuple[Shop, Shop]) -> None:
        one, other = two
        made = "INSERT INTO visitor_session (id, subscriber_id) VALUES (gen_random_uuid(), 2)"
        visitor = str(one.sql(f"{made} RETURNING id"))
        told = enrolment(first_name="Ann", last_name="Bo")
        made_client = one.ask(sql.enrol_web_client, visitor=visitor, enrolment=told)
        wish: Json = {"customer": made_client["customer"], "held_by": f"web:{visitor}"}
        wish["total_cents"] = 1626
        assert isinstance(
            race(one, other, lambda s: s.place(**wish), lambda s: s.place(**wish)), errors.BadOrder
        )

    def test_not_once_a_code_was_used(self, shop: Shop, wish: Json) -> None:
        shop.place(**wish)
        shop.sql("UPDATE web_client SET proved = true WHERE customer_id = %s", wish["customer"])
        assert shop.place(**wish)["state"] == "placed"


NAMES: Json = {"first_name": "Ann", "last_name": "Bo", "street": "1 Elm Street", "city": ""}


class TestTyping:
    def type(self, shop: Shop, made: Json, agent: int = GUS, **changed: Any) -> Json:
        asked = {"enrolment": made["enrolment"], "agent": agent}
        typed: Json = shop.ask(sql.type_enrolment, typed={**NAMES, **changed}, **asked)
        return typed

    def test_the_oldest_for_who_comes_first(self, shop: Shop) -> None:
        first, second = (enrol(shop, enrolment()) for _ in range(2))
        shop.sql(
            "UPDATE enrolment SET created_at = now() - interval '1 hour' WHERE id = %s",
            first["enrolment"],
        )
        assert shop.ask(sql.count_enrolments, agent=GUS) == 2
        claimed = [shop.ask(sql.claim_enrolment, agent=agent) for agent in (GUS, HANA, GUS)]
        assert [one["enrolment"] for one in claimed] == [
            first["enrolment"], second["enrolment"], first["enrolment"],
        ]  # fmt: skip
        assert claimed[0]["client"]["audio"] == ["name"]
        with pytest.raises(errors.EnrolmentTaken, match="somebody else types"), shop.savepoint():
            self.type(shop, first, HANA)
        shop.sql("UPDATE enrolment SET claimed_until = now()")
        assert self.type(shop, first, HANA)["state"] == "typed"

    def test_of_another_company(self, shop: Shop) -> None:
        made = enrol(shop, enrolment())
        assert shop.ask(sql.claim_enrolment, agent=BEN) is None
        assert shop.ask(sql.count_enrolments, agent=BEN) == 0
        with pytest.raises(errors.EnrolmentTaken, match="no such enrolment"):
            self.type(shop, made, BEN)

    def test_what_was_heard_is_the_client(self, shop: Shop) -> None:
        made = enrol(shop, enrolment(), address=WAV)
        placed = shop.place(customer=made["customer"], method="delivery")
        assert placed["client"]["street"] is None
        typed = self.type(shop, made)
        assert typed["client"]["first_name"] == "Ann"
        assert typed["client"]["postcode"] == "60601"  # the keyed one stays
        assert typed["client"]["audio"] == []
        # What is on its way to the door has an address now.
        assert shop.order(placed["order"])["client"]["street"] == "1 Elm Street"
        assert self.type(shop, made, last_name="Bow")["client"]["last_name"] == "Bow"
        with pytest.raises(errors.EnrolmentTaken, match="done this enrolment already"):
            self.type(shop, made, HANA)

    def test_a_name_is_needed(self, shop: Shop) -> None:
        with pytest.raises(errors.BadOrder, match="type both"):
            self.type(shop, enrol(shop, enrolment()), last_name="")

    def test_nothing_to_be_understood(self, shop: Shop) -> None:
        made = enrol(shop, enrolment())
        asked = {"enrolment": made["enrolment"], "agent": GUS, "why": "Only noise"}
        found = [shop.ask(sql.discard_enrolment, **asked) for _ in "12"]
        assert [one["state"] for one in found] == ["discarded", "discarded"]
        assert found[0]["client"]["audio"] == []
        assert shop.facts(made["customer"])["client"]["first_name"] is None
        assert shop.ask(sql.claim_enrolment, agent=GUS) is None

    def test_a_recording_replaces_the_one_before(self, shop: Shop) -> None:
        made = enrol(shop, enrolment())
        kept = {"customer": made["customer"], "what": "name", "call": None}
        shop.ask(sql.keep_audio, wav=WAV * 2, **kept)
        found = shop.ask(sql.client_audio, customer=made["customer"], what="name")
        assert bytes(found) == WAV * 2


class TestWebCode:
    RIGHT, WRONG = bytes(32), bytes([1]) * 32

    @pytest.fixture
    def visitor(self, shop: Shop) -> str:
        return self.new_visitor(shop)

    def new_visitor(self, shop: Shop, subscriber: int = 2) -> str:
        made = "INSERT INTO visitor_session (id, subscriber_id) VALUES (gen_random_uuid(), %s)"
        return str(shop.sql(f"{made} RETURNING id", subscriber))

    def make(self, shop: Shop, customer: int, number: str, code: bytes) -> None:
        shop.ask(sql.make_web_code, customer=customer, number=number, hash=code)

    def use(self, shop: Shop, visitor: str, code: bytes, number: str = regulars.FAMILY) -> Json:
        used: Json = shop.ask(sql.use_web_code, visitor=visitor, number=number, hash=code)
        return used

    def test_links_a_browser_once(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.WRONG)
        self.make(shop, regulars.MAX, regulars.FAMILY, self.RIGHT)
        linked = {"status": "LINKED", "customer": regulars.MAX}
        assert self.use(shop, visitor, self.RIGHT) == linked
        assert shop.ask(sql.web_client, visitor=visitor, sid="pantry") == regulars.MAX
        assert self.use(shop, visitor, self.RIGHT)["status"] == "WRONG"  # Nora's is left
        assert self.use(shop, visitor, self.WRONG)["customer"] == regulars.NORA
        assert self.use(shop, visitor, self.WRONG)["status"] == "NONE"
        assert shop.ask(sql.web_client, visitor=visitor, sid="pantry") == regulars.NORA

    def test_five_tries(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        tries = [self.use(shop, visitor, self.WRONG)["status"] for _ in range(5)]
        assert tries == ["WRONG"] * 4 + ["LOCKED"]
        assert self.use(shop, visitor, self.RIGHT) == {"status": "LOCKED", "customer": None}
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        assert self.use(shop, visitor, self.RIGHT)["status"] == "LINKED"

    def test_ten_minutes(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        shop.sql("UPDATE web_code SET expires_at = expires_at - interval '10 minutes'")
        assert self.use(shop, visitor, self.RIGHT)["status"] == "NONE"

    def test_not_for_another_number_or_company(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        assert self.use(shop, visitor, self.RIGHT, STRANGER)["status"] == "NONE"
        assert self.use(shop, self.new_visitor(shop, 1), self.RIGHT)["status"] == "NONE"
        with pytest.raises(errors.UnknownCustomer):
            self.make(shop, ROSA, regulars.FAMILY, self.RIGHT)
