"""Whose call is it, and what does it still need? Shared by the views that act on a call."""

from __future__ import annotations

import uuid
from typing import Any

from cordboard import events
from webdesk import agents, store
from webdesk.problems import Problem
from webdesk.services import Services
from webdesk.sessions import SessionUser

Json = dict[str, Any]


def foreign() -> Problem:
    """The refusal for a call that belongs to somebody else, or does not exist."""
    return Problem(
        403,
        "not-your-call",
        "This call is not yours, so nothing was changed. Only its agent may do that.",
    )


def parse_call_id(text: str) -> str:
    """The call id in its 36-character form.

    Raises:
        Problem: 404, that cannot be a call.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Problem(404, "no-such-call", "There is no such call.") from None


def require_own(svc: Services, user: SessionUser, call_id: str) -> None:
    """Let only the agent of a call go on; Redis knows first, PostgreSQL knows past calls.

    Raises:
        Problem: 403, it is somebody else's, or there is none.
    """
    if agents.read_agent(svc.redis, user.id)["call_id"] == call_id:
        return
    if store.call_agent(svc.pool, call_id) != user.id:
        raise foreign()


def missing_dispositions(svc: Services, call_id: str) -> list[str]:
    """Kinds whose code is mandatory and not yet chosen."""
    card = store.call_card(svc.pool, call_id) or {}
    done = card.get("dispositions") or {}
    return [kind for kind in card.get("required") or [] if kind not in done]


def tell(svc: Services, user: SessionUser, event: events.Event) -> None:
    """Tell all desks of the agent, and everybody inside."""
    pipe = svc.redis.pipeline()
    events.tell_desk(pipe, user.id, event)
    pipe.execute()
