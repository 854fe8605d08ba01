"""A visitor's live stream: server-sent events from the visitor's own Redis stream.

The visitor comes from the cookie, never from the URL; the URL says which subscriber's pages these
are (``sid``), from where on (``from``, or ``Last-Event-ID``), and a name for this page (``page``).
Besides the events of ``docs/architecture.md`` the browser receives ``heartbeat`` and ``reset``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import redis
import structlog
from flask import Response, request

from cordboard import keys
from webdesk.hub import Entry, Gap, Subscription
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sse import entries, event_stream, heartbeat, message, position_asked, refuse_head
from webdesk.talk import presence, visitors
from webdesk.talk.visitors import Visitor

log = structlog.get_logger(__name__)
bp = visitors.blueprint("stream")

_PAGE = re.compile(r"[a-z0-9-]{8,40}")


@bp.get("/events")
def stream() -> Response:
    """Follow the visitor's events from a position on; without one, from now."""
    refuse_head()
    who, svc = who_asks(), services()
    position = position_asked(svc.redis, keys.visitor(who.id))
    try:
        subscription, backlog = svc.hub.follow(keys.visitor(who.id), position)
    except Gap:
        return event_stream(iter([message("reset", "{}")]))
    page = presence.Page(svc, who.id, page_name() or uuid.uuid4().hex)
    return event_stream(_live(svc, page, subscription, backlog, position))


@bp.post("/bye")
def bye() -> tuple[str, int]:
    """A page is being left; its stream would be missed only when the next event cannot be sent."""
    who = who_asks()
    visitors.check_token(who)
    if page := page_name():
        presence.forget(services(), who.id, page)
    return "", 204


def who_asks() -> Visitor:
    """The visitor of this browser, with the subscriber that the page names.

    Raises:
        Problem: 401, there is none.
    """
    sid = request.args.get("sid", "")
    who = visitors.visitor(sid) if sid else visitors.latest()
    if who is None:
        raise Problem(
            401, "no-visitor", "This browser has no talk session. Press the talk button again."
        )
    return who


def page_name() -> str:
    """The name that the page gave itself, "" without a proper one."""
    name = request.args.get("page", "")
    return name if _PAGE.fullmatch(name) else ""


def _live(
    svc: Services,
    page: presence.Page,
    subscription: Subscription,
    backlog: list[Entry],
    position: str,
) -> Iterator[str]:
    try:
        page.is_here()
        yield "retry: 500\n" + heartbeat()
        for entry in entries(subscription, backlog, position):
            if entry is None:
                page.is_here()
                yield heartbeat()
            else:
                yield message(entry.type, " ".join(entry.data.splitlines()), entry.id)
    except Gap:
        yield message("reset", "{}")
    except redis.RedisError as error:
        # The browser comes back by itself, with the id of the last event it got.
        log.warning("visitor's stream lost redis", error=str(error))
    finally:
        svc.hub.leave(subscription)
        _leave(page)


def _leave(page: presence.Page) -> None:
    try:
        page.is_gone()
    except redis.RedisError as error:
        log.warning("cannot take a visitor's presence back", error=str(error))
