"""LATE: how late a callback is started, from when it is due to when its customer is dialled.

Ours is the whole way on the real parts: the worker claims the request, judges the dialling policy
and hands the attempt over; the app stores that it dials, and dials. The request leads to a call
centre elsewhere, so no agent has to be free; the network answers 404 to everybody. Measured is
``dialled_at - due_at`` of the database, for requests that are due at the same moment (``LATE``) and
one after another (``LATE-spread``).

The peer is the least that any such engine must do, on the same PostgreSQL: one loop that takes due
rows with ``SELECT … FOR UPDATE SKIP LOCKED``, writes when it did, and sleeps until the next is due.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from bench.figures import percentile, summary
from bench.result import Goal, Result
from bench.stage import NotMeasured, Stage
from cordboard.sipp import Exchange
from db.queries import sql

Connection = psycopg.Connection[dict[str, Any]]

COUNT = 50
#: The first is due so long after they were all stored, milliseconds.
AHEAD_MS = 1500
#: Time between two that are due one after another, milliseconds.
STEP_MS = 40
#: Longest wait until all were dialled, seconds.
PATIENCE_S = 60.0
GOALS = {0: Goal(ours_at_most=1000), STEP_MS: Goal(ours_at_most=200)}

NO_LIMITS = """
UPDATE dialling_policy SET calls_from_minute = 0, calls_until_minute = 1440, per_number_day = 10000,
    per_subscriber_minute = 100000, concurrent_legs = 100000, daily_spend_cents = 1000000000,
    proof_required = false, max_attempts = 1
"""
LATENESS = """
SELECT extract(epoch FROM a.dialled_at - a.due_at)::float8 * 1000 AS ms
FROM callback_attempt a JOIN call_request q ON q.id = a.request_id
WHERE q.idempotency_key LIKE %s AND a.dialled_at IS NOT NULL
"""
TAKE = """
UPDATE bench_due SET done_at = clock_timestamp() WHERE id IN (
    SELECT id FROM bench_due WHERE done_at IS NULL AND due_at <= clock_timestamp()
    ORDER BY due_at LIMIT 20 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
NEXT = """
SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 AS s FROM bench_due
WHERE done_at IS NULL
"""


def measure(stage: Stage) -> list[Result]:
    """Two results."""
    with _connected(stage) as conn, _network(stage):
        conn.execute(NO_LIMITS)
        conn.execute(
            "CREATE TEMPORARY TABLE bench_due (id integer PRIMARY KEY, due_at timestamptz NOT NULL,"
            " done_at timestamptz)"
        )
        return [_compared(stage, conn, step_ms) for step_ms in GOALS]


def _compared(stage: Stage, conn: Connection, step_ms: int) -> Result:
    count = stage.samples(COUNT, least=10)
    ours: list[list[float]] = []
    peer: list[list[float]] = []
    for number in range(1, stage.rounds + 1):
        stage.say(f"  round {number} of {stage.rounds}: {count} callbacks, {step_ms} ms apart …")
        ours.append(_ours(conn, f"bench-{step_ms}-{number}-", count, step_ms))
        peer.append(_peer(conn, count, step_ms))
    manner = "one by one" if step_ms else "all at once"
    return Result(
        id="LATE-spread" if step_ms else "LATE",
        what=f"a callback is dialled after it was due, {manner}, p99",
        peer_is="bare SELECT … FOR UPDATE SKIP LOCKED loop",
        unit="ms",
        ours=[percentile(samples, 0.99) for samples in ours],
        peer=[percentile(samples, 0.99) for samples in peer],
        goal=GOALS[step_ms],
        n=sum(map(len, ours)),
        details={
            "ours_ms": summary(sample for samples in ours for sample in samples),
            "peer_ms": summary(sample for samples in peer for sample in samples),
        },
    )


def _ours(conn: Connection, prefix: str, count: int, step_ms: int) -> list[float]:
    first_ms = time.time_ns() // 1_000_000 + AHEAD_MS
    with conn.transaction():
        for number in range(count):
            wish = {
                "subscriber": "pantry",
                "subject": "PARTNER",
                "source": "api",
                "number": f"+1312555{100 + number % 100:04}",
                "key": f"{prefix}{number}",
                "wanted_ms": first_ms + number * step_ms,
            }
            conn.execute(sql.make_request, {"wish": orjson.dumps(wish).decode()})
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        rows = conn.execute(LATENESS, [prefix + "%"]).fetchall()
        if len(rows) == count:
            return [row["ms"] for row in rows]
        time.sleep(0.2)
    raise NotMeasured(
        f"{len(rows)} of {count} callbacks were dialled in {PATIENCE_S:.0f} s;"
        " see `cordboard log worker` and `cordboard log ari_app`"
    )


def _peer(conn: Connection, count: int, step_ms: int) -> list[float]:
    conn.execute("TRUNCATE bench_due")
    conn.execute(
        "INSERT INTO bench_due SELECT n, now() + make_interval(secs => (%s + n * %s) / 1000.0)"
        " FROM generate_series(0, %s - 1) n",
        [AHEAD_MS, step_ms, count],
    )
    done = 0
    while done < count:
        taken = len(conn.execute(TAKE).fetchall())
        done += taken
        if not taken:
            row = conn.execute(NEXT).fetchone()
            assert row is not None
            time.sleep(max(0.0, row["s"] or 0.0))
    look = "SELECT extract(epoch FROM done_at - due_at)::float8 * 1000 AS ms FROM bench_due"
    return [row["ms"] for row in conn.execute(look)]


@contextmanager
def _connected(stage: Stage) -> Iterator[Connection]:
    url = stage.settings.database
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
        yield conn


@contextmanager
def _network(stage: Stage) -> Iterator[None]:
    """A telephone network in which nobody that is called exists."""
    network = Exchange(stage.settings)
    network.party("+13125550199")
    network.start()
    try:
        yield
    finally:
        network.close()
