"""Webhook deliveries: queued once, leased to one, ended by who has the lease, replayed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.errors import DeliveryNotDead, UnknownDelivery, named_errors
from db.queries import sql
from support.requests import ask, one_value

Connection = psycopg.Connection[dict[str, Any]]

HALYARD, PANTRY = 1, 2
PAYLOAD = {"a": 1}


def queue(conn: Connection, subscriber: int = PANTRY, key: UUID | None = None) -> UUID | None:
    row = conn.execute(
        "SELECT queue_webhook_v1(%s, 'entry.saved', %s, %s) AS id",
        [subscriber, Jsonb(PAYLOAD), key or uuid4()],
    ).fetchone()
    assert row is not None
    return row["id"]  # type: ignore[no-any-return]


def claim(conn: Connection, limit: int = 10, each: int = 4) -> list[dict[str, Any]]:
    return conn.execute(
        sql.claim_webhooks, {"lease_s": 30, "limit": limit, "each": each}
    ).fetchall()


def end(conn: Connection, one: dict[str, Any], error: str | None, retry_s: int | None) -> bool:
    values = {
        "delivery": one["id"],
        "attempt": one["attempts"],
        "status": None,
        "error": error,
        "retry_s": retry_s,
    }
    return bool(one_value(conn, sql.end_webhook_try, **values))


def state(conn: Connection, delivery: object) -> tuple[str, int, str | None]:
    row = conn.execute("SELECT * FROM webhook_delivery WHERE id = %s", [delivery]).fetchone()
    assert row is not None
    return row["state"], row["attempts"], row["last_error"]


def test_nobody_listens(conn: Connection) -> None:
    assert queue(conn, HALYARD) is None


def test_an_event_counts_once(conn: Connection) -> None:
    key = uuid4()
    assert queue(conn, key=key) == queue(conn, key=key) == key
    assert [one["id"] for one in claim(conn)] == [key]


def test_a_claimed_one_is_nobody_elses_until_the_lease_is_over(conn: Connection) -> None:
    queue(conn)
    (one,) = claim(conn)
    assert (one["subscriber"], one["payload"], one["attempts"]) == ("pantry", PAYLOAD, 1)
    assert claim(conn) == []
    conn.execute("UPDATE webhook_delivery SET lease_until = now()")
    (again,) = claim(conn)
    assert (again["id"], again["attempts"]) == (one["id"], 2)
    # Who lost the lease has no say any more.
    assert not end(conn, one, None, None)
    assert end(conn, again, None, None)
    assert state(conn, one["id"]) == ("delivered", 2, None)


def test_a_failed_one_waits_and_dies(conn: Connection) -> None:
    queue(conn)
    (one,) = claim(conn)
    assert end(conn, one, "answers 500", 3600)
    assert state(conn, one["id"]) == ("waiting", 1, "answers 500")
    assert claim(conn) == []
    conn.execute("UPDATE webhook_delivery SET due_at = now()")
    (one,) = claim(conn)
    assert end(conn, one, "answers 500", None)
    assert state(conn, one["id"])[0] == "dead"
    assert claim(conn) == []


def test_one_subscriber_does_not_hold_up_another(conn: Connection) -> None:
    conn.execute(
        "INSERT INTO webhook_endpoint VALUES (%s, 'https://halyard.example/', 'x')", [HALYARD]
    )
    for _ in range(6):
        queue(conn)
    mine = queue(conn, HALYARD)
    taken = claim(conn, limit=10, each=4)
    assert [one["subscriber"] for one in taken].count("pantry") == 4
    assert mine in {one["id"] for one in taken}
    assert claim(conn) == []


def test_an_endpoint_that_was_stopped_leaves_dead_letters(conn: Connection) -> None:
    delivery = queue(conn)
    conn.execute(sql.stop_webhook_endpoint, {"subscriber": "pantry"})
    assert claim(conn) == []
    assert state(conn, delivery)[0] == "dead"


def test_replay(conn: Connection) -> None:
    delivery = queue(conn)
    with pytest.raises(DeliveryNotDead), named_errors(), conn.transaction():
        conn.execute(sql.replay_webhook, {"delivery": delivery, "actor": None})
    (one,) = claim(conn)
    end(conn, one, "answers 410", None)
    conn.execute(sql.replay_webhook, {"delivery": delivery, "actor": 1})
    assert state(conn, delivery)[:2] == ("waiting", 0)
    assert [one["attempts"] for one in claim(conn)] == [1]
    audit = conn.execute("SELECT * FROM audit_entry WHERE action = 'webhook.replayed'").fetchone()
    assert audit is not None
    assert (audit["actor_id"], audit["data"]["error"]) == (1, "answers 410")
    with pytest.raises(UnknownDelivery), named_errors():
        conn.execute(sql.replay_webhook, {"delivery": uuid4(), "actor": None})


def test_the_end_of_a_request_is_told_once(conn: Connection) -> None:
    request = ask(conn)
    conn.execute(sql.cancel_request, {"request": request.id, "by": "merchant"})
    conn.execute(sql.cancel_request, {"request": request.id, "by": "merchant"})
    (told,) = claim(conn)
    assert told["event"] == "call_request.cancelled"
    assert told["payload"]["id"] == request.id
    assert (told["payload"]["state"], told["payload"]["outcome"]) == ("cancelled", "cancelled")
    assert told["payload"]["ended_at"]


@pytest.mark.parametrize(
    ("outcome", "event"),
    [("refused", "call_request.given_up"), ("answered", "call_request.completed")],
)
def test_each_end_has_its_event(conn: Connection, outcome: str, event: str) -> None:
    request = ask(conn)
    request.end(request.attempt(), outcome)
    assert [one["event"] for one in claim(conn)] == [event]


def test_workers_share(connect: Callable[[], Connection]) -> None:
    """Two who claim at the same time never get the same one."""
    one, two = connect(), connect()
    wanted = {queue(one) for _ in range(20)}
    taken: list[list[UUID]] = [[], []]

    def work(conn: Connection, mine: list[UUID]) -> None:
        while found := claim(conn, limit=3, each=100):
            mine += [row["id"] for row in found]

    threads = [
        threading.Thread(target=work, args=pair) for pair in zip((one, two), taken, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    everything = taken[0] + taken[1]
    assert len(everything) == len(set(everything))
    assert set(everything) == wanted
