"""The dialogue of an order call on the demo world: its acts are done by the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest

from cordboard.orders import draft as drafts
from cordboard.orders.dialogue import Answered, Record
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Address, Draft, draft_json
from cordboard.orders.facts import Facts, callers_facts, client_facts
from cordboard.settings import Settings
from db.errors import LocationCannotServe, OrderOver, OrderPaid, PriceChanged
from db.orders import ask
from db.queries import sql
from support.order_world import Shop
from support.ordering import Play, keys_offered
from support.people import ORDER_LINE

ROSA, FAMILY, GWEN, HANK = "+13125550150", "+13125550152", "+13125550153", "+13125550154"
VERA, OFFICE, NOBODY = "+13125550155", "+13125550156", "+13125550188"
SETTINGS = Settings()

Connection = psycopg.Connection[dict[str, Any]]
#: Refusals of the database -> words of the dialogue.
WORDS = {
    PriceChanged: "price",
    LocationCannotServe: "closed",
    OrderOver: "too_late",
    OrderPaid: "paid",
}


class Call(Play):
    """A call whose acts are done in the database."""

    def __init__(self, conn: Connection, number: str) -> None:
        self.conn, self.call = conn, str(uuid4())
        conn.execute("SELECT open_call_v1(%s, %s, %s)", (self.call, ORDER_LINE, number))
        super().__init__(Shop(), number, datetime.now(UTC))

    def first_facts(self) -> Facts:
        told = self.ask(sql.order_callers, call=self.call, number=self.number or None)
        return callers_facts(self.call, told)

    def ask(self, query: bytes, **given: Any) -> Any:
        return ask(self.conn, SETTINGS, query, **given)

    def hang_up(self) -> None:
        self.conn.execute("SELECT close_call_v1(%s)", (self.call,))

    def orders(self, state: str = "placed") -> list[dict[str, Any]]:
        return self.conn.execute(
            "SELECT o.*, l.code AS location FROM sales_order o LEFT JOIN location l"
            " ON l.id = o.location_id WHERE o.call_id = %s AND o.state = %s ORDER BY o.created_at",
            (self.call, state),
        ).fetchall()

    def _fresh(self) -> Facts:
        return self.facts

    def _do(self, act: do.Act) -> Answered | None:
        if isinstance(act, do.ToPerson | do.Hangup):
            return None
        try:
            with self.conn.transaction():
                answer = _DOERS[type(act)](self, act)
        except tuple(WORDS) as refused:
            answer = Answered(refused=WORDS[type(refused)])
        if self.facts.client and isinstance(act, do.Place | do.Cancel | do.Prefer):
            self.know(self.ask(sql.order_facts, customer=self.facts.client.id))
        return answer if isinstance(answer, Answered) else Answered()

    def know(self, told: dict[str, Any]) -> None:
        self.facts = client_facts(self.facts, told)

    def client(self) -> int:
        assert self.facts.client is not None
        return self.facts.client.id

    def told(self, draft: Draft) -> dict[str, Any]:
        assert self.facts.client is not None
        who: dict[str, Any] = {"subscriber": "pantry", "customer": self.client(), "source": "phone"}
        held_by = f"call:{self.call}"
        who["address"] = draft.address and draft.address.as_json()
        return draft_json(
            draft, self.facts.client.catalogue, call=self.call, held_by=held_by, **who
        )


def _choose(call: Call, act: do.Choose) -> None:
    who = {"call": call.call, "customer": act.customer, "keyed": act.keyed}
    call.know(call.ask(sql.choose_client, **who))


def _unchoose(call: Call, _act: do.Unchoose) -> None:
    call.ask(sql.unchoose_client, call=call.call)
    call.facts = replace(call.facts, client=None)


def _look_up(call: Call, act: do.LookUp) -> None:
    told = call.ask(sql.order_callers, call=call.call, number=act.number)
    call.facts = replace(call.facts, callers=callers_facts(call.call, told).callers)


def _take(call: Call, act: do.TakeDraft) -> Answered:
    hold = {"holder": f"call:{call.call}", "seconds": 60, "from_holder": None}
    told = call.ask(sql.hold_draft, order=act.order, **hold)
    if told is None:
        return Answered(refused="taken")
    client = call.facts.client
    assert client is not None
    call.facts = replace(call.facts, client=replace(client, draft=drafts.from_json(told)))
    return Answered()


def _place(call: Call, act: do.Place) -> Answered:
    order = call.ask(sql.place_order, draft=call.told(act.draft))
    return Answered(
        number=order["number"],
        location=order["location"]["code"],
        due_at=datetime.fromisoformat(order["due_at"]),
        total_cents=order["total_cents"],
    )


def _enrol(call: Call, act: do.Enrol) -> None:
    told = {
        "id": str(uuid5(UUID(call.call), str(act.count))),
        "subscriber": "pantry",
        "source": "phone",
        "call": call.call,
        "number": act.number,
        "postcode": act.postcode,
        "method": act.method,
        "billing": act.billing,
    }
    new = call.ask(sql.enrol_client, enrolment=told, name_wav=None, address_wav=None)
    call.know(call.ask(sql.order_facts, customer=new["customer"]))
    told = call.ask(sql.order_callers, call=call.call, number=None)
    call.facts = replace(call.facts, callers=callers_facts(call.call, told).callers)


_DOERS: dict[type, Callable[[Call, Any], Any]] = {
    do.LookUp: _look_up,
    do.Choose: _choose,
    do.Unchoose: _unchoose,
    do.TakeDraft: _take,
    do.SaveDraft: lambda call, act: call.ask(sql.save_draft, draft=call.told(act.draft)),
    do.Told: lambda call, act: call.ask(
        sql.tell_client, order=act.order, location=act.location, by="client"
    ),
    do.DropDraft: lambda call, act: call.ask(
        sql.drop_draft, order=act.order, holder=f"call:{call.call}"
    ),
    do.Place: _place,
    do.Cancel: lambda call, act: call.ask(
        sql.cancel_order, order=act.order, customer=call.client()
    ),
    do.Prefer: lambda call, act: call.ask(
        sql.set_preference,
        customer=call.client(),
        no_automation=act.no_automation,
        origin="client",
    ),
    do.CountZero: lambda call, act: call.ask(
        sql.count_zero, customer=call.client(), at_once=act.at_once
    ),
    do.AssignSpeedDial: lambda call, act: call.ask(
        sql.assign_speed_dial,
        customer=call.client(),
        digits=act.digits,
        name=act.name,
        basket=act.basket.as_json(),
    ),
    do.KeepAudio: lambda call, act: None,
    do.Enrol: _enrol,
    do.SpeakWebCode: lambda call, act: Answered(code="123456"),
}


def test_the_usual_order_of_a_regular(conn: Connection) -> None:
    call = Call(conn, ROSA)
    assert call.said.startswith("Rosa, press 1 for your usual. Latte")
    call.press("1", "1")
    (order,) = call.orders()
    assert f"Order {' '.join(str(order['number']))}" in call.said
    assert order["suggestion"] == 1
    assert order["suggested"]
    assert call.facts.client is not None
    assert call.facts.client.last_order is not None
    assert call.facts.client.last_order.number == order["number"]


def test_confirmed_twice_it_is_one_order(conn: Connection) -> None:
    call = Call(conn, ROSA).press("1")
    before = call.step
    call.press("1")
    call.memory = before.memory
    call.press("1")
    assert len(call.orders()) == 1


def test_a_family_and_an_office_are_asked(conn: Connection) -> None:
    family = Call(conn, FAMILY)
    assert family.said.startswith("Who is calling? ")
    assert family.press("1").facts.client is not None
    office = Call(conn, OFFICE).press("*", "3")
    assert office.facts.client is not None


def test_who_wants_no_automation_and_turns_it_on_again(conn: Connection) -> None:
    call = Call(conn, GWEN)
    assert "I am connecting you." in call.said
    call.press("7")
    assert "I am connecting you." not in Call(conn, GWEN).said


def test_the_third_zero_at_once(conn: Connection) -> None:
    said = [Call(conn, ROSA).press("0").said for _ in range(3)]
    assert ["From now on" in one for one in said] == [False, False, True]
    assert "I am connecting you." in Call(conn, ROSA).said


def test_speed_dials(conn: Connection) -> None:
    call = Call(conn, HANK).press("*1", "1")
    assert len(call.orders()) == 1
    call.press("44")
    assert Call(conn, HANK).press("*44").memory.at == "readback"
    assert "Star 45 is not assigned." in Call(conn, HANK).press("*45").said


def test_something_of_the_usual_order_is_not_sold_any_more(conn: Connection) -> None:
    assert "we do not have it any more." in Call(conn, VERA).said


def test_a_half_made_order_is_offered_by_the_next_call(conn: Connection) -> None:
    first = Call(conn, ROSA).press("1")
    (draft,) = first.orders("draft")
    assert "half-made order" not in Call(conn, ROSA).said
    first.hang_up()
    second = Call(conn, ROSA)
    assert "You have a half-made order" in second.said
    second.press("1", "2", "1")
    (placed,) = second.orders()
    assert placed["id"] == draft["id"]


def test_a_delivery_to_a_friend_is_said_and_goes_there(conn: Connection) -> None:
    """Begun on a page, placed by a call, changed by the next."""
    begun = Call(conn, ROSA).press("1")
    conn.execute(
        "UPDATE sales_order SET method = 'delivery', street = '5 Oak Street', city = 'Oak Park',"
        " postcode = '60302' WHERE call_id = %s",
        (begun.call,),
    )
    begun.hang_up()
    first = Call(conn, ROSA).press("1", "2")
    said = "delivered by Oak Park to 5 Oak Street, Oak Park,"
    assert said in first.said
    second = Call(conn, first.press("1").number).press("5", "1", "*")
    assert said in second.said
    second.press("1")
    (order,) = second.orders()
    assert (order["location"], order["street"]) == ("PANTRY-OAK", "5 Oak Street")
    assert order["postcode"] == "60302"
    last = Call(conn, ROSA).facts.client
    assert last is not None
    assert last.last_order is not None
    assert last.last_order.address == Address("5 Oak Street", "Oak Park", "60302")


def test_an_order_to_the_home_has_no_address_of_its_own(conn: Connection) -> None:
    placed = Call(conn, ROSA).press("1", "2", "3", "2", "1")
    (order,) = placed.orders()
    assert (order["method"], order["street"] is None) == ("delivery", False)
    last = Call(conn, ROSA).facts.client
    assert last is not None
    assert last.last_order is not None
    assert last.last_order.address is None


def test_a_new_client_is_enrolled_and_orders(conn: Connection) -> None:
    call = Call(conn, NOBODY).press("1", "1").record().record().press("60601", "1", "1")
    assert "you are a client now" in call.said
    call.press("1", "1")
    while call.memory.at == "option":
        call.press("1")
    call.press("", "2", "1", "1", "1")
    (order,) = call.orders()
    assert order["method"] == "pick_up"
    assert "Press 1 for your usual." in Call(conn, NOBODY).said


def test_whose_number_is_withheld_is_known_again_by_the_keyed_one(
    conn: Connection,
) -> None:
    first = Call(conn, "").press("1", "7735550123", "1").record().record().press("60601", "1", "1")
    first.press("1", "1")
    while first.memory.at == "option":
        first.press("1")
    first.press("", "2", "1", "1", "1")
    (order,) = first.orders()
    again = Call(conn, "").press("2", "7735550123")
    assert again.said.startswith("Who is calling? For a client without a name, press 1.")
    assert again.press("1").said.startswith("Press 1 for your usual.")
    assert "last order" not in again.said
    again.press("1", "1")
    assert [one["customer_id"] for one in again.orders()] == [order["customer_id"]]


def test_who_enrols_after_keying_the_number_of_a_family_is_not_one_of_it(conn: Connection) -> None:
    call = Call(conn, NOBODY).press("2", FAMILY[2:])
    assert call.said.startswith("Who is calling? ")
    call.press("#", "1", "1").record().record().press("60601", "1", "1", "*", "")
    assert call.said.startswith("Welcome to Corner Pantry.")
    assert not call.over


def test_two_of_a_household_are_enrolled_in_one_call(conn: Connection) -> None:
    call = Call(conn, NOBODY)
    for _ in range(2):
        call.press("1", "1").record().record().press("60601", "1", "1")
        assert "you are a client now" in call.said
        call.press("*", "")
    assert Call(conn, NOBODY).said.startswith("Who is calling? ")


def test_the_last_order_is_replaced_or_cancelled(conn: Connection) -> None:
    first = Call(conn, ROSA).press("1", "1")
    second = Call(conn, ROSA).press("5", "1", "*", "1")
    assert len(second.orders()) == 1
    assert len(first.orders("cancelled")) == 1
    Call(conn, ROSA).press("5", "2", "1")
    assert len(second.orders("cancelled")) == 1


def test_a_keyed_number_orders_and_no_more(conn: Connection) -> None:
    call = Call(conn, "").press("2", "3125550150", "1")
    assert "It goes on your account." not in call.said
    call.press("1")
    assert len(call.orders()) == 1


def test_what_regulars_hear_first_is_short(conn: Connection) -> None:
    """Nobody listens longer than ten seconds to hear what 1 means; the median regular, eight."""
    rows = conn.execute(
        "SELECT DISTINCT p.number FROM customer_phone p JOIN sales_order o USING (customer_id)"
        " WHERE o.placed_at > %s ORDER BY p.number",
        (datetime.now(UTC) - timedelta(days=60),),
    )
    turns = [Call(conn, row["number"]).step.turn.say for row in rows.fetchall()]
    offers = [" ".join(say[:2]) for say in turns if "press 1 for your usual." in say[0]]
    assert len(offers) > 5
    lengths = sorted(len(one.split()) for one in offers)
    assert lengths[len(lengths) // 2] <= 20, offers
    assert lengths[-1] <= 30, offers


@pytest.mark.parametrize("number", [ROSA, FAMILY, HANK, VERA, ""])
def test_nothing_that_callers_do_is_refused_as_wrong(conn: Connection, number: str) -> None:
    """Drafts and orders of the dialogue are such as the functions take: no other refusal."""
    random, placed = Random(number), 0
    for _ in range(6):
        call = Call(conn, number)
        for _ in range(25):
            if call.over:
                break
            if isinstance(call.step.turn.then, Record):
                call.record()
                continue
            offered = [key for key in keys_offered(call.step.turn.say) if key != "0"]
            likely = "1" if call.memory.at == "readback" else random.choice(offered or ["1"])
            call.press(likely)
        placed += len(call.orders())
        call.hang_up()
    assert placed or not number
