"""The policy's facts, each counted once and only while it counts; refusals are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from cordboard.policy import Verdict
from cordboard.settings import Settings
from db.policy import UnknownSubscriber, check, check_async, record, record_async, zone_of

Connection = psycopg.Connection[dict[str, Any]]

ROSA = "+13125550150"
#: Wide open, so that one reason at a time can be made.
DEFAULTS = (
    "UPDATE dialling_policy SET per_number_day = 3, per_visitor_hour = 3,"
    " per_subscriber_minute = 3, concurrent_legs = 6, daily_spend_cents = 100"
)


@pytest.fixture
def conn(conn: Connection) -> Connection:
    conn.execute(DEFAULTS)
    return conn


@pytest.fixture
def asked(conn: Connection, postgres: Settings) -> Any:
    def ask(number: str = ROSA, subscriber: str = "pantry", **more: Any) -> Verdict:
        return check(conn, postgres, subscriber, number, **more)

    return ask


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.reasons]


def make_request(
    conn: Connection,
    number: str = ROSA,
    *,
    subscriber: int = 2,
    visitor: UUID | None = None,
    age: timedelta = timedelta(),
    proved: bool = False,
) -> UUID:
    rule = {1: 6, 2: 1}[subscriber]
    id_ = uuid4()
    conn.execute(
        "INSERT INTO call_request (id, subscriber_id, rule_id, source, visitor_id, number,"
        " created_at, proved_at) VALUES (%s, %s, %s, 'web', %s, %s, now() - %s::interval,"
        " CASE WHEN %s THEN now() - %s::interval END)",
        (id_, subscriber, rule, visitor, number, age, proved, age),
    )
    return id_


def make_attempt(
    conn: Connection, request: UUID, state: str = "ended", age: timedelta = timedelta()
) -> UUID:
    id_ = uuid4()
    outcome = "busy" if state == "ended" else None
    dialled = state in ("dialled", "ended")
    conn.execute(
        "INSERT INTO callback_attempt (id, request_id, attempt, state, worker, lease_until, due_at,"
        " claimed_at, handed_at, dialled_at, outcome) SELECT %(id)s, %(request)s, count(*) + 1,"
        " %(state)s::attempt_state, 'test', now(), now(), now() - %(age)s::interval,"
        " CASE WHEN %(state)s::attempt_state <> 'claimed' THEN now() - %(age)s::interval END,"
        " CASE WHEN %(dialled)s THEN now() - %(age)s::interval END, %(outcome)s"
        " FROM callback_attempt WHERE request_id = %(request)s",
        {
            "id": id_,
            "request": request,
            "state": state,
            "age": age,
            "dialled": dialled,
            "outcome": outcome,
        },
    )
    return id_


def make_visitor(conn: Connection) -> UUID:
    id_ = uuid4()
    conn.execute("INSERT INTO visitor_session (id, subscriber_id) VALUES (%s, 2)", (id_,))
    return id_


MINUTES_AGO, HOURS_AGO = timedelta(minutes=2), timedelta(hours=25)


def test_a_customer_of_the_demo_world_may_be_called(asked: Any) -> None:
    verdict = asked()
    assert verdict.allowed
    assert verdict.e164 == ROSA


def test_a_subscriber_that_does_not_exist(asked: Any, conn: Connection) -> None:
    with pytest.raises(UnknownSubscriber, match="nobody"):
        asked(subscriber="nobody")
    with pytest.raises(UnknownSubscriber):
        zone_of(conn, "nobody")
    assert zone_of(conn, "pantry").key == "America/Chicago"


def test_our_own_lines_and_the_lists(asked: Any) -> None:
    assert codes(asked("+12025550100")) == ["own_number"]
    assert codes(asked("(202) 555-0110")) == ["own_number"]
    assert codes(asked("+12025550195")) == ["do_not_call"]  # everybody's list
    assert codes(asked("+13125550196")) == ["do_not_call"]  # Corner Pantry's
    assert asked("+13125550196", subscriber="halyard").allowed
    assert asked("+12125550196").allowed


def test_no_policy_calls_nobody(asked: Any, conn: Connection) -> None:
    conn.execute("DELETE FROM dialling_policy WHERE subscriber_id = 2")
    assert codes(asked()) == ["no_policy"]


@pytest.mark.parametrize("text", ["", "nonsense", "\x00", "+1'; DROP TABLE call; --", "911"])
def test_what_is_no_number_is_asked_all_the_same(asked: Any, text: str) -> None:
    assert codes(asked(text)) == ["invalid_number"]


def test_calls_to_a_number_count_for_a_day(asked: Any, conn: Connection) -> None:
    old, new = make_request(conn, age=HOURS_AGO), make_request(conn)
    for _ in range(3):
        make_attempt(conn, old, age=HOURS_AGO)
    make_attempt(conn, new, age=MINUTES_AGO)
    make_attempt(conn, new, age=MINUTES_AGO)
    assert asked().allowed
    make_attempt(conn, new, "handed", age=MINUTES_AGO)
    assert "too_many_calls_to_number" in codes(asked())
    # The request itself asks again: its own running attempt does not count, those before do.
    assert "too_many_calls_to_number" not in codes(asked(request=new))
    assert asked("+13125550151").allowed
    assert asked(subscriber="halyard").allowed


def test_an_attempt_that_never_dialled_does_not_count(asked: Any, conn: Connection) -> None:
    request = make_request(conn)
    for _ in range(3):
        attempt = make_attempt(conn, request, age=MINUTES_AGO)
        conn.execute("UPDATE callback_attempt SET dialled_at = NULL WHERE id = %s", (attempt,))
    assert asked().allowed


def test_requests_of_a_visitor_count_for_an_hour(asked: Any, conn: Connection) -> None:
    visitor, other = make_visitor(conn), make_visitor(conn)
    for age in (0, 10, 70):
        make_request(conn, visitor=visitor, age=timedelta(minutes=age))
    assert asked(visitor=visitor).allowed
    third = make_request(conn, visitor=visitor)
    assert codes(asked(visitor=visitor)) == ["too_many_from_visitor"]
    assert asked(visitor=visitor, request=third).allowed
    assert asked(visitor=other).allowed
    assert asked().allowed


def test_calls_of_the_last_minute(asked: Any, conn: Connection, postgres: Settings) -> None:
    for n in range(3):
        request = make_request(conn, f"+1312555016{n}")
        make_attempt(conn, request, age=timedelta(seconds=10))
    assert codes(asked()) == ["too_many_for_subscriber"]
    assert asked(subscriber="halyard").allowed
    few = postgres.model_copy(update={"dial_per_minute": 3})
    assert codes(check(conn, few, "halyard", ROSA)) == ["too_many_everywhere"]
    conn.execute("UPDATE callback_attempt SET handed_at = now() - interval '61 seconds'")
    assert asked().allowed


def test_attempts_that_were_only_claimed_do_not_stand_in_each_others_way(
    asked: Any, conn: Connection
) -> None:
    conn.execute("UPDATE dialling_policy SET per_number_day = 1, concurrent_legs = 2")
    due = [make_request(conn) for _ in range(5)]
    for request in due:
        make_attempt(conn, request, "claimed")
    assert all(asked(request=request).allowed for request in due)
    conn.execute(
        "UPDATE callback_attempt SET state = 'handed', handed_at = now() WHERE request_id = %s",
        (due[0],),
    )
    assert asked(request=due[0]).allowed
    assert codes(asked(request=due[1])) == ["too_many_calls_to_number", "too_many_legs"]


def test_legs_in_use(asked: Any, conn: Connection) -> None:
    request = make_request(conn, "+13125550160")
    attempt = make_attempt(conn, request, "dialled", age=MINUTES_AGO)
    assert asked().allowed  # 2 of 6 are kept for it
    conn.execute(
        "INSERT INTO call (id, subscriber_id, direction, request_id)"
        " VALUES (%s, 2, 'outbound', %s)",
        (attempt, request),
    )
    leg = (
        "INSERT INTO call_leg (call_id, channel, role, started) VALUES (%s, %s, 'customer', now())"
    )
    for n in range(4):
        conn.execute(leg, (attempt, f"a{n}"))
    assert asked().allowed
    conn.execute(leg, (attempt, "a4"))
    assert codes(asked()) == ["too_many_legs"]
    assert asked(request=request).allowed
    conn.execute("UPDATE call_leg SET ended = now() WHERE channel = 'a0'")
    assert asked().allowed


def test_the_spend_cap_counts_from_midnight_where_the_subscriber_is(
    asked: Any, conn: Connection
) -> None:
    call = uuid4()
    conn.execute("INSERT INTO call (id, subscriber_id, state) VALUES (%s, 2, 'ended')", (call,))

    def spend(channel: str, midnight: str, cents: int) -> None:
        conn.execute(
            "INSERT INTO call_leg (call_id, channel, role, started, answered, ended) SELECT %s, %s,"
            " 'customer', t, t, t FROM (SELECT date_trunc('day', now() AT TIME ZONE"
            " 'America/Chicago') AT TIME ZONE 'America/Chicago' + %s::interval AS t) x",
            (call, channel, midnight),
        )
        conn.execute(
            "INSERT INTO usage_line (subscriber_id, call_id, channel, role, answered, ended,"
            " seconds, billed_seconds, cents_per_minute, amount_cents)"
            " SELECT 2, call_id, channel, role, answered, ended, 60, 60, %s, %s"
            " FROM call_leg WHERE channel = %s",
            (cents, cents, channel),
        )

    spend("yesterday", "-1 second", 1000)
    spend("today", "0 seconds", 99)
    assert asked().allowed
    spend("again", "1 second", 1)
    assert codes(asked()) == ["spend_cap_reached"]
    assert asked(subscriber="halyard").allowed


def test_proof(asked: Any, conn: Connection) -> None:
    conn.execute("UPDATE dialling_policy SET proof_required = true")
    assert asked().allowed
    assert codes(asked(can_prove=False)) == ["not_proved"]
    make_request(conn, proved=True, age=timedelta(days=31))
    assert codes(asked(can_prove=False)) == ["not_proved"]
    make_request(conn, proved=True, age=timedelta(days=29))
    assert asked(can_prove=False).allowed
    assert codes(asked(can_prove=False, subscriber="halyard")) == ["not_proved"]


def test_hours_are_those_of_the_time_that_is_asked_about(asked: Any, conn: Connection) -> None:
    conn.execute("UPDATE web_presence SET schedule_id = 3 WHERE subscriber_id = 2")
    far = datetime.now(UTC) + timedelta(days=100)
    monday = far + timedelta(days=(7 - far.weekday()))
    morning = monday.replace(hour=12, minute=0)  # 6 or 7 o'clock in Chicago
    verdict = asked(at=morning)
    assert codes(verdict) == ["subscriber_closed"]
    assert verdict.next_allowed is not None
    assert asked(at=verdict.next_allowed).allowed
    # A holiday of the schedule's own is known however far ahead it is.
    conn.execute(
        "INSERT INTO holiday (schedule_id, day, name) VALUES (3, %s, 'Stocktaking')",
        (verdict.next_allowed.date(),),
    )
    assert codes(asked(at=verdict.next_allowed)) == ["holiday"]


def test_a_refusal_is_stored_with_all_reasons(asked: Any, conn: Connection) -> None:
    visitor = make_visitor(conn)
    conn.execute("UPDATE dialling_policy SET daily_spend_cents = 0")
    verdict = asked("+12025550195", visitor=visitor)
    record(conn, verdict, visitor=visitor)
    record(conn, asked("x" * 300 + "\x00"))
    rows = conn.execute("SELECT * FROM policy_refusal ORDER BY id").fetchall()
    assert [row["reason"] for row in rows] == ["do_not_call", "invalid_number"]
    assert (rows[0]["number"], rows[0]["visitor_id"]) == ("+12025550195", visitor)
    told = [reason["code"] for reason in rows[0]["detail"]["reasons"]]
    assert told == ["do_not_call", "spend_cap_reached"]
    assert rows[1]["number"] == "x" * 40


def test_what_is_allowed_is_not_stored(asked: Any, conn: Connection) -> None:
    record(conn, asked())
    assert conn.execute("SELECT count(*) AS n FROM policy_refusal").fetchone() == {"n": 0}


async def test_the_same_for_asyncio(untouched_database_url: str, postgres: Settings) -> None:
    async with await psycopg.AsyncConnection.connect(untouched_database_url) as conn:
        verdict = await check_async(conn, postgres, "pantry", "+12025550195")
        assert codes(verdict) == ["do_not_call"]
        await record_async(conn, verdict)
        found = await conn.execute("SELECT reason FROM policy_refusal")
        assert await found.fetchall() == [("do_not_call",)]
        assert (await check_async(conn, postgres, "pantry", ROSA)).allowed
        with pytest.raises(UnknownSubscriber):
            await check_async(conn, postgres, "nobody", ROSA)
        await conn.rollback()
