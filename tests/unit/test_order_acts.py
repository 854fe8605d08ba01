"""What the database refuses becomes a word that the dialogue knows; what it holds is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from ari_app.call import Call
from ari_app.orders import OrdersAway
from ari_app.verbs.order_acts import do_act
from ari_app.verbs.order_memory import Conversation, Notes, notes_of
from cordboard.orders.basket import Basket, Line
from cordboard.orders.dialogue import Answered, acts
from cordboard.orders.dialogue.acts import Act
from cordboard.orders.draft import Address, Draft
from cordboard.orders.facts import Caller
from cordboard.settings import Settings
from db.errors import (
    BadOrder,
    DatabaseRefusal,
    DraftHeld,
    LocationCannotServe,
    OrderChanged,
    OrderOver,
    OrderPaid,
    PriceChanged,
    UnknownCustomer,
    UnknownOrder,
)
from support.call_fakes import FakeServices, new_state
from support.order_facts import CALLERS, answer
from support.order_world import CALL, ROSA_PHONE, USUAL, Shop, client

ORDER = "0d5f0c50-5a36-4e21-8ac9-1f2f7a4a5b60"


class FakeOrders:
    """Refuses everything with one error, or answers what it was given."""

    def __init__(self, error: Exception | None = None, **answers: Any) -> None:
        self.error = error
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*args: Any, **_: Any) -> Any:
            self.asked.append((name, args))
            if self.error is not None and name != "facts":
                raise self.error
            return self.answers.get(name)

        return ask

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def conversation(orders: FakeOrders) -> Conversation:
    """A call of a client who is known."""
    services = FakeServices()
    services.orders = orders  # type: ignore[attr-defined]
    services.settings = Settings(instance="unit", ssn_key="unit")  # type: ignore[attr-defined]
    call = Call(new_state(CALL), services.as_services())
    rosa = client()
    facts = replace(Shop().facts(ROSA_PHONE), client=rosa)
    return Conversation(call, facts, Notes(client=rosa.id))


def draft(**more: Any) -> Draft:
    return Draft(ORDER, USUAL, billing="on_delivery", total_cents=770, **more)


@pytest.mark.parametrize(("act", "error", "word"), [
    (acts.Place(draft()), PriceChanged("it costs more"), "price"),
    (acts.Place(draft()), BadOrder("Latte is not sold"), "price"),
    (acts.Place(draft()), LocationCannotServe("Loop is full"), "closed"),
    (acts.Place(draft()), DraftHeld("an agent has it"), "taken"),
    (acts.Place(draft()), UnknownOrder("another client's"), "taken"),
    (acts.Place(draft()), OrderOver("abandoned"), "taken"),
    (acts.Place(draft(replaces=ORDER)), OrderOver("it is ready"), "too_late"),
    (acts.Place(draft(replaces=ORDER)), OrderPaid("it is paid"), "paid"),
    (acts.Place(draft()), UnknownCustomer("nobody"), "failed"),
    (acts.Cancel(ORDER), OrderOver("it is ready"), "too_late"),
    (acts.Cancel(ORDER), UnknownOrder("there is none"), "too_late"),
    (acts.Choose(1), UnknownCustomer("not of this number"), "unknown"),
    (acts.Enrol("+13125550171", "60601", "pick_up", "on_delivery"), BadOrder("no"), "failed"),
    (acts.SpeakWebCode(), UnknownCustomer("not of this number"), "failed"),
])  # fmt: skip
async def test_a_refusal_in_words(act: Act, error: DatabaseRefusal, word: str) -> None:
    assert await do_act(conversation(FakeOrders(error)), act) == Answered(refused=word)


@pytest.mark.parametrize("act", [acts.Place(draft()), acts.SaveDraft(draft()), acts.Choose(1)])
async def test_a_database_that_is_away_is_no_refusal(act: Act) -> None:
    with pytest.raises(OrdersAway):
        await do_act(conversation(FakeOrders(OrdersAway("no connection"))), act)


async def test_an_order_that_was_placed_is_told_and_its_client_read_again() -> None:
    placed = {
        "number": 41,
        "state": "placed",
        "location": {"code": "LOOP"},
        "due_at": "2026-11-25T14:45:00+00:00",
        "total_cents": 770,
    }
    orders = FakeOrders(place=placed)
    talk = conversation(orders)
    journal: list[tuple[str, dict[str, Any]]] = []
    cast("Any", talk.call.services.journal).call = lambda call, **set_: journal.append((call, set_))
    answer = await do_act(talk, acts.Place(draft()))
    assert (answer.number, answer.location, answer.total_cents) == (41, "LOOP", 770)
    assert answer.due_at is not None
    assert answer.due_at.isoformat() == placed["due_at"]
    assert talk.notes.placed == 41
    assert orders.names() == ["place", "facts"]
    assert journal == [(CALL, {"cti": {"ORDER_NUMBER": "41", "ORDER_STATE": "placed"}})]
    sent = orders.asked[0][1][0]
    assert (sent["held_by"], sent["source"], sent["call"]) == (f"call:{CALL}", "phone", CALL)


@pytest.mark.parametrize("address", [Address("5 Elm Street", "Oak Park", "60302"), None])
async def test_it_is_told_where_an_order_goes_as_it_was_read_back(address: Address | None) -> None:
    """Also that it goes home: a draft that had another address would keep that."""
    orders = FakeOrders()
    await do_act(conversation(orders), acts.SaveDraft(draft(address=address)))
    sent = orders.asked[0][1][0]
    assert sent["address"] == (address and address.as_json())


async def test_what_cannot_be_priced_any_more_is_not_sent() -> None:
    orders = FakeOrders()
    unsold = Draft(ORDER, Basket((Line("GONE"),), "pick_up", "LOOP"))
    refused = await do_act(conversation(orders), acts.Place(unsold))
    assert refused == Answered(refused="price")
    assert orders.names() == ["facts"], "the catalogue as it is now"


async def test_what_was_heard_of_an_order_is_noted_and_no_call_fails_for_it() -> None:
    orders = FakeOrders()
    heard = acts.Told(ORDER, "LAKE")
    assert await do_act(conversation(orders), heard) == Answered()
    assert orders.asked == [("told", (ORDER, "LAKE"))]
    moved_again = FakeOrders(OrderChanged("it is made elsewhere by now"))
    assert (await do_act(conversation(moved_again), heard)).refused


async def test_whoever_is_somebody_else_is_nobody_to_the_call() -> None:
    orders = FakeOrders()
    talk = conversation(orders)
    await do_act(talk, acts.Unchoose())
    assert (talk.facts.client, talk.notes.client) == (None, 0)
    assert orders.asked == [("unchoose", (CALL,))]


async def test_whoever_enrolled_is_among_the_callers_of_the_own_number() -> None:
    """Another number was keyed before: its clients are nobody any more, nor after a crash."""
    new = {"id": 99, "first_name": None, "audio": True, "no_automation": False, "claimed": False}
    orders = FakeOrders(enrol={"customer": 99}, callers={**CALLERS, "callers": [new]})
    talk = conversation(orders)
    talk.notes.number = "+13125550171"
    enrol = acts.Enrol("+13125550150", "60601", "pick_up", "on_delivery")
    assert await do_act(talk, enrol) == Answered()
    assert talk.facts.callers == (Caller(99, audio=True),)
    assert (talk.notes.number, talk.notes.client) == ("", 99)
    assert orders.asked[-1] == ("callers", (CALL, ""))


class Withdrawn(FakeOrders):
    """Bagel was withdrawn since this call read the catalogue."""

    async def facts(self, customer: int) -> Any:
        self.asked.append(("facts", customer))
        return answer(catalogue={"categories": [], "products": [LATTE_SOLD]})

    async def save(self, draft: Any) -> None:
        self.asked.append(("save", draft))
        if len(draft["basket"]["lines"]) > 1:
            raise BadOrder("Bagel is not sold")


LATTE_SOLD: dict[str, Any] = {
    "code": "LATTE",
    "category": "COFFEE",
    "name": "Latte",
    "price_cents": 400,
    "tax_basis_points": 1000,
    "max_quantity": 9,
    "by_appointment": False,
    "active": True,
    "options": [
        {"choice": "Milk", "code": "WHOLE", "name": "whole milk", "extra_cents": 0, "active": True}
    ],
}


async def test_of_a_draft_with_something_withdrawn_the_rest_is_kept() -> None:
    orders = Withdrawn()
    talk = conversation(orders)
    for _ in range(2):  # refused by the database; then known not to be sold
        orders.asked.clear()
        assert await do_act(talk, acts.SaveDraft(draft())) == Answered()
        kept = orders.asked[-1][1]
        assert [line["product"] for line in kept["basket"]["lines"]] == ["LATTE"]


async def test_a_draft_of_which_nothing_is_sold_any_more_is_not_kept() -> None:
    orders = Withdrawn()
    talk = conversation(orders)
    unsold = Draft(ORDER, Basket((Line("GONE"),), "pick_up", "LOOP"))
    assert await do_act(talk, acts.SaveDraft(unsold)) == Answered(refused="failed")
    assert orders.names() == ["facts"]


async def test_a_draft_that_somebody_else_has_is_not_taken() -> None:
    assert await do_act(conversation(FakeOrders(hold=None)), acts.TakeDraft(ORDER)) == Answered(
        refused="taken"
    )


def test_what_is_remembered_is_read_again() -> None:
    talk = conversation(FakeOrders())
    talk.notes.number, talk.notes.kept = "+13125550171", {"name": "c.record.name-1"}
    talk.remember()
    assert notes_of(talk.call) == talk.notes


def test_notes_of_another_version_are_taken_as_far_as_they_are_known() -> None:
    talk = conversation(FakeOrders())
    talk.call.state.order = {"client": 7, "of_tomorrow": True}
    assert notes_of(talk.call) == Notes(client=7)
