"""Doing what the dialogue wants done: one act, one question to the database, one answer.

A refusal of the database becomes the word for it that the dialogue knows. When the database is
away, :class:`OrdersAway` passes: the caller is to hear so, and gets a person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from ari_app.client import AriError, Gone, Recording
from ari_app.orders import Orders
from ari_app.verbs.order_memory import Conversation
from ari_app.verbs.record import forget_recordings
from cordboard.orders import draft as drafts
from cordboard.orders import web_code
from cordboard.orders.dialogue import Answered, acts
from cordboard.orders.dialogue.acts import Act
from cordboard.orders.draft import Draft, draft_json
from cordboard.orders.facts import callers_facts, client_facts
from cordboard.orders.pricing import Unpriceable
from db.errors import (
    BadOrder,
    DatabaseRefusal,
    DraftHeld,
    LocationCannotServe,
    OrderOver,
    OrderPaid,
    PriceChanged,
    UnknownOrder,
)

#: A draft that a call goes on with is held so long, seconds; each save extends it.
HOLD_S = 300
#: Acts after which what is known of the client is read again.
CHANGES = acts.Place | acts.Cancel | acts.AssignSpeedDial | acts.Prefer
#: Refusal of an order -> the dialogue's word; anything else is ``failed``.
_REFUSED: dict[type[DatabaseRefusal], str] = {
    PriceChanged: "price",
    # Something was withdrawn since: read again, the catalogue says what.
    BadOrder: "price",
    LocationCannotServe: "closed",
    DraftHeld: "taken",
    UnknownOrder: "taken",
    OrderPaid: "paid",
}


async def do_act(talk: Conversation, act: Act) -> Answered:
    """Do it; the conversation's facts are afterwards as they are then.

    Raises:
        OrdersAway: the database does not answer.
    """
    try:
        answer = await _do(talk, act)
    except DatabaseRefusal as error:
        talk.call.log.info("order.refused", act=type(act).__name__, error=str(error))
        answer = Answered(refused=_word(act, error))
    if isinstance(act, CHANGES):
        await read_client(talk)
    return answer


def _word(act: Act, error: DatabaseRefusal) -> str:
    match act:
        case acts.Place(draft) if isinstance(error, OrderOver):
            return "too_late" if draft.replaces else "taken"
        case acts.Place():
            return _REFUSED.get(type(error), "failed")
        case acts.Cancel():
            return "too_late"
        case acts.Choose():
            return "unknown"
        case _:
            return "failed"


async def _do(talk: Conversation, act: Act) -> Answered:
    orders, call = talk.call.services.orders, talk.call
    match act:
        case acts.LookUp(number):
            await _look_up(talk, number)
        case acts.Choose(customer, keyed):
            data = await orders.choose(call.id, customer, keyed=keyed)
            talk.notes.client, talk.facts = customer, client_facts(talk.facts, data)
        case acts.Unchoose():
            talk.notes.client, talk.facts = 0, replace(talk.facts, client=None)
            await orders.unchoose(call.id)
        case acts.TakeDraft(order):
            return await _take_draft(talk, order)
        case acts.SaveDraft(draft):
            return await _save(talk, draft)
        case acts.Told(order, location):
            await orders.told(order, location)
        case acts.DropDraft(order):
            await orders.drop(order, talk.holder)
        case acts.Place(draft):
            return await _place(talk, draft)
        case acts.Cancel(order):
            await orders.cancel(order, _client(talk))
        case acts.Prefer(no_automation):
            await orders.prefer(_client(talk), no_automation=no_automation)
        case acts.CountZero(at_once):
            await orders.count_zero(_client(talk), at_once=at_once)
        case acts.AssignSpeedDial(digits, name, basket):
            await orders.assign_speed_dial(_client(talk), digits, name, basket.as_json())
        case acts.KeepAudio(what):
            await _keep_audio(talk, what)
        case acts.Enrol():
            await _enrol(talk, act)
        case acts.SpeakWebCode():
            return await _make_web_code(talk, orders)
        case acts.ToPerson() | acts.Hangup():
            pass
    return Answered()


def _client(talk: Conversation) -> int:
    assert talk.facts.client is not None, "an act for a client before one was chosen"
    return talk.facts.client.id


async def read_client(talk: Conversation) -> None:
    """Read again what is known of the client."""
    if talk.notes.client and (data := await talk.call.services.orders.facts(talk.notes.client)):
        talk.facts = client_facts(talk.facts, data)


async def _look_up(talk: Conversation, number: str = "") -> None:
    """Whose number that is: one that was keyed, or the call's."""
    data = await talk.call.services.orders.callers(talk.call.id, number)
    found = callers_facts(talk.call.id, data)
    talk.notes.number, talk.facts = number, replace(talk.facts, callers=found.callers)


