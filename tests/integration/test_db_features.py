"""What is known of a customer: computed for one and for all alike, and marked when it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cordboard.attributes import ATTRIBUTES, NEVER_DAYS

Connection = psycopg.Connection[dict[str, Any]]
Json = dict[str, Any]

DANA, MARCUS = 1, 2


def features(conn: Connection, customer: int = DANA) -> Json:
    row = conn.execute("SELECT * FROM customer_features_v1(%s)", [customer]).fetchone()
    assert row is not None
    return row


@pytest.fixture
def nobody(conn: Connection) -> int:
    """A customer of whom nothing is known yet."""
    row = conn.execute(
        "INSERT INTO customer (subscriber_id, code, first_name, last_name)"
        " VALUES (1, 'H-NEW', 'Nora', 'New') RETURNING id"
    ).fetchone()
    assert row is not None
    return int(row["id"])


def test_every_attribute_is_a_column_and_no_other(conn: Connection) -> None:
    rows = conn.execute(
        "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
        " WHERE table_name = 'customer_feature' ORDER BY ordinal_position"
    ).fetchall()
    kinds = {"text": "text", "boolean": "flag", "integer": "number", "bigint": "number"}
    found = [(row["name"], kinds.get(row["type"])) for row in rows]
    kept = [one for one in found if one[0] not in ("customer_id", "subscriber_id", "computed_at")]
    assert kept == [(name, about.type) for name, about in ATTRIBUTES.items()]


def test_nothing_is_known_of_a_new_customer(conn: Connection, nobody: int) -> None:
    found = features(conn, nobody)
    assert {name: found[name] for name in ATTRIBUTES if found[name]} == {
        "segment": "standard",
        "language": "en",
        "days_since_purchase": NEVER_DAYS,
        "days_since_presented": NEVER_DAYS,
    }
    assert (found["region"], found["product"], found["suspended"]) == ("", "", False)


def test_no_such_customer(conn: Connection) -> None:
    assert conn.execute("SELECT * FROM customer_features_v1(-1)").fetchall() == []


def test_accounts(conn: Connection, nobody: int) -> None:
    for number, status, cents, product in [
        ("77000001", "closed", 700, "Old line"),
        ("77000002", "active", 2**62, "Fiber 300"),
        ("77000003", "suspended", 2**62, "Mobile"),
    ]:
        conn.execute(
            "INSERT INTO account (customer_id, subscriber_id, number, status, balance_cents,"
            " product) VALUES (%s, 1, %s, %s, %s, %s)",
            [nobody, number, status, cents, product],
        )
    found = features(conn, nobody)
    assert (found["accounts"], found["suspended"], found["product"]) == (2, True, "Fiber 300")
    assert found["balance_cents"] == 2**63 - 1  # and not an error


def test_tenure_is_counted_where_the_subscriber_is(conn: Connection, nobody: int) -> None:
    conn.execute(
        "UPDATE customer SET customer_since = (now() AT TIME ZONE 'Pacific/Kiritimati')::date - 10"
        " WHERE id = %s",
        [nobody],
    )
    conn.execute("UPDATE subscriber SET timezone = 'Pacific/Kiritimati'")
    assert features(conn, nobody)["tenure_days"] == 10
    conn.execute("UPDATE customer SET customer_since = '2990-01-01' WHERE id = %s", [nobody])
    assert features(conn, nobody)["tenure_days"] == 0


def make_call(conn: Connection, customer: int, days: float) -> Any:
    call = uuid4()
    conn.execute(
        "INSERT INTO call (id, subscriber_id, customer_id, started)"
        " VALUES (%s, 1, %s, now() - %s * interval '1 day')",
        [call, customer, days],
    )
    return call


def dispose(conn: Connection, call: Any, customer: int, kind: str, code: str, days: float) -> None:
    code_kind = "system" if code.startswith("SYS_") else kind
    conn.execute(
        "INSERT INTO disposition (call_id, kind, subscriber_id, code_kind, code, customer_id,"
        " idempotency_key, recorded_at)"
        " VALUES (%s, %s, 1, %s, %s, %s, %s, now() - %s * interval '1 day')",
        [call, kind, code_kind, code, customer, str(uuid4()), days],
    )


def test_calls(conn: Connection, nobody: int) -> None:
    calls = {days: make_call(conn, nobody, days) for days in (0, 29.9, 30.1, 89, 91)}
    for days, call in calls.items():
        dispose(conn, call, nobody, "service", "RESOLVED", days)
    other = make_call(conn, nobody, 40)
    dispose(conn, other, nobody, "service", "SYS_TIMEOUT", 40)
    dispose(conn, other, nobody, "sales", "LATER", 40)
    found = features(conn, nobody)
    assert (found["calls_30d"], found["service_calls_90d"]) == (2, 4)
    conn.execute("UPDATE disposition SET replaced_at = now() WHERE call_id = %s", [calls[89]])
    assert features(conn, nobody)["service_calls_90d"] == 3


def test_days_on_the_web(conn: Connection, nobody: int) -> None:
    for channel, days in [("web", 1), ("web", 1), ("chat", 2), ("phone", 3), ("web", 31)]:
        conn.execute(
            "INSERT INTO decision (id, subscriber_id, customer_id, channel, at, ranking)"
            " VALUES (%s, 1, %s, %s, now() - %s * interval '1 day', '[]')",
            [uuid4(), nobody, channel, days],
        )
    for source, days in [("web", 1), ("api", 4), ("queue", 5)]:
        conn.execute(
            "INSERT INTO call_request (id, subscriber_id, rule_id, source, number, customer_id,"
            " created_at) SELECT %s, r.subscriber_id, r.id, %s, '+12125550140', %s,"
            " now() - %s * interval '1 day' FROM routing_rule r WHERE r.subscriber_id = 1 LIMIT 1",
            [uuid4(), source, nobody, days],
        )
    assert features(conn, nobody)["web_visits_30d"] == 3


def test_purchases(conn: Connection, nobody: int) -> None:
    for days, cents in [(400, 2**62), (364, 1000), (20, 2**62), (20, 2**62)]:
        conn.execute(
            "INSERT INTO purchase (customer_id, at, product, amount_cents)"
            " VALUES (%s, now() - %s * interval '1 day', 'Basket', %s)",
            [nobody, days, cents],
        )
    found = features(conn, nobody)
    assert (found["purchases_365d"], found["days_since_purchase"]) == (3, 20)
    assert found["purchase_cents_365d"] == 2**63 - 1


def present(conn: Connection, customer: int, days: float, outcome: str | None) -> None:
    conn.execute(
        "INSERT INTO exposure (customer_id, offer_id, channel, at, outcome, outcome_at)"
        " SELECT %s, 1, 'agent', t, %s, CASE WHEN %s THEN t END"
        " FROM (SELECT now() - %s * interval '1 day' AS t) AS moment",
        [customer, outcome, outcome is not None, days],
    )


def test_what_was_presented(conn: Connection, nobody: int) -> None:
    for days, outcome in [
        (200, "accepted"),
        (400, "accepted"),
        (100, "declined"),
        (80, "declined"),
        (7, None),
    ]:
        present(conn, nobody, days, outcome)
    found = features(conn, nobody)
    names = ("presented_90d", "accepted_365d", "declined_90d", "days_since_presented")
    assert tuple(found[name] for name in names) == (2, 1, 1, 7)


def test_one_and_all_are_the_same(conn: Connection) -> None:
    everybody = conn.execute("SELECT count(*) AS n FROM customer").fetchone()
    assert conn.execute("SELECT refresh_features_v1(NULL) AS n").fetchone() == everybody
    differ = conn.execute(
        "SELECT c.id FROM customer c LEFT JOIN customer_feature f ON f.customer_id = c.id"
        " CROSS JOIN LATERAL customer_features_v1(c.id) AS one"
        " WHERE f IS DISTINCT FROM one"
    ).fetchall()
    assert differ == []


def test_one_customer_is_found_by_indexes(conn: Connection) -> None:
    """The choice of all or one is settled when it is planned, not asked of each row."""
    conn.execute("SET enable_seqscan = off")
    plan = conn.execute("EXPLAIN SELECT * FROM features_v1(false, ARRAY[1::bigint])").fetchall()
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    assert "Function Scan" not in text
    for table in ("customer", "account", "call", "disposition", "decision", "purchase", "exposure"):
        assert f" on {table} " in text
    assert "Seq Scan on customer" not in text
    assert "Seq Scan on call" not in text


def marked(conn: Connection) -> set[int]:
    rows = conn.execute("SELECT DISTINCT customer_id FROM customer_changed").fetchall()
    return {row["customer_id"] for row in rows}


CHANGES = [
    "UPDATE customer SET segment = 'silver' WHERE id = 1",
    "UPDATE account SET balance_cents = 0 WHERE customer_id = 1",
    "DELETE FROM purchase WHERE customer_id = 1",
    "INSERT INTO purchase (customer_id, product, amount_cents) VALUES (1, 'Router', 0)",
    "UPDATE purchase SET amount_cents = 1 WHERE customer_id = 1",
    "INSERT INTO exposure (customer_id, offer_id, channel) VALUES (1, 1, 'ivr')",
    "UPDATE exposure SET outcome = 'declined', outcome_at = now() WHERE customer_id = 1",
    "INSERT INTO call (id, subscriber_id, customer_id) VALUES (gen_random_uuid(), 1, 1)",
    "UPDATE call SET customer_id = 1 WHERE id = '00000000-0000-4000-8000-000000000001'",
    "UPDATE disposition SET replaced_at = now() WHERE customer_id = 1",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_marks_its_customer(conn: Connection, change: str) -> None:
    conn.execute("INSERT INTO purchase (customer_id, product, amount_cents) VALUES (1, 'TV', 9)")
    conn.execute("INSERT INTO exposure (customer_id, offer_id, channel) VALUES (1, 1, 'web')")
    conn.execute(
        "INSERT INTO call (id, subscriber_id) VALUES ('00000000-0000-4000-8000-000000000001', 1)"
    )
    conn.execute("SELECT refresh_features_v1(NULL)")
    assert marked(conn) == set()
    conn.execute(change)  # type: ignore[call-overload]
    assert marked(conn) == {DANA}
    conn.execute("SELECT refresh_features_v1('{2}')")
    assert marked(conn) == {DANA}
    conn.execute("SELECT refresh_features_v1('{1}')")
    assert marked(conn) == set()
    stored = conn.execute("SELECT * FROM customer_feature WHERE customer_id = 1").fetchone()
    assert stored == features(conn)


def test_a_moved_account_marks_both_customers(conn: Connection) -> None:
    conn.execute("SELECT refresh_features_v1(NULL)")
    conn.execute("UPDATE account SET customer_id = 2 WHERE customer_id = 1")
    assert marked(conn) == {DANA, MARCUS}


def test_a_call_that_only_moves_on_marks_nobody(conn: Connection) -> None:
    call = make_call(conn, DANA, 0)
    conn.execute("SELECT refresh_features_v1(NULL)")
    conn.execute("UPDATE call SET state = 'queued' WHERE id = %s", [call])
    assert marked(conn) == set()


def test_a_customer_may_be_deleted(conn: Connection, nobody: int) -> None:
    conn.execute(
        "INSERT INTO purchase (customer_id, product, amount_cents) VALUES (%s, 'TV', 9)", [nobody]
    )
    conn.execute("SELECT refresh_features_v1(NULL)")
    conn.execute("DELETE FROM customer WHERE id = %s", [nobody])
    assert marked(conn) == set()
    kept = conn.execute("SELECT FROM customer_feature WHERE customer_id = %s", [nobody])
    assert kept.fetchone() is None


def test_a_customer_deleted_meanwhile_does_not_stop_the_others(
    connect: Callable[[], Connection],
) -> None:
    here, there = connect(), connect()
    here.execute(
        "INSERT INTO customer (id, subscriber_id, code, first_name, last_name)"
        " VALUES (990001, 1, 'H-GONE', 'Nora', 'New')"
    )
    found: list[Json | None] = []
    with here.transaction():
        here.execute("DELETE FROM customer WHERE id = 990001")
        refresh = threading.Thread(
            target=lambda: found.append(
                there.execute("SELECT refresh_features_v1(NULL) AS n").fetchone()
            )
        )
        refresh.start()
        wait_until_blocked(connect(), there.info.backend_pid)
    refresh.join(timeout=20)
    assert found == here.execute("SELECT count(*) AS n FROM customer").fetchall()


def wait_until_blocked(conn: Connection, pid: int) -> None:
    for _ in range(20_000):
        row = conn.execute("SELECT cardinality(pg_blocking_pids(%s)) AS n", [pid]).fetchone()
        if row and row["n"]:
            return
    raise AssertionError("it never waited for the other")
