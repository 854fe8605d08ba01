"""Who matches rules: each alone, all together, and who for example."""

from __future__ import annotations

from typing import Any

import psycopg

from cordboard import rules
from db.rules import count_matching

Connection = psycopg.Connection[dict[str, Any]]

GOLD = rules.parse({"attribute": "segment", "is": "=", "value": "gold"})
FIBER = rules.parse(
    {"attribute": "product", "is": "in", "value": ["Fiber 300", "Fiber 600", "Fiber 1000"]}
)
NOBODY = rules.parse({"attribute": "segment", "is": "=", "value": "'; DROP TABLE offer; -- %s $1"})
HALYARD, PANTRY = 1, 2


def counted(conn: Connection, where: str) -> int:
    row = conn.execute(f"SELECT count(*) AS n FROM customer_feature WHERE {where}".encode())
    return int((row.fetchone() or {"n": -1})["n"])


def test_each_and_together(conn: Connection) -> None:
    found = count_matching(conn, HALYARD, [GOLD, FIBER])
    gold, fiber = "subscriber_id = 1 AND segment = 'gold'", "product LIKE 'Fiber%'"
    assert found.everybody == counted(conn, "subscriber_id = 1")
    assert found.each == (counted(conn, gold), counted(conn, f"subscriber_id = 1 AND {fiber}"))
    assert found.matching == counted(conn, f"{gold} AND {fiber}")
    assert 0 < found.matching < min(found.each)
    assert found.examples[0]["name"] == "Priya Nair"
    assert len(found.examples) == 5
    assert found.as_of is not None


def test_without_rules_it_is_everybody(conn: Connection) -> None:
    found = count_matching(conn, PANTRY, [])
    assert found.matching == found.everybody == counted(conn, "subscriber_id = 2")
    assert found.each == ()
    assert found.examples[0]["name"] == "Rosa Klein"


def test_nobody_and_no_customers(conn: Connection) -> None:
    found = count_matching(conn, HALYARD, [FIBER, NOBODY])
    assert (found.matching, found.each[1], found.examples) == (0, 0, ())
    empty = count_matching(conn, 999, [GOLD])
    assert (empty.everybody, empty.matching, empty.as_of) == (0, 0, None)


def test_exclusions_are_edited_from_both_ends(conn: Connection) -> None:
    def excluded(code: str) -> list[str]:
        row = conn.execute(
            "SELECT excluded_codes_v1(id) AS codes FROM offer WHERE code = %s", [code]
        ).fetchone()
        return list(row["codes"]) if row else []

    def set_to(code: str, codes: list[str]) -> None:
        conn.execute("SELECT set_exclusions_v1(id, %s) FROM offer WHERE code = %s", [codes, code])

    assert excluded("HAL-FIBER-1000") == ["HAL-FIBER-BUNDLE"]
    set_to("HAL-FIBER-1000", ["HAL-TV", "HAL-MESH", "PAN-FAMILY", "HAL-FIBER-1000", "NONE"])
    assert excluded("HAL-FIBER-1000") == ["HAL-MESH", "HAL-TV"]
    assert excluded("HAL-FIBER-BUNDLE") == []
    set_to("HAL-TV", [])
    assert excluded("HAL-FIBER-1000") == ["HAL-MESH"]
