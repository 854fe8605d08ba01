"""``open-call``: a call comes in. Whose number was dialled, is it open, where does the call go?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import structlog

from agi import variables as v
from agi.database import Unavailable
from agi.services import Services
from agi.session import AgiSession
from cordboard import hours
from cordboard.identity import normalise_number
from db.queries import sql

log = structlog.get_logger(__name__)

#: The announcement of a line that is not open, where no other is named.
USUAL_PROMPT = {hours.State.CLOSED: "closed", hours.State.HOLIDAY: "holiday"}


def answer(session: AgiSession, services: Services) -> Mapping[str, str]:
    """Make the call's id and row; tell the dialplan where the call goes.

    Without a database the call still gets its id, and goes where this number's calls last went.
    """
    call = str(uuid.uuid4())
    region = services.settings.default_region
    # The question is asked in a subroutine, so the extension is "s"; the dialplan keeps the number
    # dialled in CALLERID(dnid).
    dnis = normalise_number(session.env.get("agi_dnid", ""), region)
    ani = normalise_number(session.env.get("agi_callerid", ""), region)
    if dnis is None:
        return _unknown(call, session)
    try:
        line = services.database.one(
            sql.open_call,
            {"call": call, "dnis": dnis, "ani": ani, "channel": session.env.get("agi_uniqueid")},
        )
    except Unavailable:
        return {
            v.CALL_ID: call,
            v.OPEN_STATUS: v.UNAVAILABLE,
            **services.lines.get(dnis, {}),
        }
    if line is None:
        return _unknown(call, session)
    route = _route(line)
    services.lines[dnis] = route
    return {v.CALL_ID: call, **route, **_opening(line["schedule"])}


def undo(values: Mapping[str, str], services: Services) -> None:
    """The caller hung up before the dialplan had the call's id, so it cannot close the call."""
    close = {"call": values[v.CALL_ID], "outcome": "abandoned_ivr"}
    with suppress(Unavailable):
        services.database.one(sql.close_call, close)


def _unknown(call: str, session: AgiSession) -> Mapping[str, str]:
    log.warning("call.number_unknown", call_id=call, dnis=session.env.get("agi_dnid", "")[:20])
    return {v.CALL_ID: call, v.OPEN_STATUS: "UNKNOWN_DID"}


def _route(line: Mapping[str, Any]) -> dict[str, str]:
    return {
        v.SUBSCRIBER: line["subscriber"],
        v.MENU: line["menu"],
        v.QUEUE: line["queue"],
        v.IDENTIFY: line["identify"],
    }


def _opening(schedule: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Open without a schedule; also with one that cannot be read, rather than turn callers away."""
    if schedule is None:
        return {v.OPEN_STATUS: "OPEN"}
    try:
        now = hours.status(hours.from_json(schedule), datetime.now(UTC))
    except (KeyError, ValueError, ZoneInfoNotFoundError) as error:
        log.error("schedule.unreadable", schedule=schedule.get("name"), error=str(error))
        return {v.OPEN_STATUS: "OPEN"}
    if now.state is hours.State.OPEN:
        return {v.OPEN_STATUS: "OPEN"}
    named = now.holiday.prompt if now.holiday else ""
    return {v.OPEN_STATUS: now.state.value, v.PROMPT: named or USUAL_PROMPT[now.state]}
