"""What a visitor's browser says of a pushed page: it is shown, and has been for so many seconds."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from flask import Response, jsonify, request

from cordboard import keys
from cordboard.events import PageShown, PageViewed
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import now_ms, services
from webdesk.talk import presence, refusal, store, visitors
from webdesk.talk.stream import who_asks

bp = visitors.blueprint("pushes")
refusal.init(bp)

#: Longest view of one page that is believed, seconds.
MAX_SECONDS = 6 * 3600


@bp.post("/pushes/<uuid:push_id>/shown")
@limiter.limit("120 per minute")
def shown(push_id: uuid.UUID) -> Response:
    """The page is on the visitor's screen. ``stored`` is false while its record is on its way."""
    return _acknowledge(str(push_id), 0)


@bp.post("/pushes/<uuid:push_id>/viewed")
@limiter.limit("240 per minute")
def viewed(push_id: uuid.UUID) -> Response:
    """It has been for ``seconds``, all together; a smaller number than before changes nothing."""
    text = request.form.get("seconds", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Problem(422, "bad-seconds", "Send the seconds as a whole number.")
    return _acknowledge(str(push_id), min(int(text), MAX_SECONDS))


def _acknowledge(push: str, seconds: int) -> Response:
    who, svc = who_asks(), services()
    visitors.check_token(who)
    row = store.acknowledge(svc.pool, who.id, push, seconds)
    if row is None:
        if not _was_told(who.id, push):
            raise Problem(404, "unknown-push", "This page was not pushed to this browser.")
        return jsonify(stored=False)
    call, agent = presence.agent_of(svc, who.id)
    if agent and call == str(row["call"]):
        if row["first"]:
            presence.tell(svc, agent, PageShown(call, push, now_ms()))
        if seconds:
            presence.tell(svc, agent, PageViewed(call, push, row["seconds"]))
    return jsonify(stored=True)


def _was_told(visitor: str, push: str) -> bool:
    """Whether the push went to this visitor's stream, though the database does not know it yet."""
    told: Any = services().redis.xrevrange(keys.visitor(visitor), count=keys.VISITOR_MAXLEN)
    pushes = (fields["data"] for _, fields in told if fields.get("type") == "page.pushed")
    return any(orjson.loads(data).get("push_id") == push for data in pushes)
