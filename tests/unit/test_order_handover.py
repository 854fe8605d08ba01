"""What goes along to a person: the draft that is this call's, and no other."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ari_app.call import Call
from ari_app.orders import OrdersAway
from ari_app.verbs.order_handover import hand_over
from cordboard.orders.dialogue.acts import ToPerson
from support.call_fakes import FakeServices, new_state
from support.order_world import CALL

ORDER = "0d5f0c50-5a36-4e21-8ac9-1f2f7a4a5b60"
DRAFT = {"order": ORDER, "number": 41, "state": "draft", "placed_at": None}
PLACED = {**DRAFT, "state": "placed", "placed_at": "2026-11-25T14:30:00.000Z"}


class Orders:
    """``hold`` and ``order`` answer these."""

    def __init__(self, held: dict[str, Any] | None, order: dict[str, Any] | None) -> None:
        self.held, self.found = held, order

    async def hold(self, order: str, holder: str, seconds: int) -> dict[str, Any] | None:
        assert (order, holder) == (ORDER, f"call:{CALL}")
        assert seconds > 3600, "longer than anybody waits"
        return self.held

    async def order(self, order: str) -> dict[str, Any] | None:
        return self.found


class Away(Orders):
    async def hold(self, order: str, holder: str, seconds: int) -> dict[str, Any] | None:
        raise OrdersAway("no connection")


async def _nothing(*_: Any) -> None:
    return None


async def _card(*_: Any) -> dict[str, Any]:
    return {"call": CALL, "cti": {}}


class Journal:
    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.said: dict[str, Any] = {}

    def call(self, _call: str, **told: Any) -> None:
        self.told.update(told)

    def event(self, _call: str, _name: str, **said: Any) -> None:
        self.said.update(said)


async def handed_over(orders: Orders, order: str = ORDER) -> tuple[Call, Journal]:
    services: Any = FakeServices()
    services.orders, services.journal = orders, Journal()
    services.decider = type("Decider", (), {"facts_of_call": staticmethod(_nothing)})
    services.cards = type("Cards", (), {"load": staticmethod(_card)})
    call = Call(new_state(CALL), cast("FakeServices", services).as_services())
    await hand_over(call, ToPerson("asked", order))
    return call, services.journal


@pytest.mark.parametrize(("held", "order"), [(DRAFT, DRAFT), (None, PLACED)])
async def test_what_is_this_calls_is_on_the_card(
    held: dict[str, Any] | None, order: dict[str, Any]
) -> None:
    call, journal = await handed_over(Orders(held, order))
    assert call.state.card["order"] == order
    assert journal.told == {"cti": {"ORDER_NUMBER": "41", "ORDER_STATE": order["state"]}}
    assert journal.said == {"why": "asked", "order": ORDER}


@pytest.mark.parametrize("orders", [Orders(None, DRAFT), Orders(None, None), Away(DRAFT, DRAFT)])
async def test_what_somebody_else_works_on_is_not(orders: Orders) -> None:
    call, journal = await handed_over(orders)
    assert "order" not in call.state.card
    assert (journal.told, journal.said) == ({}, {"why": "asked"})


async def test_without_an_order_nothing_is_held() -> None:
    call, journal = await handed_over(Away(None, None), order="")
    assert "order" not in call.state.card
    assert journal.said == {"why": "asked"}
