"""The demo world's rules let those offers in that the README tells of, the best one first."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cordboard import rules
from cordboard.attributes import ATTRIBUTES

Connection = psycopg.Connection[dict[str, Any]]

FIRST = [
    ("Dana Reed", "HAL-FIBER-1000", "HAL-ROUTER"),
    ("Marcus Bell", "HAL-FIBER-BUNDLE", "HAL-CARE-PLUS"),
    ("Lena Fox", "HAL-MESH", "HAL-CREDIT"),
    ("Otto Lind", "HAL-DEVICE-UP", "HAL-PAPERLESS"),
    ("Priya Nair", "HAL-GOLD-DUO", "HAL-CARE-PLUS"),
    ("Rosa Klein", "PAN-FAMILY", "PAN-SUBSTITUTE"),
    ("Tomas Vega", "PAN-FAMILY", "PAN-SUBSTITUTE"),
]


@pytest.mark.parametrize(("name", "sales", "service"), FIRST)
def test_first_offers(conn: Connection, name: str, sales: str, service: str) -> None:
    ranked = eligible(conn, name)
    assert [first(ranked, kind) for kind in ("sales", "service")] == [sales, service]


def first(ranked: list[dict[str, Any]], kind: str) -> str | None:
    return next((one["code"] for one in ranked if one["kind"] == kind), None)


def eligible(conn: Connection, name: str) -> list[dict[str, Any]]:
    """The offers whose rules hold, by expected value as it is before anything was learned."""
    customer = conn.execute(
        "SELECT f.* FROM customer c JOIN customer_feature f ON f.customer_id = c.id"
        " WHERE c.first_name || ' ' || c.last_name = %s AND c.id < 10",
        [name],
    ).fetchone()
    assert customer is not None
    offers = conn.execute(
        "SELECT o.code, o.kind, o.prior_p * o.value_cents AS ev, array(SELECT r.condition"
        " FROM offer_rule r WHERE r.offer_id = o.id AND r.active) AS rules"
        " FROM offer o WHERE o.subscriber_id = %s AND o.active"
        " AND (o.valid_to IS NULL OR o.valid_to > now()) ORDER BY ev DESC",
        [customer["subscriber_id"]],
    ).fetchall()
    return [
        one
        for one in offers
        if all(rules.holds(rules.parse(rule), customer) for rule in one["rules"])
    ]


def test_every_rule_lets_some_in_and_keeps_some_out(conn: Connection) -> None:
    for row in conn.execute("SELECT id, name, condition FROM offer_rule").fetchall():
        one = rules.to_sql(rules.parse(row["condition"]))
        count = conn.execute(
            f"SELECT count(*) FILTER (WHERE {one.psycopg}) AS let_in, count(*) AS everybody"
            " FROM customer_feature".encode(),
            one.values,
        ).fetchone()
        assert count is not None
        # Nobody of the demo world has declined anything yet.
        some_out = "declined_90d" in str(row["condition"]) or count["let_in"] < count["everybody"]
        assert count["let_in"] > 0, row["name"]
        assert some_out, row["name"]


def test_everybody_is_described(conn: Connection) -> None:
    row = conn.execute(
        "SELECT (SELECT count(*) FROM customer) = (SELECT count(*) FROM customer_feature) AS whole,"
        " NOT EXISTS (SELECT FROM customer_changed) AS fresh,"
        " (SELECT count(*) FROM purchase) > 1000 AS bought"
    ).fetchone()
    assert row == {"whole": True, "fresh": True, "bought": True}
    assert len(ATTRIBUTES) == 18
