"""PostgreSQL and Python agree on who matches a rule."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from cordboard import rules
from support import rule_pairs

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]


def test_sql_and_python_agree(conn: Connection) -> None:
    """10,240 pairs of a rule and a customer, 1,024 of them in one query."""

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(rule_pairs.rules, min_size=32, max_size=32),
        st.lists(rule_pairs.customers, min_size=32, max_size=32),
    )
    def agree(several: list[rules.Rule], people: list[Json]) -> None:
        wanted = [[rules.holds(rule, one) for rule in several] for one in people]
        assert _asked(conn, several, people) == wanted

    agree()


def _asked(conn: Connection, several: list[rules.Rule], people: list[Json]) -> list[list[bool]]:
    parts = [rules.to_sql(rule) for rule in several]
    query = (
        f"SELECT ARRAY[{', '.join(part.psycopg for part in parts)}] AS held"
        " FROM jsonb_populate_recordset(NULL::customer_feature, %s) ORDER BY customer_id"
    )
    rows = [{"customer_id": n, **one} for n, one in enumerate(people)]
    values = [value for part in parts for value in part.values]
    found = conn.execute(query.encode(), [*values, Jsonb(rows)])
    return [row["held"] for row in found]
