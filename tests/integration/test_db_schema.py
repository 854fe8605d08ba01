"""What the schema refuses, what the demo world holds, and that every query can run."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from cordboard.settings import ROOT
from db.queries import FOLDER, sql

Connection = psycopg.Connection[dict[str, Any]]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customer_phone VALUES (1, '2125550140')",
        "INSERT INTO customer_phone VALUES (1, '+0125550140')",
        "UPDATE offer SET url = 'javascript:alert(1)'",
        "UPDATE offer SET url = 'https://a.example/\" onclick=\"x'",
        "UPDATE offer SET url = 'ftp://a.example/'",
        "UPDATE offer SET code = 'lower-case' WHERE id = 1",
        "UPDATE offer SET title = E'two\\r\\nlines'",
        "UPDATE customer SET first_name = E'X\\x01'",
        "UPDATE customer SET ssn_hash = '\\x00'",
        "UPDATE customer SET ssn_last4 = NULL",
        "UPDATE account SET number = '12'",
        "UPDATE account SET subscriber_id = 2 WHERE subscriber_id = 1",
        "UPDATE did SET menu = 'from-trunk'",
        "UPDATE did SET menu = 'ivr-main,s,1)'",
        "UPDATE did SET group_id = 3 WHERE subscriber_id = 1",
        "UPDATE phone_device SET sip_username = 'trunk' WHERE id = 1",
        "UPDATE user_account SET password_hash = 'plain'",
        "INSERT INTO customer_offer VALUES (1, 1, 'accepted');"
        " UPDATE customer_offer SET status = 'open'",
        "UPDATE opening_hours SET closes_minute = 1441",
        'UPDATE call SET cti = \'{"lower": "case"}\'',
        "UPDATE call SET cti = '{\"A\": 1}'",
        'UPDATE call SET cti = \'{"A": "x\\r\\n"}\'',
        "UPDATE call SET cti = '[]'",
        "UPDATE call SET cti = jsonb_build_object('A', repeat('x', 257))",
        "UPDATE call SET cti = jsonb_build_object(repeat('A', 41), 'x')",
        "UPDATE call SET identified_by = ARRAY['guess']",
    ],
)
def test_refused(conn: Connection, statement: str) -> None:
    with pytest.raises(psycopg.DatabaseError):
        conn.execute(statement)  # type: ignore[call-overload]


def test_values_of_call_data_may_be_long_and_foreign(conn: Connection) -> None:
    conn.execute("UPDATE call SET cti = jsonb_build_object('A_1', repeat('é', 256), 'B', '')")


def test_demo_world(conn: Connection) -> None:
    counts = conn.execute(
        "SELECT (SELECT count(*) FROM subscriber) AS subscribers,"
        " (SELECT count(*) FROM phone_device) AS phones,"
        " (SELECT count(*) FROM customer) AS customers,"
        " (SELECT count(*) FROM offer) AS offers,"
        " (SELECT count(*) FROM location) AS locations,"
        " (SELECT count(*) FROM service_failure_account) AS touched,"
        " (SELECT count(*) FROM (SELECT number FROM customer_phone GROUP BY number"
        "  HAVING count(*) > 1) AS shared) AS shared"
    ).fetchone()
    assert counts is not None
    assert counts["subscribers"] == 2
    assert counts["phones"] >= 8
    assert counts["customers"] >= 500
    assert counts["offers"] >= 20
    assert counts["locations"] == 5
    assert counts["touched"] > 5
    assert counts["shared"] > 10


def test_demo_world_is_fictional(conn: Connection) -> None:
    real = conn.execute("SELECT 1 FROM customer_phone WHERE number !~ '^\\+1[2-9]..55501..$'")
    assert real.fetchone() is None
    real = conn.execute("SELECT 1 FROM customer WHERE email !~ '@example\\.(com|net|org)$'")
    assert real.fetchone() is None


def test_every_query_is_understood_by_the_server(conn: Connection) -> None:
    """Each named query, with nulls for its parameters, is planned."""
    for name in dir(sql):
        query = getattr(sql, name)
        params = dict.fromkeys(re.findall(r"%\((\w+)\)s", query.decode()))
        with conn.transaction(force_rollback=True):
            conn.execute(b"EXPLAIN " + query, params)


def test_no_query_or_page_gets_the_hash_of_an_ssn() -> None:
    for path in FOLDER.glob("*.sql"):
        code = "\n".join(
            line for line in path.read_text("utf-8").splitlines() if not line.startswith("--")
        )
        assert "ssn_hash" not in code.replace("%(ssn_hash)s", ""), path.name


def test_personal_data_is_marked(conn: Connection) -> None:
    rows = conn.execute(
        "SELECT attrelid::regclass::text AS table, attname FROM pg_attribute"
        " WHERE col_description(attrelid, attnum) LIKE 'Personal data%'"
    ).fetchall()
    marked = {(row["table"], row["attname"]) for row in rows}
    assert {
        ("customer", "first_name"), ("customer", "last_name"), ("customer", "email"),
        ("customer", "ssn_hash"), ("customer_phone", "number"), ("call", "ani"), ("call", "cti"),
        ("call_note", "body"), ("call_event", "data"), ("journal_error", "entry"),
    } <= marked  # fmt: skip


def test_the_diagram_has_every_table(conn: Connection) -> None:
    rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = {row["tablename"] for row in rows if "yoyo" not in row["tablename"]}
    text = (ROOT / "docs" / "data.md").read_text("utf-8")
    diagram = text.split("```mermaid")[1].split("```")[0]
    drawn = set(re.findall(r"^ +([a-z_]+) [|}o]{2}--", diagram, re.MULTILINE))
    drawn |= set(re.findall(r"--[|{o]{2} ([a-z_]+)", diagram))
    drawn |= set(re.findall(r"^ +([a-z_]+) \{", diagram, re.MULTILINE))
    assert drawn == tables


def test_foreign_keys_that_are_followed_have_an_index(conn: Connection) -> None:
    """Deleting a customer, a call or an order must not read whole tables."""
    rows = conn.execute(
        "SELECT c.conrelid::regclass::text AS child FROM pg_constraint c"
        " WHERE c.contype = 'f' AND c.confrelid IN"
        "  ('call'::regclass, 'customer'::regclass, 'sales_order'::regclass)"
        " AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid"
        "  AND i.indkey[0] = ANY (c.conkey))"
    ).fetchall()
    assert {row["child"] for row in rows} <= {"customer_lookup"}


class TestAgents:
    def test_directory_and_phones(self, conn: Connection) -> None:
        agents = conn.execute(sql.agent_directory).fetchall()
        assert len(agents) == 9
        phones = conn.execute(sql.phone_devices).fetchall()
        assert "iris" not in {row["username"] for row in phones}  # has a number, no account
        assert {len(row["ha1"]) for row in phones} == {32}

    def test_an_inactive_agent_has_no_phone(self, conn: Connection) -> None:
        conn.execute("UPDATE user_account SET active = false WHERE username = 'ava'")
        assert "ava" not in {row["username"] for row in conn.execute(sql.agent_directory)}
        assert "ava" not in {row["username"] for row in conn.execute(sql.phone_devices)}


def test_stale_calls_are_closed(conn: Connection) -> None:
    conn.execute(
        "INSERT INTO call (id, state, started) VALUES"
        " ('00000000-0000-0000-0000-000000000001', 'queued', now() - interval '2 hours'),"
        " ('00000000-0000-0000-0000-000000000002', 'queued', now() - interval '2 hours')"
    )
    params = {"older": "1 hour", "live": ["00000000-0000-0000-0000-000000000002"]}
    assert conn.execute(sql.close_stale_calls, params).fetchone() == {"closed": 1}
