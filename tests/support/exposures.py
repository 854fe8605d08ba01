"""A call in which offers are presented: what is done in it, and what is known of it then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from cordboard.settings import Settings
from db.errors import named_errors
from db.queries import sql
from support.decisions import MARCUS_ENTRIES, store_decision
from support.dialplan import SqlCall

Connection = psycopg.Connection[dict[str, Any]]

AVA = 1
BUNDLE, FIBER, CARE = "HAL-FIBER-BUNDLE", "HAL-FIBER-1000", "HAL-CARE-PLUS"


def ask(conn: Connection) -> Callable[..., Any]:
    """One statement, its one value."""

    def value(query: str, *values: Any) -> Any:
        row = conn.execute(query.encode(), values).fetchone()
        return None if row is None else next(iter(row.values()))

    return value


def start(conn: Connection, settings: Settings) -> SqlCall:
    """Marcus Bell, verified, decided on, in contact with Ava."""
    call = SqlCall(conn, settings, "+12025550101")
    assert call.verify("40010002", "900110002") == "VERIFIED"
    call.answer(AVA)
    store_decision(ask(conn), call.id, MARCUS_ENTRIES)
    return call


def present(call: SqlCall, code: str, agent: int = AVA) -> bool:
    """Another offer of the ranking instead of the attached one of its kind."""
    with named_errors(), call.conn.transaction():
        return bool(call.value(sql.present_offer, agent=agent, code=code))


def open_page(call: SqlCall, code: str, agent: int = AVA) -> bool:
    """The agent reads an offer's page; whether for the first time."""
    return bool(call.value(sql.open_offer, agent=agent, code=code))


def exposures(call: SqlCall) -> list[dict[str, Any]]:
    """What was presented in the call, in order."""
    return call.conn.execute(
        "SELECT x.*, o.code FROM exposure x JOIN offer o ON o.id = x.offer_id"
        " WHERE call_id = %s ORDER BY x.id",
        [call.id],
    ).fetchall()


def outcomes(call: SqlCall) -> dict[str, str | None]:
    """Offer -> what came of its presentation."""
    return {row["code"]: row["outcome"] for row in exposures(call)}


def status_of(call: SqlCall, code: str) -> Any:
    """How an offer stands with Marcus."""
    return ask(call.conn)(
        "SELECT status::text FROM customer_offer co JOIN offer o ON o.id = co.offer_id"
        " WHERE customer_id = 2 AND o.code = %s",
        code,
    )


def attached(call: SqlCall) -> dict[str, str]:
    """Kind -> offer on the card."""
    return {offer["kind"]: offer["code"] for offer in call.card["offers"]}


def in_force(call: SqlCall) -> dict[str, str]:
    """Offer -> code, of the call's JSON."""
    return {told["offer"]: told["code"] for told in call.json["dispositions"]}
