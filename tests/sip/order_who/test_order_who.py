"""Who calls the order line, and who of them wants keys at all."""

from __future__ import annotations

import pytest

from cordboard.agent_state import State
from support.regulars import CROISSANTS, FLAT_WHITE, OrderCall, Shop


@pytest.fixture(autouse=True)
def _staff(shop: Shop) -> None:
    """Whoever wants a person waits: somebody of the shop is logged in."""
    shop.given.staff_on_pause("gus")


def waits(shop: Shop, call: OrderCall) -> None:
    """The call has come to the queue; the caller leaves."""
    shop.given.becomes(call, state="queued")
    call.leaves("abandoned")


def test_twelve_clients_share_a_number(shop: Shop) -> None:
    number = shop.number()
    often = shop.client("Olga", FLAT_WHITE, FLAT_WHITE, number=number)
    others = [shop.client(f"Client {n}", number=number) for n in range(11)]
    assert {client.number for client in others} == {number}
    call = shop.dial(number)
    call.answers("who", "1")
    call.hears("main")
    assert call.client() == often.id, "most frequent callers come first"
    call.leaves("abandoned_ivr")

    last = shop.dial(number)
    last.goes(("who", "*"), ("who", "3"))
    last.hears("main")
    assert last.client() in {client.id for client in others}
    record = last.leaves("abandoned_ivr")
    assert record["customer"]


def test_withheld_number_and_a_number_that_is_keyed(shop: Shop) -> None:
    ines = shop.client("Ines", FLAT_WHITE)
    call = shop.dial("")
    call.goes(("new", "2"), ("key_number", "7735550#"), ("new", "2"))
    call.answers("key_number", f"{ines.number[2:]}#")
    call.answers("main", "8")
    call.hears("main")
    assert ines.web_codes() == 0, "a number that was keyed proves nothing"
    call.caller.key("1")
    call.answers("readback", "1")
    call.hears("done")
    call.leaves("automated")
    assert [order["state"] for order in ines.orders()] == ["placed"]


def test_a_stranger_gets_a_person_by_zero(shop: Shop) -> None:
    call = shop.dial("")
    call.answers("new", "0")
    waits(shop, call)


def test_somebody_else_of_a_number_with_one_client(shop: Shop) -> None:
    ines = shop.client("Ines", FLAT_WHITE)
    call = shop.call(ines)
    call.goes(("main", "#"), ("new", "0"))
    waits(shop, call)
    assert shop.given.record(call)["customer"] is None, "the agent is not told that it is Ines"


def test_no_automation_by_a_key_and_back(shop: Shop) -> None:
    paul = shop.client("Paul", CROISSANTS)
    call = shop.call(paul)
    call.goes(("main", "7"), ("settings", "1"))
    call.hears("main")
    call.leaves("abandoned_ivr")
    assert (paul.preference("no_automation"), paul.preference("no_automation_origin")) == (
        True,
        "client",
    )

    honoured = shop.call(paul)
    honoured.hears("straight")
    waits(shop, honoured)
    assert shop.given.record(honoured)["customer"], "the agent would see who calls"

    back = shop.call(paul)
    back.goes(("straight", "7"), ("main", "8"))
    back.hears("main")
    assert paul.web_codes() == 1, "a code for the web is made in a call from the own number"
    back.leaves("abandoned_ivr")
    assert paul.preference("no_automation") is False


def test_no_automation_is_learned_from_three_zeros(shop: Shop) -> None:
    otto = shop.client("Otto", CROISSANTS)
    for seen in (1, 2, 3):
        call = shop.call(otto)
        call.answers("main", "0")
        waits(shop, call)
        assert otto.preference("zero_at_once") in (seen, 0), "counted"
    assert (otto.preference("no_automation"), otto.preference("no_automation_origin")) == (
        True,
        "learned",
    )
    call = shop.call(otto)
    call.hears("straight")
    waits(shop, call)


def test_without_automation_an_agent_is_rung(shop: Shop) -> None:
    lena = shop.client("Lena", no_automation=True)
    hana = shop.given.agent("hana")
    call = shop.call(lena)
    assert hana.phone.rings(within=30).custom()["X-CB-Customer-Name"] == "Lena Testing"
    hana.becomes(State.ON_CALL)
    call.leaves("answered")
