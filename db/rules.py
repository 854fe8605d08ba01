"""Who matches the rules of an offer: counted over all customers, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, RawCursor
from psycopg.rows import dict_row

from cordboard.rules import Rule, to_sql
from db.queries import sql

#: Customers who are named as examples.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Match:
    """How many customers of a subscriber rules let in.

    ``each`` counts for each rule alone; ``examples`` are ``{id, code, name}`` of customers who
    match all; ``as_of`` is when the newest of their attributes were computed, None without any.
    """

    everybody: int
    matching: int
    each: tuple[int, ...]
    examples: tuple[dict[str, Any], ...]
    as_of: datetime | None


def count_matching(conn: Connection[Any], subscriber: int, rules: Sequence[Rule]) -> Match:
    """Count who matches these rules, by attributes as they were last stored.

    ``conn`` is to the customers database.

    Raises:
        psycopg.Error: the database is away, or took longer than it may.
    """
    parts: list[str] = []
    values: list[Any] = [subscriber, EXAMPLES]
    for rule in rules:
        one = to_sql(rule, first=len(values) + 1, table="f")
        parts.append(one.text)
        values += one.values
    row = RawCursor(conn, row_factory=dict_row).execute(_query(parts), values).fetchone()
    assert row is not None
    return Match(
        everybody=row["everybody"],
        matching=row["matching"],
        each=tuple(row["each"]),
        examples=tuple(row["examples"]),
        as_of=row["as_of"],
    )


def _query(parts: Sequence[str]) -> bytes:
    """The named query with the rules in it; their values are parameters from the third on."""
    counts = [f"count(*) FILTER (WHERE held[{n}])" for n in range(1, len(parts) + 1)]
    places = {
        "%(subscriber)s": "$1",
        "%(examples)s": "$2",
        "/*rules*/ true": ", ".join(parts) or "true",
        "/*counts*/ ARRAY[]": f"ARRAY[{', '.join(counts)}]",
    }
    text = sql.count_matching.decode()
    for place, written in places.items():
        text = text.replace(place, written)
    return text.encode()
