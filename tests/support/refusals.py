"""Each reason of the dialling policy, brought about for a while in the demo world."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from cordboard.settings import Settings
from db.demo.world import HOLIDAY_DESK, NEVER, PANTRY
from support.database import Database

#: A number that may be called, in Chicago; and what else makes a refusal by the number alone.
NUMBER = "+13125550163"
NUMBERS = {
    "invalid_number": "+1212555",
    "region_not_allowed": "+442079460018",
    "number_type_not_allowed": "+19005550123",
    "own_number": "+12025550110",
    "do_not_call": "+13125550196",
}
#: What the company's policy forbids.
LIMITS: dict[str, dict[str, Any]] = {
    "too_many_calls_to_number": {"per_number_day": 0},
    "too_many_for_subscriber": {"per_subscriber_minute": 0},
    "too_many_legs": {"concurrent_legs": 1},
    "spend_cap_reached": {"daily_spend_cents": 0},
}
#: Reasons that only one with a page, or without one, can meet.
OF_VISITORS: dict[str, dict[str, Any]] = {"too_many_from_visitor": {"per_visitor_hour": 0}}
OF_PROGRAMS: dict[str, dict[str, Any]] = {"not_proved": {"proof_required": True}}
SCHEDULES = {"subscriber_closed": NEVER, "holiday": HOLIDAY_DESK}
ALSO = ("outside_calling_hours", "no_policy", "too_many_everywhere")

#: All that a company's own server can meet, and all that a visitor is told of as reasons.
BY_API = (*NUMBERS, *LIMITS, *OF_PROGRAMS, *SCHEDULES, *ALSO)
ON_PAGES = (*NUMBERS, *LIMITS, *OF_VISITORS, *ALSO)


@contextmanager
def refusing(database: Database, reason: str) -> Iterator[str]:
    """While this lasts the policy has this reason against the number that is answered."""
    limits = {**LIMITS, **OF_VISITORS, **OF_PROGRAMS}
    policy = {"subscriber_id": PANTRY}
    with ExitStack() as end:
        if reason in limits:
            end.enter_context(database.changed("dialling_policy", policy, **limits[reason]))
        elif reason in SCHEDULES:
            changed = {"schedule_id": SCHEDULES[reason]}
            end.enter_context(database.changed("web_presence", policy, **changed))
        elif reason == "outside_calling_hours":
            end.enter_context(database.changed("dialling_policy", policy, **_not_now()))
        elif reason == "no_policy":
            end.enter_context(_without_policy(database))
        elif reason == "too_many_everywhere":
            end.enter_context(_many_begun(database))
        yield NUMBERS.get(reason, NUMBER)


def _not_now() -> dict[str, int]:
    """Calling hours far from the present in Chicago, minutes after midnight."""
    morning = datetime.now(ZoneInfo("America/Chicago")).hour < 12
    first = 1438 if morning else 0
    return {"calls_from_minute": first, "calls_until_minute": first + 1}


@contextmanager
def _without_policy(database: Database) -> Iterator[None]:
    columns = "SELECT to_jsonb(p)::text AS row FROM dialling_policy p WHERE subscriber_id = %s"
    stored = database.value(columns, PANTRY)
    database.rows("DELETE FROM dialling_policy WHERE subscriber_id = %s RETURNING 1", PANTRY)
    try:
        yield
    finally:
        back = "INSERT INTO dialling_policy SELECT * FROM jsonb_populate_record"
        database.rows(f"{back}(NULL::dialling_policy, %s::jsonb) RETURNING 1", stored)


@contextmanager
def _many_begun(database: Database) -> Iterator[None]:
    """As many calls as the platform makes in a minute have just been begun, for another company."""
    wish = {"subscriber": "halyard", "subject": "FIBER", "number": "+12125550140", "source": "api"}
    tomorrow_ms = time.time_ns() // 1_000_000 + 24 * 3_600_000
    told = json.dumps({**wish, "wanted_ms": tomorrow_ms, "key": uuid4().hex})
    request = database.value("SELECT request FROM make_request_v1(%s::jsonb)", told)
    begun = (
        "INSERT INTO callback_attempt (id, request_id, attempt, state, worker, lease_until, due_at,"
        " handed_at, ended_at, outcome) SELECT gen_random_uuid(), %s, n, 'ended', 'test', now(),"
        " now(), now(), now(), 'failed' FROM generate_series(1, %s) n RETURNING 1"
    )
    database.rows(begun, request, Settings.model_fields["dial_per_minute"].default)
    try:
        yield
    finally:
        database.rows("DELETE FROM call_request WHERE id = %s RETURNING 1", request)
