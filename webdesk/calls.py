"""Whose call is it, and what does it still need? Shared by the views that act on a call."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from cordboard import events, keys
from db import errors
from webdesk import agents, store
from webdesk.problems import Problem
from webdesk.services import Services
from webdesk.sessions import SessionUser

Json = dict[str, Any]
Answer = TypeVar("Answer")

#: How long the record of a call may lag behind the call itself, seconds.
LAG_S = 2.0


NO_SUCH_OFFER = "There is no such offer on this call."


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


def live_card(svc: Services, call_id: str) -> Json:
    """The card as the app has it; empty for a call that is over. ``sign_on`` in it says that the
    agent of a web call has yet to do so: the app alone knows at once.
    """
    text: Any = svc.redis.hget(keys.call(call_id), "card")
    card: Json = orjson.loads(text or "{}")
    return card


def require_sign_on(svc: Services, call_id: str) -> None:
    """Let nobody go on to a customer's data before signing on.

    Raises:
        Problem: 403, with what to do.
    """
    if live_card(svc, call_id).get("sign_on"):
        raise Problem(
            403,
            "not-signed-on",
            "Sign on to this call by your telephone first: nothing is shown before.",
        )


def on_own(svc: Services, user: SessionUser, call_id: str, change: Callable[[], Answer]) -> Answer:
    """Change a call's record; what the journal has not yet brought to PostgreSQL is waited for.

    Raises:
        Problem: 403, it is somebody else's call, or there is none.
    """
    deadline = time.monotonic() + LAG_S
    while True:
        try:
            return change()
        except (errors.NotYourCall, errors.UnknownCall, errors.OfferNotAttached) as refusal:
            # The live state says it is: the record lags.
            mine = agents.read_agent(svc.redis, user.id)["call_id"] == call_id
            if mine and time.monotonic() < deadline:
                time.sleep(0.05)
            elif isinstance(refusal, errors.OfferNotAttached):
                raise Problem(404, "no-such-offer", NO_SUCH_OFFER) from None
            else:
                raise foreign() from None


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
