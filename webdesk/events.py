"""The desk's live stream: server-sent events from the agent's own Redis stream.

The agent comes from the session, never from the URL; the URL (or ``Last-Event-ID``) only says from
where on. Besides the events of ``docs/architecture.md`` a desk receives ``heartbeat`` (with the
server's clock), ``reset`` (load the state anew, something was missed) and ``signed_out``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import orjson
import redis
import structlog
from flask import Blueprint, Response

from cordboard import keys
from webdesk.hub import Entry, Gap, Subscription
from webdesk.present import present_event
from webdesk.services import Services, services
from webdesk.sessions import SessionUser, load_session, me, role_required
from webdesk.sse import entries, event_stream, heartbeat, message, position_asked, refuse_head

log = structlog.get_logger(__name__)
bp = Blueprint("events", __name__)

#: Tells this agent's streams that a session ended; never leaves the server.
SESSION_CLOSED = "session.closed"

FORWARDED = frozenset(
    {
        "agent.state_changed",
        "phone.registered",
        "phone.unregistered",
        "call.offered",
        "call.connected",
        "call.updated",
        "call.withdrawn",
        "call.ended",
        "disposition.recorded",
        "offer.attached",
        "note.saved",
        "page.pushed",
        "page.shown",
        "page.viewed",
        "visitor.left",
        "visitor.returned",
        "entry.saved",
    }
)


@bp.get("/desk/events")
@role_required("agent")
def stream() -> Response:
    """Follow the desk from a position on; without one, from now."""
    refuse_head()
    user, svc = me(), services()
    position = position_asked(svc.redis, keys.desk(user.id))
    try:
        subscription, backlog = svc.hub.follow(keys.desk(user.id), position)
    except Gap:
        return event_stream(iter([message("reset", "{}")]))
    return event_stream(_live(svc, user, subscription, backlog, position))


def session_mark(session: str) -> str:
    """Names a session in an event without giving it away."""
    return hashlib.sha256(session.encode()).hexdigest()[:16]


def close_streams(svc: Services, user: SessionUser) -> None:
    """End the streams of a session at once, wherever they are served."""
    data = orjson.dumps({"session": session_mark(user.session)})
    svc.redis.xadd(
        keys.desk(user.id),
        {"type": SESSION_CLOSED, "data": data},
        maxlen=keys.DESK_MAXLEN,
        approximate=True,
    )


def _live(
    svc: Services,
    user: SessionUser,
    subscription: Subscription,
    backlog: list[Entry],
    position: str,
) -> Iterator[str]:
    try:
        yield "retry: 500\n" + heartbeat()
        for entry in entries(subscription, backlog, position):
            if entry is None:
                if load_session(svc, user.session) is None:
                    yield message("signed_out", "{}")
                    return
                yield heartbeat()
            elif entry.type == SESSION_CLOSED:
                if orjson.loads(entry.data)["session"] == session_mark(user.session):
                    yield message("signed_out", "{}")
                    return
            elif entry.type in FORWARDED:
                data = present_event(entry.type, entry.data, user.name, svc.zones)
                yield message(entry.type, data, entry.id)
    except Gap:
        yield message("reset", "{}")
    except redis.RedisError as error:
        # The browser comes back by itself, with the id of the last event it got.
        log.warning("event stream lost redis", agent=user.id, error=str(error))
    finally:
        svc.hub.leave(subscription)
