"""Orders of the demo shop, placed as a dialogue or a page would place them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg

from cordboard.settings import Settings
from db.orders import ask
from db.queries import sql

Json = dict[str, Any]

ROSA_ID = 8
LOOP, LAKE, OAK, EVAN, NAPER = range(1, 6)
CODES = {
    LOOP: "PANTRY-LOOP",
    LAKE: "PANTRY-LAKE",
    OAK: "PANTRY-OAK",
    EVAN: "PANTRY-EVAN",
    NAPER: "PANTRY-NAPER",
}
LATTE = {"product": "LATTE", "options": ["LARGE", "OAT"], "quantity": 1}


def draft(location: int = LOOP, method: str = "pick_up", **changes: Any) -> Json:
    """Rosa's latte."""
    return {
        "order": str(uuid4()),
        "subscriber": "pantry",
        "customer": ROSA_ID,
        "source": "web",
        "call": None,
        "held_by": "web:test",
        "basket": {"lines": [LATTE], "method": method, "location": CODES[location]},
        "due_at": None,
        "billing": "on_delivery",
        "suggested": [],
        "suggestion": None,
        "replaces": None,
        **changes,
    }


def place(
    conn: psycopg.Connection[Any], settings: Settings, location: int = LOOP, **changes: Any
) -> Json:
    """A placed order, as ``order_json_v1`` has it; the connection commits each statement."""
    wanted = draft(location, **changes)
    saved = ask(conn, settings, sql.save_draft, draft=wanted)
    agreed = {**wanted, "total_cents": saved["total_cents"]}
    placed: Json = ask(conn, settings, sql.place_order, draft=agreed)
    return placed


def pay(conn: psycopg.Connection[Any], settings: Settings, order: Json) -> None:
    """The provider says that an order is paid."""
    opened = ask(conn, settings, sql.open_payment, order=order["order"], provider="test")
    told = {"state": "paid", "amount_cents": opened["amount_cents"], "reference": "T-77"}
    ask(conn, settings, sql.settle_payment, payment=opened["id"], provider="test", **told)


def paid_and_cancelled(conn: psycopg.Connection[Any], settings: Settings) -> Json:
    """An order that was paid by a link, and then cancelled by its client."""
    order = place(conn, settings, billing="payment_link")
    pay(conn, settings, order)
    found: Json = ask(conn, settings, sql.cancel_order, order=order["order"], customer=ROSA_ID)
    return found


def read(conn: psycopg.Connection[Any], settings: Settings, order: Json) -> Json:
    """The order as it is now."""
    found: Json = ask(conn, settings, sql.order_json, order=order["order"])
    return found


def overdue(conn: psycopg.Connection[Any], order: Json) -> None:
    """The time to accept it is over."""
    conn.execute(
        "UPDATE sales_order SET accept_by = now() - interval '1 second' WHERE id = %s",
        [order["order"]],
    )


def only_open(conn: psycopg.Connection[Any], *locations: int) -> None:
    """These locations are open at any hour, all others are closed for good."""
    conn.execute(
        "UPDATE location SET active = id = ANY (%s), schedule_id = NULL WHERE subscriber_id = 2",
        [list(locations)],
    )


@contextmanager
def made_elsewhere(conn: psycopg.Connection[Any], settings: Settings) -> Iterator[Json]:
    """An order to be fetched at Lakeside now, by a client who cannot be written to."""
    rosa = "SELECT email FROM customer WHERE id = %s"
    email = conn.execute(rosa, [ROSA_ID]).fetchone()["email"]  # type: ignore[index]
    conn.execute("UPDATE customer SET email = NULL WHERE id = %s", [ROSA_ID])
    order = place(conn, settings)
    asked = {"order": order["order"], "location": CODES[LAKE], "version": order["version"]}
    assert ask(conn, settings, sql.pass_over_order, **asked)
    try:
        yield read(conn, settings, order)
    finally:
        remove(conn, [order])
        conn.execute("UPDATE customer SET email = %s WHERE id = %s", [email, ROSA_ID])


def remove(conn: psycopg.Connection[Any], orders: list[Json]) -> None:
    """Nothing of these orders stays."""
    ids = [one["order"] for one in orders]
    conn.execute("DELETE FROM purchase WHERE order_id = ANY (%s::uuid[])", [ids])
    conn.execute("DELETE FROM sales_order WHERE id = ANY (%s::uuid[])", [ids])
