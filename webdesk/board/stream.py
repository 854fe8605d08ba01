"""The board's live stream: what changes at this location, from a position on."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import psycopg
import redis
import structlog
from flask import Blueprint, Response
from psycopg_pool import PoolTimeout

from cordboard import keys
from webdesk.board.place import board_only, may_see
from webdesk.board.view import board_order
from webdesk.hub import Entry, Gap, Subscription
from webdesk.services import Services, services
from webdesk.sessions import SessionUser, load_session, me
from webdesk.sse import entries, event_stream, heartbeat, message, position_asked, refuse_head

log = structlog.get_logger(__name__)
bp = Blueprint("board_stream", __name__, url_prefix="/board/<int:location>")


@bp.get("/events")
@board_only
def stream(location: int) -> Response:
    """Follow the board from a position on; without one, from now."""
    refuse_head()
    user, svc = me(), services()
    name = keys.board(location)
    position = position_asked(svc.redis, name)
    try:
        subscription, backlog = svc.hub.follow(name, position)
    except Gap:
        return event_stream(iter([message("reset", "{}")]))
    return event_stream(_live(svc, user, location, subscription, backlog, position))


def _live(
    svc: Services,
    user: SessionUser,
    location: int,
    subscription: Subscription,
    backlog: list[Entry],
    position: str,
) -> Iterator[str]:
    try:
        yield "retry: 500\n" + heartbeat()
        for entry in entries(subscription, backlog, position):
            if entry is not None:
                yield message(entry.type, _shown(entry, location), entry.id)
            elif not _still_theirs(svc, user, location):
                yield message("signed_out", "{}")
                return
            else:
                yield heartbeat()
    except Gap:
        yield message("reset", "{}")
    except redis.RedisError as error:
        # The browser comes back by itself, with the id of the last event it got.
        log.warning("board stream lost redis", location=location, error=str(error))
    finally:
        svc.hub.leave(subscription)


def _still_theirs(svc: Services, user: SessionUser, location: int) -> bool:
    """Whether this person may still see this board; while PostgreSQL is away, as before."""
    if load_session(svc, user.session) is None:
        return False
    try:
        return may_see(svc, user, location)
    except (psycopg.Error, PoolTimeout):
        return True


def _shown(entry: Entry, location: int) -> str:
    """An order as the board shows it; of clients no more than that leaves the server."""
    if entry.type != "order.changed":
        return entry.data
    return orjson.dumps(board_order(orjson.loads(entry.data), location)).decode()
