"""Pages pushed from the desk: what there is to push, and pushing it, while agent and visitor talk.

The same as ``*12#`` on the agent's phone (``ari_app/verbs/pages.py``), with search, several pages
at once, and links of the company's own hosts.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from flask import Blueprint, Response, jsonify, request

from cordboard import keys, links
from cordboard.events import PagePushed, tell_desk
from cordboard.visitor_events import PageArrived, tell_visitor
from db import errors
from db.queries import sql
from webdesk import agents, calls, store
from webdesk.problems import Problem
from webdesk.services import Services, now_ms, services
from webdesk.sessions import SessionUser, me, role_required

log = structlog.get_logger(__name__)
bp = Blueprint("pages_push", __name__, url_prefix="/desk/calls/<call_id>")

Json = dict[str, Any]

#: Most pages of one push, as by keys.
MOST_PAGES = 8
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class WebCall:
    """The live call of an agent, as far as a push needs it; ``visitor`` is "" without a session."""

    id: str
    agent: int
    subscriber: str
    visitor: str
    in_contact: bool


@bp.get("/pages")
@role_required("agent")
def pages(call_id: str) -> Response:
    """What can be pushed on this call, and which hosts a link may have."""
    svc = services()
    call = live_call(svc, me(), calls.parse_call_id(call_id))
    return jsonify(
        pages=store.rows(svc.pool, sql.pages_to_push, subscriber=call.subscriber),
        hosts=_hosts(svc, call),
    )


@bp.post("/pages")
@role_required("agent")
def push(call_id: str) -> Response:
    """Push pages by their ids (``page``, several) or one ``link``; the same ``key`` pushes once."""
    svc = services()
    call = live_call(svc, me(), calls.parse_call_id(call_id))
    if not call.in_contact:
        raise Problem(
            409,
            "not-in-contact",
            "Pages can be pushed while you talk with the visitor. Nothing was pushed.",
        )
    wanted = _links(svc, call) if request.form.get("link") else _pages()
    pushed = _store(svc, call, wanted)
    _tell(svc, call, pushed)
    return jsonify(pushes=[push.on_card() for push in pushed])


def live_call(svc: Services, user: SessionUser, call_id: str) -> WebCall:
    """The call, when it is this agent's now; the live state knows first.

    Raises:
        Problem: 403, it is somebody else's or over.
    """
    agent = agents.read_agent(svc.redis, user.id)
    if agent["call_id"] != call_id:
        raise calls.foreign()
    stored: Any = svc.redis.hmget(keys.call(call_id), "card", "visitor")
    card, visitor = orjson.loads(stored[0] or "{}"), stored[1] or ""
    subscriber = (card.get("subscriber") or {}).get("code", "")
    return WebCall(call_id, user.id, subscriber, visitor, agent["state"] == "on_call")


def _key() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("key", ""))
    except ValueError:
        raise Problem(
            422, "no-key", "This form is incomplete. Reload the page, then try again."
        ) from None


def _pages() -> list[Json]:
    asked, key = request.form.getlist("page"), _key()
    if not all(text.isascii() and text.isdigit() and len(text) <= 9 for text in asked):
        raise _unknown_page()
    if not 1 <= len(asked) <= MOST_PAGES:
        raise Problem(422, "no-page", f"Choose one page, or up to {MOST_PAGES}.")
    return [
        {"id": str(uuid.uuid5(key, str(place))), "page": int(text)}
        for place, text in enumerate(asked)
    ]


def _links(svc: Services, call: WebCall) -> list[Json]:
    url = request.form["link"].strip()
    title = " ".join(request.form.get("title", "").split())[:LONGEST_TITLE]
    if why := links.refusal(url, _hosts(svc, call)):
        log.info("link refused", call_id=call.id, agent=call.agent)
        raise Problem(422, "link-refused", why)
    name = title or url.split("://", 1)[1][:LONGEST_TITLE]
    # Whether that page may be framed nobody knows: a window shows it either way.
    return [{"id": str(uuid.uuid5(_key(), "link")), "title": name, "url": url, "framing": "window"}]


def _hosts(svc: Services, call: WebCall) -> list[str]:
    row = store.one_row(svc.pool, sql.link_hosts, subscriber=call.subscriber)
    return list(row["hosts"]) if row else []


def _unknown_page() -> Problem:
    return Problem(
        422, "unknown-page", "That is not a page of this company any more. Choose one on the list."
    )


def _store(svc: Services, call: WebCall, wanted: list[Json]) -> list[PagePushed]:
    values = {
        "call": call.id,
        "agent": call.agent,
        "subscriber": call.subscriber,
        "visitor": call.visitor or None,
        "at_ms": now_ms(),
        "pushes": orjson.dumps(wanted).decode(),
    }
    try:
        found = store.rows(svc.pool, sql.push_pages, **values)
    except errors.UnknownPage:
        raise _unknown_page() from None
    except errors.NoVisitor:
        raise Problem(
            409,
            "no-visitor",
            "Nobody came to this call from a web page, so there is no browser to show a page in.",
        ) from None
    except errors.KeyReused as refusal:
        raise Problem(409, "too-late", f"Nothing was pushed: {refusal}.") from None
    return [PagePushed(call_id=call.id, origin="desk", **row) for row in found]


def _tell(svc: Services, call: WebCall, pushed: list[PagePushed]) -> None:
    pipe = svc.redis.pipeline()
    for push in pushed:
        arrived = PageArrived(push.push_id, push.title, push.url, push.framing, push.at_ms)
        tell_visitor(pipe, call.visitor, arrived)
        tell_desk(pipe, call.agent, push)
    pipe.execute()
    for push in pushed:
        log.info("page.pushed", call_id=call.id, push=push.push_id, page=push.page)
