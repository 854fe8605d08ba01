"""What the web desk asks of PostgreSQL: one function a question, each a named query of ``db``."""

from __future__ import annotations

from typing import Any

import orjson
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from db.errors import named_errors
from db.queries import sql
from webdesk.services import POOL_WAIT_S

Json = dict[str, Any]
Pool = ConnectionPool[Connection[DictRow]]

#: Earlier calls shown of a customer, and of an agent.
CALLS_SHOWN = 15


def rows(pool: Pool, query: bytes, /, **values: Any) -> list[Json]:
    """All rows of a named query.

    Raises:
        db.errors.DatabaseRefusal: the database refuses, for a reason that a person can be told.
    """
    with named_errors(), pool.connection(timeout=POOL_WAIT_S) as conn:
        cursor = conn.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def one_row(pool: Pool, query: bytes, /, **values: Any) -> Json | None:
    """The first row of a named query, None without one; raises as :func:`rows`."""
    found = rows(pool, query, **values)
    return found[0] if found else None


def find_user(pool: Pool, username: str) -> Json | None:
    """The account behind a log-in name."""
    return one_row(pool, sql.find_user, username=username)


def user_by_id(pool: Pool, user: int) -> Json | None:
    """The account now: role, and whether it is active; None when it was deleted."""
    return one_row(pool, sql.user_by_id, user=user)


def call_card(pool: Pool, call_id: str) -> Json | None:
    """The card of a call; None for an unknown call."""
    row = one_row(pool, sql.call_card, call=call_id)
    card: Json | None = row["card"] if row else None
    return card


def call_agent(pool: Pool, call_id: str) -> int | None:
    """Whose call it is; None for nobody's and for an unknown call."""
    row = one_row(pool, sql.call_agent, call=call_id)
    return row["agent_id"] if row else None


def record_disposition(
    pool: Pool, call_id: str, agent: int, kind: str, code: str, key: str, offer: str | None = None
) -> Json:
    """Store a code for the offer attached now; answers kind, code, label. ``offer`` is the code of
    the offer that the agent saw, where that is known.

    Raises:
        db.errors.DatabaseRefusal: which of its kinds says why nothing was stored.
    """
    values = {"call": call_id, "agent": agent, "kind": kind, "code": code, "note": "", "key": key}
    row = one_row(pool, sql.record_disposition, **values, offer=offer or None)
    assert row is not None  # the function answers or raises
    return row


def save_note(pool: Pool, call_id: str, agent: int, body: str) -> None:
    """Store the note of a call in place of an earlier one."""
    rows(pool, sql.save_note, call=call_id, agent=agent, body=body)


def search_customers(pool: Pool, agent: int, subscriber: str, by: str, text: str) -> list[Json]:
    """Customers of one subscriber, one row for each of their accounts."""
    asked = {"account": "", "phone": "", "name": "", by: text}
    found = rows(pool, sql.search_customers, agent=agent, subscriber=subscriber, **asked)
    return [_result(row, account) for row in found for account in row["accounts"] or [{}]]


def _result(row: Json, account: Json) -> Json:
    kept = {field: row[field] for field in ("id", "code", "name", "city", "segment", "phones")}
    return {**kept, "account": account.get("number"), "product": account.get("product")}


def attach_lookup(
    pool: Pool, call_id: str, agent: int, query: Json, customer: int, key: str
) -> Json:
    """Attach a customer to the call; answers the card as it is then."""
    asked = orjson.dumps(query).decode()
    values = {"call": call_id, "agent": agent, "query": asked, "customer": customer, "key": key}
    row = one_row(pool, sql.attach_lookup, **values)
    card: Json = row["card"] if row else {}
    return card


def customer_history(pool: Pool, call_id: str, customer: int, agent: int) -> Json:
    """Earlier calls, all offers and the orders of a customer."""
    return {
        "calls": rows(
            pool,
            sql.customer_calls,
            customer=customer,
            call=call_id,
            agent=agent,
            limit=CALLS_SHOWN,
        ),
        "offers": rows(pool, sql.customer_offers, customer=customer, agent=agent),
        "orders": rows(
            pool, sql.customer_orders, customer=customer, agent=agent, limit=CALLS_SHOWN
        ),
    }


def recent_calls(pool: Pool, agent: int) -> list[Json]:
    """The agent's own calls of this shift, newest first."""
    return rows(pool, sql.agent_recent_calls, agent=agent, limit=CALLS_SHOWN)


def offer_page(pool: Pool, call_id: str, agent: int, code: str) -> Json | None:
    """An offer as attached to this agent's call, with what its script may be filled with."""
    return one_row(pool, sql.offer_page, call=call_id, agent=agent, code=code)


def open_offer(pool: Pool, call_id: str, agent: int, code: str) -> bool:
    """Remember that the agent opened an offer; true the first time, which alone counts.

    Raises:
        db.errors.OfferNotAttached: the call has no such offer.
    """
    row = one_row(pool, sql.open_offer, call=call_id, agent=agent, code=code)
    return bool(row and row["first"])


def present_offer(pool: Pool, call_id: str, agent: int, code: str) -> bool:
    """Attach another offer of the ranking instead of the one of its kind; false: it already is.

    Raises:
        db.errors.DatabaseRefusal: which of its kinds says why nothing was changed.
    """
    row = one_row(pool, sql.present_offer, call=call_id, agent=agent, code=code)
    return bool(row and row["changed"])


def groups(pool: Pool) -> list[Json]:
    """All agent groups."""
    return rows(pool, sql.group_settings)


def dids(pool: Pool) -> list[Json]:
    """Every number that can be dialled, and where it leads."""
    return rows(pool, sql.routes)


def subscriber_zones(pool: Pool) -> dict[str, str]:
    """Subscriber code -> IANA time zone."""
    return {row["code"]: row["timezone"] for row in rows(pool, sql.subscriber_zones)}
