"""``close-call``: the call is over and the app never had it."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from agi.handlers.common import call_id
from agi.services import Services
from agi.session import AgiSession
from db.queries import sql

log = structlog.get_logger(__name__)

#: The outcomes that the dialplan may name after the URL.
OUTCOMES = ("abandoned_ivr", "closed", "fallback", "failed")


def answer(session: AgiSession, services: Services) -> Mapping[str, str]:
    """End the call's row; the argument after the URL is the outcome."""
    outcome = session.argument if session.argument in OUTCOMES else "failed"
    services.database.one(sql.close_call, {"call": call_id(session), "outcome": outcome})
    return {}
