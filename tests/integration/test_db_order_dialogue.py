"""The dialogue of an order call on the demo world: its acts are done by the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cordboard.orders.dialogue import Record
from cordboard.orders.draft import Address
from support.database_call import Call, Connection
from support.ordering import keys_offered

ROSA, FAMILY, GWEN, HANK = "+13125550150", "+13125550152", "+13125550153", "+13125550154"
VERA, OFFICE, NOBODY = "+13125550155", "+13125550156", "+13125550188"


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
