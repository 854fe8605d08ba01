"""What a decision is made of in the database, and a stored one, as the journal brings it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
from psycopg import Connection

from cordboard.decision_facts import Facts, Offer, facts_from_json
from db.queries import sql

Json = dict[str, Any]

MARCUS = 2

#: Runs one statement and answers its one value.
Ask = Callable[..., Any]


def entry(
    code: str, rank: int | None, p: float = 0.2, *, chosen: bool = False, **more: Any
) -> Json:
    """One entry of a ranking, without what is looked up; ``rank`` None is kept out."""
    offered = rank is not None
    return {
        "code": code,
        "rank": rank,
        "p": p,
        "state": "offered" if offered else "kept_out",
        "why": "eligible" if offered else "cooling_down",
        "words": "Every rule holds." if offered else "It was presented 3 days ago.",
        "chance": 0.95 if chosen else 0.05 if offered else None,
        "chosen": chosen,
        "possible": offered,
        "exposures": 0,
        "channels": ["agent"],
        "group": None,
        "skill": None,
        **more,
    }


#: What was decided for Marcus Bell: two sales offers and a service offer, one kept out.
MARCUS_ENTRIES = [
    entry("HAL-FIBER-BUNDLE", 1, 0.3, chosen=True),
    entry("HAL-FIBER-1000", 2, 0.2),
    entry("HAL-CARE-PLUS", 3, 0.1, chosen=True),
    entry("HAL-TV", None, 0.4),
]


def store_decision(ask: Ask, call: str, entries: list[Json], route: Json | None = None) -> str:
    """A decision of a call, which is put on the call; answers its id."""
    decision = str(uuid4())
    ask(
        """
        WITH wanted AS (
            SELECT e || jsonb_build_object('offer', o.id, 'kind', o.kind, 'title', o.title,
                'url', o.url, 'value_cents', o.value_cents,
                'ev_cents', round(o.value_cents * (e ->> 'p')::numeric)) AS e, place
            FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (e, place)
            JOIN call c ON c.id = %s
            JOIN offer o ON o.code = e ->> 'code' AND o.subscriber_id = c.subscriber_id
        ), made AS (
            INSERT INTO decision (id, call_id, subscriber_id, customer_id, channel, ranking, route)
            SELECT %s, c.id, c.subscriber_id, c.customer_id, 'phone',
                (SELECT jsonb_agg(e ORDER BY place) FROM wanted), %s::jsonb
            FROM call c WHERE c.id = %s
            RETURNING id, call_id
        ), attached AS (
            UPDATE call_offer co SET rank = (e ->> 'rank')::smallint
            FROM wanted, made WHERE co.call_id = made.call_id AND co.code = e ->> 'code'
        )
        UPDATE call SET decision_id = made.id FROM made WHERE call.id = made.call_id
        RETURNING made.id
        """,
        orjson.dumps(entries).decode(),
        call,
        decision,
        orjson.dumps(route or {"to": "plain", "words": "Nobody is needed."}).decode(),
        call,
    )
    return decision


def facts(conn: Connection[Json], customer: int = MARCUS, subscriber: str = "halyard") -> Facts:
    """What the database knows of a customer, for a decision."""
    params = {"customer": customer, "subscriber": subscriber, "known": "{}"}
    row = conn.execute(sql.decision_facts, params).fetchone()
    assert row is not None
    return facts_from_json(row["facts"]["customer"], row["facts"]["strategy"])


def offer(found: Facts, code: str) -> Offer:
    """The offer of this code."""
    return next(one for one in found.offers if one.code == code)
