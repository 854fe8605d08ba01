"""Metering: which legs cost what, each once, and sums that equal the legs'."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.queries import sql
from support.dialplan import apply
from support.requests import one_value

Connection = psycopg.Connection[dict[str, Any]]

PANTRY = 2
#: In the demo world's tariff: +1202, +1 and all others, by the second and by the minute.
RATES = {"+12025550110": "0.9", "+13125550150": "1.5", "+442079460000": "12"}
NOON = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


def call(conn: Connection, direction: str = "outbound", dnis: str | None = None) -> str:
    call_id = str(uuid4())
    conn.execute(
        "INSERT INTO call (id, subscriber_id, direction, dnis, started)"
        " VALUES (%s, %s, %s, %s, %s)",
        [call_id, PANTRY, direction, dnis, NOON],
    )
    return call_id


def leg(
    conn: Connection,
    call_id: str,
    seconds: float | None,
    *,
    role: str = "customer",
    party: str | None = "+13125550150",
    at: datetime = NOON,
    name: str = "",
) -> str:
    """A leg that was answered ``at`` and lasted so long; None: it never was."""
    channel = name or f"{call_id}.{uuid4().hex[:6]}"
    ended = at + timedelta(seconds=seconds or 0)
    answered = None if seconds is None else at
    conn.execute(
        "INSERT INTO call_leg (call_id, channel, role, party, started, answered, ended)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [call_id, channel, role, party, at, answered, ended],
    )
    return channel


def lines(conn: Connection, call_id: str) -> list[dict[str, Any]]:
    return conn.execute(
        "SELECT * FROM usage_line WHERE call_id = %s ORDER BY id", [call_id]
    ).fetchall()


def meter(conn: Connection, call_id: str) -> int:
    return int(conn.execute("SELECT apply_usage_v1(%s) AS made", [call_id]).fetchone()["made"])  # type: ignore[index]


def statement(conn: Connection, month: date = OCTOBER) -> dict[str, Any]:
    row = conn.execute(sql.usage_statement, {"month": month, "subscriber": PANTRY}).fetchone()
    assert row is not None
    return row


def test_one_line_a_leg_and_once(conn: Connection) -> None:
    one = call(conn)
    channel = leg(conn, one, 90.2)
    assert meter(conn, one) == 1
    assert meter(conn, one) == 0
    (line,) = lines(conn, one)
    assert (line["channel"], line["party"], line["role"]) == (channel, "+13125550150", "customer")
    assert (line["seconds"], line["billed_seconds"]) == (91, 91)
    assert line["amount_cents"] == Decimal("2.2750")


@pytest.mark.parametrize(
    ("number", "rate", "billed"),
    [("+12025550110", "0.9", 61), ("+13125550150", "1.5", 61), ("+442079460000", "12", 120)],
)
def test_the_longest_prefix_and_begun_increments(
    conn: Connection, number: str, rate: str, billed: int
) -> None:
    one = call(conn)
    leg(conn, one, 61, party=number)
    meter(conn, one)
    (line,) = lines(conn, one)
    assert line["cents_per_minute"] == Decimal(rate)
    assert (line["seconds"], line["billed_seconds"]) == (61, billed)


@pytest.mark.parametrize(
    ("direction", "role", "party", "rated"),
    [
        ("outbound", "customer", "+13125550150", "+13125550150"),
        ("inbound", "customer", "+13125550150", "+12025550110"),
        ("inbound", "customer", None, "+12025550110"),
        ("inbound", "agent", "+12025550191", "+12025550191"),
        ("inbound", "agent", "sip:desk@partner.example", "+"),
        ("inbound", "agent", "iris", "+12025550191"),
        ("inbound", "agent", "gus", None),
        ("outbound", "customer", "browser", None),
        ("outbound", "customer", None, None),
    ],
)
def test_what_is_over_the_trunk(
    conn: Connection, direction: str, role: str, party: str | None, rated: str | None
) -> None:
    one = call(conn, direction, "+12025550110")
    leg(conn, one, 10, role=role, party=party)
    meter(conn, one)
    assert [line["party"] for line in lines(conn, one)] == ([rated] if rated else [])


def test_a_leg_that_was_never_answered_or_goes_on_costs_nothing(conn: Connection) -> None:
    one = call(conn)
    leg(conn, one, None)
    channel = leg(conn, one, 5)
    conn.execute("UPDATE call_leg SET ended = NULL WHERE channel = %s", [channel])
    assert meter(conn, one) == 0


def test_the_journal_meters_a_leg_when_it_ends(conn: Connection) -> None:
    one = call(conn)
    at = int(NOON.timestamp() * 1000)
    entries = [
        {"set": {"role": "customer", "party": "+13125550150", "started_ms": at}},
        {"set": {"answered_ms": at + 1000}},
        {"set": {"ended_ms": at + 61_000}},
    ]
    for entry in entries:
        assert lines(conn, one) == []
        assert apply(conn, {"kind": "leg", "call": one, "channel": f"{one}.c", **entry}) == 0
    (line,) = lines(conn, one)
    assert (line["seconds"], line["amount_cents"]) == (60, Decimal("1.5000"))


def test_a_leg_without_a_tariff_is_told_and_caught_up(conn: Connection) -> None:
    conn.execute("DELETE FROM tariff WHERE subscriber_id = %s", [PANTRY])
    one = call(conn)
    leg(conn, one, 60)
    assert meter(conn, one) == 0
    before = statement(conn)["unrated"]
    assert before >= 1
    conn.execute("INSERT INTO tariff VALUES (%s, '+', 6, 1)", [PANTRY])
    assert one_value(conn, sql.apply_missing_usage, since=NOON - timedelta(days=1)) >= 1
    assert [line["amount_cents"] for line in lines(conn, one)] == [Decimal("6.0000")]
    assert statement(conn)["unrated"] == 0


def test_a_month_begins_where_the_subscriber_is(conn: Connection) -> None:
    """Corner Pantry is in Chicago: five or six hours behind."""
    one = call(conn)
    for at in (
        datetime(2026, 10, 1, 4, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 1, 5, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 0, 0, tzinfo=UTC),
    ):
        leg(conn, one, 1, at=at)
    before = [statement(conn, date(2026, month, 1))["legs"] for month in (9, 10, 11)]
    meter(conn, one)
    after = [statement(conn, date(2026, month, 1))["legs"] for month in (9, 10, 11)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, 1]


def test_pages_of_lines_are_all_of_them_once(conn: Connection) -> None:
    one = call(conn)
    for second in range(7):
        # Two legs are answered at the same moment.
        leg(conn, one, 5, at=NOON + timedelta(seconds=second // 2))
    meter(conn, one)
    seen: list[int] = []
    after = 0
    while True:
        page = conn.execute(
            sql.usage_lines, {"subscriber": PANTRY, "month": OCTOBER, "after": after, "limit": 2}
        ).fetchall()
        if not page:
            break
        seen += [row["id"] for row in page]
        after = seen[-1]
    total = statement(conn)["legs"]
    assert len(seen) == len(set(seen)) == total


LEGS = st.lists(
    st.tuples(st.sampled_from(sorted(RATES)), st.integers(0, 7_200_000)), min_size=1, max_size=12
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(legs=[("+13125550150", 0), ("+442079460000", 1), ("+12025550110", 60_001)])
@given(legs=LEGS)
def test_the_statement_is_the_sum_of_the_legs(
    conn: Connection, legs: list[tuple[str, int]]
) -> None:
    with conn.transaction(force_rollback=True):
        before = statement(conn)
        one = call(conn)
        for number, ms in legs:
            leg(conn, one, ms / 1000, party=number)
        meter(conn, one)
        after = statement(conn)
    assert after["legs"] - before["legs"] == len(legs)
    assert after["seconds"] - before["seconds"] == sum(-(-ms // 1000) for _, ms in legs)
    assert after["amount_cents"] - before["amount_cents"] == sum(cost(*one) for one in legs)


def cost(number: str, ms: int) -> Decimal:
    """What a leg costs, counted another way than the database does."""
    increment = 60 if number.startswith("+44") else 1
    billed = math.ceil(math.ceil(ms / 1000) / increment) * increment
    exact = Decimal(billed) * Decimal(RATES[number]) / 60
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
