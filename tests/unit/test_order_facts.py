"""What the database tells of callers and clients becomes facts; a draft goes there and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cordboard.orders.basket import Basket, BasketError, Line
from cordboard.orders.draft import Address, Draft, draft_json, from_json, order_id
from cordboard.orders.facts import Caller, Moved, Preference, callers_facts, client_facts
from cordboard.orders.pricing import Unpriceable
from support.order_facts import BASKET, CALLERS, ORDER, answer
from support.order_world import CALL, NOW, USUAL, catalogue, last_order


def read(**changes: Any) -> Any:
    return client_facts(callers_facts(CALL, CALLERS), answer(**changes)).client


def test_callers_of_a_number() -> None:
    facts = callers_facts(CALL, CALLERS)
    assert facts.callers == (
        Caller(7, "Rosa", audio=True),
        Caller(8, "", no_automation=True, claimed=True),
    )
    assert (facts.number, facts.shop.zone.key, facts.client) == (
        "+13125550150",
        "America/Chicago",
        None,
    )


def test_whether_somebody_takes_payments_by_a_link() -> None:
    assert callers_facts(CALL, CALLERS, by_link=True).shop.by_link
    assert not callers_facts(CALL, CALLERS).shop.by_link


def test_nobody_calls_from_a_withheld_number() -> None:
    facts = callers_facts(CALL, {**CALLERS, "number": None, "callers": []})
    assert (facts.number, facts.callers) == ("", ())


def test_a_client() -> None:
    client = read()
    assert (client.id, client.first_name) == (7, "Rosa")
    assert client.home == Address("1 Adams", "Chicago", "60601")
    assert client.billing == ("on_account", "on_delivery")
    assert client.has_email
    assert client.preference == Preference(zero_at_once=2, method="delivery")
    assert client.history[0].at == NOW.replace(day=24)
    assert client.speed_dials == {5: Basket((Line("LATTE", ("WHOLE",), 2),), "pick_up", "LOOP")}


def test_an_order_that_is_made_elsewhere_now() -> None:
    told = {
        "order": ORDER,
        "number": 1199,
        "location": "LAKE",
        "due_at": "2026-11-25T14:30:00.000Z",
    }
    assert read(moved=told).moved == Moved(ORDER, 1199, "LAKE", NOW)
    assert read().moved is None


def test_a_client_whose_name_is_sound_as_yet() -> None:
    told = answer()["client"] | {"first_name": None, "last_name": None, "postcode": None}
    client = read(client=told)
    assert (client.first_name, client.home) == ("", Address("1 Adams", "Chicago"))


@pytest.mark.parametrize(
    ("until", "changeable"),
    [
        ("2026-11-25T14:35:00.000Z", True),
        ("2026-11-25T14:29:59.000Z", False),
        ("9999-12-31T00:00:00.000Z", True),
        (None, False),
    ],
)
def test_the_last_order(until: str | None, changeable: bool) -> None:
    told = {
        "order": last_order().order,
        "number": 1199,
        "state": "placed",
        "needs_agent": False,
        "paid": False,
        "basket": BASKET,
        "total_cents": 740,
        "due_at": "2026-11-25T14:40:00.000Z",
        "placed_at": "2026-11-25T14:25:00.000Z",
        "change_until": until,
        "address": {"street": "5 Elm Street", "city": "Oak Park", "postcode": None},
    }
    last = read(last_order=told).last_order
    assert last.address == Address("5 Elm Street", "Oak Park")
    assert (last.number, last.due_at) == (1199, datetime(2026, 11, 25, 14, 40, tzinfo=UTC))
    assert last.changeable(NOW) is changeable


def test_a_half_made_order() -> None:
    told = {
        "order": ORDER,
        "number": 1198,
        "basket": {"lines": BASKET["lines"], "method": None, "location": None},
        "due_at": None,
        "billing": None,
        "replaces": None,
        "suggested": [BASKET],
        "suggestion": None,
        "address": None,
    }
    draft = read(draft=told).draft
    assert draft.address is None
    assert (draft.order, draft.basket.method, draft.suggestion) == (ORDER, "", 0)
    assert draft.suggested[0].location == "LOOP"


@pytest.mark.parametrize("missing", ["client", "preference", "history", "last_order", "locations"])
def test_an_answer_of_another_form_is_refused(missing: str) -> None:
    told = answer()
    del told[missing]
    with pytest.raises(KeyError, match=missing):
        client_facts(callers_facts(CALL, CALLERS), told)


def full_draft() -> Draft:
    return Draft(ORDER, USUAL, NOW, "on_delivery", 740, (USUAL,), 1, last_order().order)


def test_a_draft_goes_to_json_and_back() -> None:
    there = Address("5 Elm Street", "Oak Park", "60302")
    for draft in (full_draft(), Draft(ORDER), Draft(ORDER, address=there)):
        assert from_json(draft.as_json()) == draft


def test_a_draft_as_the_functions_take_it() -> None:
    who = {"subscriber": "pantry", "customer": 7, "source": "phone", "call": CALL}
    told = draft_json(full_draft(), catalogue(), held_by=f"call:{CALL}", **who)
    assert set(told) == {
        *("order", "basket", "due_at", "billing", "suggested", "suggestion", "replaces"),
        *("lines", "subtotal_cents", "tax_cents", "total_cents"),
        *("subscriber", "customer", "source", "call", "held_by"),
    }
    assert (told["subtotal_cents"], told["tax_cents"], told["total_cents"]) == (700, 40, 740)
    assert [line["product"] for line in told["lines"]] == ["LATTE", "BAGEL"]


def test_what_was_read_back_is_what_is_compared() -> None:
    draft = Draft(ORDER, USUAL, total_cents=690)
    assert draft_json(draft, catalogue())["total_cents"] == 690


def test_a_draft_of_what_is_not_sold_has_no_price() -> None:
    with pytest.raises(Unpriceable):
        draft_json(Draft(ORDER, Basket((Line("GONE"),))), catalogue())


@pytest.mark.parametrize(
    "wrong",
    [{"order": "1"}, {"billing": "by_card"}, {"due_at": "soon"}, {"replaces": "x"}],
)
def test_a_draft_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json({**full_draft().as_json(), **wrong})


def test_a_draft_of_a_hostile_basket_is_refused() -> None:
    with pytest.raises(BasketError):
        from_json({**full_draft().as_json(), "basket": {"lines": [{"product": "'; DROP"}]}})


def test_order_ids_are_those_of_the_call() -> None:
    assert order_id(CALL, 1) == order_id(CALL, 1)
    assert len({order_id(CALL, 1), order_id(CALL, 2), order_id(ORDER, 1)}) == 3
