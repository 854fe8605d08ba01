"""Orders in the database, in SQL alone: clients, drafts and what becomes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import psycopg

from cordboard.settings import Settings
from cordboard.sipp import eventually
from db import orders
from db.errors import PriceChanged
from db.queries import sql
from support.dialplan import SqlCall

Json = dict[str, Any]
Connection = psycopg.Connection[Json]

ROSA, TOMAS = 8, 9
GUS = 7
LOOP, LAKE = "PANTRY-LOOP", "PANTRY-LAKE"
BOARDS = {LOOP: "user:12", LAKE: "user:13"}

LATTE: Json = {"product": "LATTE", "options": ["LARGE", "OAT"], "quantity": 1}
BREAD: Json = {"product": "SOURDOUGH", "options": ["SLICED"], "quantity": 2}
SHARPENING: Json = {"product": "KNIVES", "options": ["FOUR"], "quantity": 1}
#: Where nobody of the demo world lives.
OAK_STREET: Json = {"street": "5 Oak Street", "city": "Oak Park", "postcode": "60302"}


class Shop:
    """The shop of the demo world, on one connection."""

    def __init__(self, conn: Connection, settings: Settings) -> None:
        self.conn = conn
        self._settings = settings

    def ask(self, query: bytes, **given: Any) -> Any:
        """The one value that a named query answers."""
        return orders.ask(self.conn, self._settings, query, **given)

    def all(self, query: bytes, **given: Any) -> list[Any]:
        """That of every row."""
        return orders.ask_all(self.conn, self._settings, query, **given)

    def sql(self, statement: str, *values: Any) -> Any:
        """The first value of a statement of the test's own; None without a row."""
        cursor = self.conn.execute(statement.encode(), values)
        row = cursor.fetchone() if cursor.description else None
        return next(iter(row.values())) if row else None

    def savepoint(self) -> AbstractContextManager[Any]:
        """What is refused in it undoes nothing before it."""
        return self.conn.transaction()

    def facts(self, customer: int = ROSA) -> Json:
        """What is known of a client."""
        found: Json = self.ask(sql.order_facts, customer=customer)
        return found

    def save(self, **changed: Any) -> Json:
        """Store a draft; answers what was stored, as :func:`draft` has it."""
        wanted = draft(**changed)
        self.ask(sql.save_draft, draft=wanted)
        return wanted

    def place(self, wanted: Json | None = None, **changed: Any) -> Json:
        """Place a draft at what it costs."""
        wanted = wanted or draft(**changed)
        if not wanted["total_cents"]:
            try:
                with self.savepoint():
                    self.ask(sql.place_order, draft=wanted)
            except PriceChanged as changed_price:
                wanted["total_cents"] = orders.new_total(changed_price)
        placed: Json = self.ask(sql.place_order, draft=wanted)
        return placed

    def order(self, order: str) -> Json:
        """An order as it is now."""
        found: Json = self.ask(sql.order_json, order=order)
        return found

    def advance(self, order: Json, state: str, by: str = "user:12") -> Json:
        """What a board does that shows this order."""
        moved: Json = self.ask(
            sql.advance_order,
            order=order["order"],
            state=state,
            by=by,
            version=order["version"],
        )
        return moved

    def timeline(self, order: str) -> list[str]:
        """Names of what happened to it, in order."""
        return [line["name"].removeprefix("order.") for line in self.order(order)["timeline"]]

    def long_ago(self, order: str, minutes: int) -> None:
        """It was placed, and last changed, so many minutes earlier."""
        self.sql(
            "UPDATE sales_order SET placed_at = placed_at - make_interval(mins => %s),"
            " accept_by = accept_by - make_interval(mins => %s) WHERE id = %s",
            minutes,
            minutes,
            order,
        )


def callers(shop: Shop, call: SqlCall, number: str | None = None) -> Json:
    """Who may be calling, by the call's number or by one that was keyed."""
    found: Json = shop.ask(sql.order_callers, call=call.id, number=number)
    return found


def cancel(shop: Shop, order: Json, customer: int = ROSA) -> Json:
    """By the client."""
    found: Json = shop.ask(sql.cancel_order, order=order["order"], customer=customer)
    return found


def move(shop: Shop, order: Json, location: str, by: str = f"user:{GUS}") -> Json:
    """By an agent."""
    moved: Json = shop.ask(
        sql.move_order,
        order=order["order"],
        location=location,
        why="Nearer to the client",
        by=by,
        version=order["version"],
        told=False,
    )
    return moved


def draft(*lines: Json, **changed: Any) -> Json:
    """A draft as functions take it: Rosa's, two loaves to be fetched in the Loop; made anew."""
    basket = {
        "lines": list(lines or (changed.pop("lines", None) or [BREAD])),
        "method": changed.pop("method", "pick_up"),
        "location": changed.pop("location", LOOP),
    }
    return {
        "order": str(uuid4()),
        "subscriber": "pantry",
        "customer": ROSA,
        "source": "web",
        "call": None,
        "held_by": "web:1",
        "basket": basket,
        "total_cents": 0,
        "due_at": None,
        "billing": "on_delivery",
        "suggested": [],
        "suggestion": None,
        "replaces": None,
        **changed,
    }


WAITING = b"""
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
               AND wait_event_type = 'Lock') AS waits
"""


def race(
    one: Shop, other: Shop, first: Callable[[Shop], Any], second: Callable[[Shop], Any]
) -> Any:
    """``second`` begins while ``first`` is done and not yet committed; its answer or its error."""
    answers: list[Any] = []

    def late() -> None:
        try:
            answers.append(second(other))
        except Exception as error:
            answers.append(error)

    thread = threading.Thread(target=late)
    with one.conn.transaction():
        first(one)
        thread.start()
        eventually(
            lambda: answers or one.conn.execute(WAITING).fetchone()["waits"],  # type: ignore[index]
            what="the second waits for the first",
        )
        assert not answers, f"the second did not wait: {answers}"
    thread.join(10)
    return answers[0]
