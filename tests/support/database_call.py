"""A call of a dialogue whose acts are done by the database, with nobody on the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg

from cordboard.orders import draft as drafts
from cordboard.orders.dialogue import Answered
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft, draft_json
from cordboard.orders.facts import Facts, callers_facts, client_facts
from cordboard.settings import Settings
from db.errors import LocationCannotServe, OrderOver, OrderPaid, PriceChanged
from db.orders import ask
from db.queries import sql
from support.order_world import Shop
from support.ordering import Play
from support.people import ORDER_LINE

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