async def _take_draft(talk: Conversation, order: str) -> Answered:
    data = await talk.call.services.orders.hold(order, talk.holder, HOLD_S)
    if data is None:
        return Answered(refused="taken")
    assert talk.facts.client is not None
    client = replace(talk.facts.client, draft=drafts.from_json(data))
    talk.facts = replace(talk.facts, client=client)
    return Answered()


async def _save(talk: Conversation, draft: Draft) -> Answered:
    """Keep it; when something in it was withdrawn, the rest of it: a person is to have that."""
    try:
        await talk.call.services.orders.save(_draft(talk, draft))
    except (BadOrder, Unpriceable) as error:
        talk.call.log.info("order.not_all_kept", order=draft.order, error=str(error))
        await read_client(talk)
        assert talk.facts.client is not None
        basket, _ = talk.facts.client.catalogue.usable(draft.basket)
        if not basket.lines:
            return Answered(refused="failed")
        await talk.call.services.orders.save(_draft(talk, replace(draft, basket=basket)))
    return Answered()


def _draft(talk: Conversation, draft: Draft) -> dict[str, Any]:
    client = talk.facts.client
    assert client is not None
    return draft_json(
        draft,
        client.catalogue,
        subscriber=talk.facts.shop.code,
        customer=client.id,
        source="phone",
        call=talk.call.id,
        held_by=talk.holder,
        # As it was read back: null is where the client lives.
        address=draft.address and draft.address.as_json(),
    )


async def _place(talk: Conversation, draft: Draft) -> Answered:
    try:
        order = await talk.call.services.orders.place(_draft(talk, draft))
    except Unpriceable:
        return Answered(refused="price")
    talk.notes.placed = int(order["number"])
    told = {"ORDER_NUMBER": str(order["number"]), "ORDER_STATE": order["state"]}
    talk.call.services.journal.call(talk.call.id, cti=told)
    return Answered(
        number=talk.notes.placed,
        location=(order["location"] or {}).get("code") or "",
        due_at=datetime.fromisoformat(order["due_at"]),
        total_cents=int(order["total_cents"]),
    )


async def _keep_audio(talk: Conversation, what: str) -> None:
    """Of a client whom we know at once; of a new one until the call has enrolled them."""
    if talk.facts.client is None:
        before = talk.notes.kept.pop(what, "")
        talk.notes.kept[what], talk.notes.recording = talk.notes.recording, ""
        await forget_recordings(talk.call, {before})
        return
    name = talk.notes.recording
    if sound := await _sound(talk, name):
        client = talk.facts.client.id
        await talk.call.services.orders.keep_audio(client, what, sound, talk.call.id)
    await forget_recordings(talk.call, {name})


async def _sound(talk: Conversation, name: str) -> bytes | None:
    if not name:
        return None
    try:
        return await Recording(talk.call.services.client, name).content()
    except Gone:
        return None
    except AriError as error:
        talk.call.log.warning("recording.not_read", error=str(error))
        return None


async def _enrol(talk: Conversation, act: acts.Enrol) -> None:
    call, kept = talk.call, talk.notes.kept
    enrolment = {
        "id": str(uuid5(UUID(call.id), f"enrolment {act.count}")),
        "subscriber": talk.facts.shop.code,
        "source": "phone",
        "call": call.id,
        "number": act.number,
        "postcode": act.postcode or None,
        "method": act.method,
        "billing": act.billing,
    }
    name, address = (
        await _sound(talk, kept.get("name", "")),
        await _sound(talk, kept.get("address", "")),
    )
    made = await call.services.orders.enrol(enrolment, name, address)
    talk.notes.client = int(made["customer"])
    await read_client(talk)
    # Another number may have been keyed before: its clients are not who calls, this one is.
    await _look_up(talk)
    await forget_recordings(call, set(kept.values()))
    talk.notes.kept = {}


async def _make_web_code(talk: Conversation, orders: Orders) -> Answered:
    code = web_code.new_code()
    digest = web_code.hash_code(code, talk.call.services.settings)
    await orders.make_web_code(_client(talk), talk.facts.number, digest)
    return Answered(code=code)
