"""Would this number be dialled, and if not why? The same rules by which requests are judged."""

from __future__ import annotations

from db import policy
from webdesk.api import data
from webdesk.api.models import Check, NewCheck
from webdesk.api.operation import Ask, Reply, operation
from webdesk.services import services


@operation("POST", "/policy-checks", body=NewCheck, answers={200: Check})
def check_policy(ask: Ask[NewCheck]) -> Reply:
    """Ask whether a number would be dialled, and for all reasons why not; nothing is stored."""
    asked, svc = ask.what, services()
    with data.connection() as conn:
        verdict = policy.check(
            conn, svc.settings, ask.business.code, asked.number, at=asked.at, can_prove=False
        )
    found = verdict.as_json()
    return Reply(
        Check.model_validate(
            {
                "number": found["number"],
                "allowed": found["allowed"],
                "reasons": found["reasons"],
                "next_allowed_at": found["next_allowed"] if verdict.only_hours else None,
            }
        )
    )
