"""A client's live stream: which of the client's orders changed; the page then asks for it.

The client comes from the cookie, never from the URL. What an order says is not in the stream: a
browser that was unlinked meanwhile learns nothing by it.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import redis
import structlog
from flask import Response

from cordboard import keys
from webdesk.hub import Entry, Gap, Subscription
from webdesk.order import browsers, refusal
from webdesk.order.here import here
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import Services, services
from webdesk.sse import entries, event_stream, heartbeat, message, position_asked, refuse_head

log = structlog.get_logger(__name__)
bp = browsers.blueprint("stream")
refusal.init(bp)

CHANGED = "order.changed"
#: Pages of one client that one worker keeps told; more are no person's.
MOST_OPEN = 24


@bp.get("/<sid>/events")
@limiter.limit("600 per minute")
def stream(sid: str) -> Response:
    """Follow the client's orders from a position on; without one, from now."""
    refuse_head()
    at, svc = here(sid), services()
    name = keys.client(at.customer)
    if svc.hub.followers(name) >= MOST_OPEN:
        raise Problem(
            429, "too-many-pages", "Too many pages of yours are open. Close some of them."
        )
    position = position_asked(svc.redis, name)
    try:
        subscription, backlog = svc.hub.follow(name, position)
    except Gap:
        return event_stream(iter([message("reset", "{}")]))
    return event_stream(_live(svc, subscription, backlog, position))


def _live(
    svc: Services, subscription: Subscription, backlog: list[Entry], position: str
) -> Iterator[str]:
    try:
        yield "retry: 500\n" + heartbeat()
        for entry in entries(subscription, backlog, position):
            if entry is None:
                yield heartbeat()
            elif entry.type == CHANGED:
                order = orjson.loads(entry.data)["order"]
                yield message(CHANGED, orjson.dumps({"order": order}).decode(), entry.id)
    except Gap:
        yield message("reset", "{}")
    except redis.RedisError as error:
        # The browser comes back by itself, with the id of the last event it got.
        log.warning("client's stream lost redis", error=str(error))
    finally:
        svc.hub.leave(subscription)
