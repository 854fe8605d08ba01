"""A half-made order goes to a person, waits for the next call, and outlives crashes."""

from __future__ import annotations

import pytest

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.regulars import FLAT_WHITE, OrderCall, Regular, Shop
from support.stack import kill, stopped, wait_until_back


@pytest.fixture
def rosa(shop: Shop) -> Regular:
    """A regular."""
    return shop.client("Rosa", FLAT_WHITE, FLAT_WHITE)


def begin(shop: Shop, rosa: Regular) -> OrderCall:
    """The usual order is read back, and not confirmed."""
    call = shop.call(rosa)
    call.answers("main", "1")
    call.hears("readback")
    return call


def test_an_agent_gets_the_half_made_order(shop: Shop, rosa: Regular) -> None:
    gus = shop.given.agent("gus")
    call = begin(shop, rosa)
    call.caller.key("0")
    sent = gus.phone.rings(within=30).custom()
    (order,) = rosa.orders()
    assert (sent["X-CB-Order-Number"], sent["X-CB-Order-State"]) == (str(order["number"]), "draft")
    offered = [data["call"] for kind, data in gus.told() if kind == "call.offered"]
    card = next(card for card in offered if card["id"] == call.call_id())
    assert card["order"]["order"] == str(order["id"])
    assert card["order"]["lines"][0]["product"] == "FLAT-WHITE"
    assert card["customer"]["id"] == rosa.id
    gus.becomes(State.ON_CALL)
    assert (order["state"], order["held_by"]) == ("draft", f"call:{call.call_id()}")
    record = call.leaves("answered")
    assert record["cti"]["ORDER_STATE"] == "draft"


def test_a_crash_in_the_dialogue_goes_on_and_repeats_nothing(shop: Shop, rosa: Regular) -> None:
    call = begin(shop, rosa)
    wait_until_back(shop.given.settings, "ari_app", kill(shop.given.settings, "ari_app"))
    call.goes_on("readback")
    call.caller.key("1")
    call.hears("done")
    wait_until_back(shop.given.settings, "ari_app", kill(shop.given.settings, "ari_app"))
    call.goes_on("done")
    call.leaves("automated")
    assert [order["state"] for order in rosa.orders()] == ["placed"]


def test_without_the_database_a_person_answers(shop: Shop, rosa: Regular) -> None:
    gus = shop.given.agent("gus")
    call = begin(shop, rosa)
    with stopped(shop.given.settings, "postgres"):
        call.caller.key("1")
        gus.phone.rings(within=40)
        gus.becomes(State.ON_CALL)
        call.hang_up()
        assert call.caller.exit_code() == 0, call.caller.run.complaint()
    shop.given.becomes(call, outcome="answered")
    assert [order["state"] for order in rosa.orders()] == ["draft"]


def test_without_the_app_a_person_answers(shop: Shop, rosa: Regular) -> None:
    gus = shop.given.agent_with_phone("gus")
    with stopped(shop.given.settings, "ari_app"):
        call = shop.call(rosa)
        call.caller.media.speak(1000)
        gus.phone.rings(within=40)
        eventually(lambda: gus.phone.media.hears(1000), within=20, what="both talk")
        call.hang_up()
        assert call.caller.exit_code() == 0, call.caller.run.complaint()
    shop.given.becomes(call, outcome="fallback")
