"""New clients: by telephone and by a form, what they claim, and what an agent types."""

from __future__ import annotations

from typing import Any

import pytest

from db import errors
from db.demo import regulars
from db.queries import sql
from support.dialplan import Dial
from support.enrolments import STRANGER, WAV, enrol, enrolment
from support.shop import GUS, Json, Shop, callers, draft, race

LINE = "+12025550113"
ROSA_PHONE = "+13125550150"
HANA, BEN = 8, 2


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

    def test_whose_number_is_withheld_is_found_by_it(self, shop: Shop, dial: Dial) -> None:
        """As by any number that is keyed: identified by nothing, nothing on account."""
        first = dial(LINE)
        made = enrol(shop, enrolment(call=first.id))
        for number in (None, "+13125550178"):
            call = dial(LINE, number)
            assert made["customer"] not in [one["id"] for one in callers(shop, call)["callers"]]
            (caller,) = callers(shop, call, STRANGER)["callers"]
            assert (caller["id"], caller["claimed"]) == (made["customer"], True)
            choice: Json = {"call": call.id, "customer": made["customer"]}
            with pytest.raises(errors.UnknownCustomer), shop.savepoint():
                shop.ask(sql.choose_client, **choice, keyed=False)
            assert shop.ask(sql.choose_client, **choice, keyed=True)["client"]["id"] == caller["id"]
            assert call.json["identified_by"] == []
        # Keyed it proves nothing, so a call from it is as unknown as before.
        assert dial("+12025550110", STRANGER).identify() == "UNKNOWN"
        with pytest.raises(errors.UnknownCustomer):
            shop.ask(sql.make_web_code, customer=made["customer"], number=STRANGER, hash=bytes(32))

    def test_what_was_typed_on_a_page_is_found_by_no_key(self, shop: Shop, dial: Dial) -> None:
        ann, call = self.claim(shop, STRANGER), dial(LINE)
        assert callers(shop, call, STRANGER)["callers"] == []
        with pytest.raises(errors.UnknownCustomer):
            shop.ask(sql.choose_client, call=call.id, customer=ann, keyed=True)

    def test_forms_and_names_push_nobody_out_who_orders(self, shop: Shop, dial: Dial) -> None:
        regular = enrol(shop, enrolment(call=dial(LINE).id))["customer"]
        shop.place(customer=regular, source="phone")
        for _ in range(4):
            enrol(shop, enrolment(call=dial(LINE).id))
            self.claim(shop, STRANGER)
        found = [one["id"] for one in callers(shop, dial(LINE), STRANGER)["callers"]]
        assert regular in found
        assert len(found) == 3

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

    def test_an_order_that_is_changed_is_one(self, shop: Shop, wish: Json) -> None:
        order = shop.place(**wish)
        for _ in range(4):
            order = shop.place({**draft(replaces=order["order"]), **wish})
        for _ in range(2):
            shop.ask(sql.cancel_order, order=order["order"], customer=wish["customer"])
            order = shop.place(**wish)
        shop.ask(sql.cancel_order, order=order["order"], customer=wish["customer"])
        with pytest.raises(errors.BadOrder, match="three orders in an hour"), shop.savepoint():
            shop.place(**wish)

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
