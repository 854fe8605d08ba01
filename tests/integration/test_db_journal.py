"""The journal: facts are applied in order and once, and one bad entry does not hold up the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cordboard.settings import Settings
from db.queries import sql
from support.dialplan import SqlCall, apply, now_ms

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def call(conn: Connection, database_settings: Settings) -> SqlCall:
    call = SqlCall(conn, database_settings, ani="+12125550140")
    call.identify()
    return call


def test_a_whole_call(call: SqlCall) -> None:
    start = now_ms()
    agent_leg = f"{call.id}.agent.1"
    entries: list[dict[str, Any]] = [
        {"kind": "call", "set": {"state": "queued", "queued_ms": start, "route": "queue"}},
        {"kind": "event", "name": "call.queued", "data": {"position": 1}},
        {"kind": "call", "set": {"state": "ringing", "agent": 1}},
        {"kind": "leg", "channel": agent_leg,
         "set": {"role": "agent", "party": "ava", "attempt": 1, "started_ms": start + 1000}},
        {"kind": "leg", "channel": agent_leg, "set": {"answered_ms": start + 3000}},
        {"kind": "call", "set": {"state": "connected", "outcome": "answered",
                                 "answered_ms": start + 4000, "cti": {"MENU_CHOICE": "service"}}},
        {"kind": "leg", "channel": agent_leg, "set": {"ended_ms": start + 9000, "cause": 16}},
        {"kind": "call", "set": {"state": "wrap_up"}},
        {"kind": "call", "set": {"state": "ended", "ended_ms": start + 9000}},
    ]  # fmt: skip
    assert apply(call.conn, *({"call": call.id, **entry} for entry in entries)) == 0
    told = call.json
    assert (told["state"], told["outcome"], told["route"]) == ("ended", "answered", "queue")
    assert told["cti"]["MENU_CHOICE"] == "service"
    assert told["cti"]["CUSTOMER_NAME"] == "Dana Reed"
    leg = told["legs"][-1]
    assert (leg["role"], leg["party"], leg["cause"]) == ("agent", "ava", 16)
    assert leg["started"] < leg["answered"] < leg["ended"]
    assert leg["ended"].endswith("Z")
    assert call.value(b"SELECT extract(epoch FROM wait)::int FROM call WHERE id = %(call)s") == 4


def test_each_entry_once(call: SqlCall) -> None:
    entry = {"id": "5-1", "call": call.id, "kind": "call", "set": {"state": "queued"}}
    later = {"id": "5-2", "call": call.id, "kind": "call", "set": {"state": "ended"}}
    assert apply(call.conn, entry, later) == 0
    before = call.timeline
    # Applied, but the acknowledgement was lost: the batch comes again.
    assert apply(call.conn, entry, later) == 0
    assert call.timeline == before
    assert call.json["state"] == "ended"


def test_a_poisoned_entry_is_kept_and_passed_over(call: SqlCall) -> None:
    bad: list[dict[str, Any]] = [
        {"call": "not a uuid", "kind": "event", "name": "x.happened"},
        {"call": call.id, "kind": "event", "name": "Not a Name"},
        {"call": call.id, "kind": "call", "set": {"cti": {"lower": "key"}}},
        {"call": call.id, "kind": "call", "set": {"cti": {"A": "line\r\nend"}}},
        {"call": call.id, "kind": "call", "set": {"state": "wrap_up"}},
        {"call": call.id, "kind": "call", "set": {"agent": 99999}},
        {"call": call.id, "kind": "call", "set": {"group": "nobody"}},
        {"call": call.id, "kind": "nonsense"},
        {
            "call": call.id,
            "kind": "disposition",
            "offer_kind": "sales",
            "code": "NO",
            "key": "k" * 9,
        },
    ]
    good = {"call": call.id, "kind": "event", "name": "test.passed"}
    assert apply(call.conn, *bad, good) == len(bad)
    assert "test.passed" in call.timeline
    kept = call.conn.execute("SELECT * FROM journal_error").fetchall()
    assert len(kept) == len(bad)
    assert all(row["error"] for row in kept)
    assert call.json["state"] == "ivr"


def test_an_entry_without_id_is_not_applied(call: SqlCall) -> None:
    entries = json.dumps([{"call": call.id, "kind": "event", "name": "test.passed"}])
    row = call.conn.execute(sql.apply_journal, {"entries": entries}).fetchone()
    assert row == {"failed": 1}
    assert "test.passed" not in call.timeline


def test_a_call_that_came_while_the_database_was_away(conn: Connection) -> None:
    id_ = str(uuid4())
    start = now_ms() - 60_000
    first = {"subscriber": "halyard", "group": "halyard-sales", "ani": "+12125550140",
             "dnis": "+12025550100", "state": "queued", "started_ms": start,
             "queued_ms": start + 500, "cti": {"ANI": "+12125550140"}}  # fmt: skip
    assert apply(conn, {"call": id_, "kind": "call", "set": first}) == 0
    told = conn.execute(sql.call_as_json, {"call": id_}).fetchone()
    assert told is not None
    assert told["call"]["subscriber"] == "halyard"
    assert told["call"]["state"] == "queued"
    assert told["call"]["cti"]["QUEUE"] == "halyard-sales"


def test_subscriber_and_group_come_from_the_number_when_not_named(conn: Connection) -> None:
    id_ = str(uuid4())
    entry = {"call": id_, "kind": "call", "set": {"dnis": "+12025550110", "ani": "anonymous"}}
    assert apply(conn, entry) == 0
    told = conn.execute(sql.call_as_json, {"call": id_}).fetchone()
    assert told is not None
    assert (told["call"]["subscriber"], told["call"]["ani"]) == ("pantry", None)


def test_events_and_legs_of_a_call_that_is_not_there_yet(conn: Connection) -> None:
    id_ = str(uuid4())
    event = {"call": id_, "kind": "event", "name": "call.queued"}
    leg = {"call": id_, "kind": "leg", "channel": "1.1", "set": {"role": "customer"}}
    assert apply(conn, event, leg) == 0
    told = conn.execute(sql.call_as_json, {"call": id_}).fetchone()
    assert told is not None
    assert [one["channel"] for one in told["call"]["legs"]] == ["1.1"]


@pytest.mark.parametrize(
    ("path", "legal"),
    [
        (["queued", "ringing", "queued", "ringing", "connected", "wrap_up", "ended"], True),
        (["ended"], True),
        (["connected", "queued", "ended"], True),
        (["queued", "queued"], True),
        (["wrap_up"], False),
        (["queued", "wrap_up"], False),
        (["queued", "ivr"], False),
        (["connected", "wrap_up", "connected"], False),
        (["connected", "ended", "queued"], False),
    ],
)
def test_transitions(call: SqlCall, path: list[str], legal: bool) -> None:
    failed = [call.journal(kind="call", set={"state": state}) for state in path]
    assert failed[:-1] == [0] * (len(path) - 1)
    assert failed[-1] == (0 if legal else 1)


def test_what_waited_in_the_journal_overrules_the_dialplans_guess(call: SqlCall) -> None:
    assert call.value(b"SELECT close_call_v1(%(call)s)") is True
    assert call.journal(kind="call", set={"state": "queued"}) == 0
    assert call.json["ended"] is None
    call.answer()
    assert call.journal(kind="call", set={"state": "ended"}) == 0
    assert (call.json["state"], call.json["outcome"]) == ("ended", "answered")


def test_illegal_transition_raises(call: SqlCall) -> None:
    with pytest.raises(psycopg.Error) as error:
        call.conn.execute("UPDATE call SET state = 'wrap_up' WHERE id = %s", [call.id])
    assert error.value.sqlstate == "CB007"


def test_system_code_does_not_replace_the_agents(call: SqlCall) -> None:
    call.answer()
    entry: dict[str, Any] = {"kind": "disposition", "code": "SYS_TIMEOUT"}
    call.dispose(1, "service", "RESOLVED", "agent-key-1")
    assert call.journal(**entry, offer_kind="service", key="system-key-1") == 0
    assert call.journal(**entry, offer_kind="sales", key="system-key-2") == 0
    told = {d["kind"]: (d["code"], d["agent"]) for d in call.json["dispositions"]}
    assert told == {"service": ("RESOLVED", "ava"), "sales": ("SYS_TIMEOUT", None)}


def test_writers_at_the_same_time_apply_each_entry_once(
    connect: Callable[[], Connection], database_settings: Settings
) -> None:
    """Two app processes after a restart, both with the same pending entries."""
    call = SqlCall(connect(), database_settings)
    batch = [
        {"id": f"{call.id}-{n}", "at_ms": now_ms(), "call": call.id, "kind": "event",
         "name": "test.counted"}
        for n in range(50)
    ]  # fmt: skip

    def write(conn: Connection) -> None:
        for start in range(0, 50, 10):
            entries = json.dumps(batch[start : start + 10])
            conn.execute(sql.apply_journal, {"entries": entries})

    threads = [threading.Thread(target=write, args=[connect()]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert call.timeline.count("test.counted") == 50
