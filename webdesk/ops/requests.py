"""Call requests as they live: a list that follows, one request with its story, taking it back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard.events import CallEndAsked
from db import errors
from db.queries import sql
from webdesk.ops import asking, edits, timeline
from webdesk.ops.drawing import drawing
from webdesk.ops.forms import no_such, saved
from webdesk.ops.menu import EDITORS, READERS
from webdesk.present import number_text, web_url
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("requests", __name__, url_prefix="/requests")

SHOWN = 100
STATES = {
    "open": "Not over yet",
    "waiting": "Waiting",
    "dialling": "Dialling",
    "connected": "Talking",
    "completed": "Done",
    "given_up": "Given up",
    "cancelled": "Taken back",
    "refused": "Refused",
}
SOURCES = {"web": "Talk link", "api": "API", "queue": "Left the queue"}


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The list; with ``X-Requested-With`` only what changes, which the page asks for again."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers) if request.args.get("subscriber") else None
    part = request.headers.get("X-Requested-With") == "fetch"
    page = "ops/requests_rows.html" if part else "ops/requests.html"
    found = asking.rows(sql.ops_requests, **_filter(subscriber))
    return render_template(
        page,
        subscribers=subscribers,
        subscriber=subscriber,
        states=STATES,
        sources=SOURCES,
        asked={name: request.args.get(name, "") for name in ("state", "source", "q", "before")},
        counts=_counts(subscriber),
        requests=[_present(row) for row in found[:SHOWN]],
        more=found[SHOWN - 1]["created_at"].isoformat() if len(found) > SHOWN else "",
    )


@bp.get("/<uuid:request_id>")
@role_required(*READERS)
def show(request_id: uuid.UUID) -> str:
    """One request: what was asked, what happened, what can be done."""
    found = asking.row(sql.request_as_json, request=request_id)
    one: Json | None = found["request"] if found else None
    if one is None:
        raise no_such("request")
    calls = asking.rows(sql.ops_request_calls, request=request_id)
    refusals = asking.rows(sql.ops_request_refusals, request=request_id)
    return render_template(
        "ops/request.html",
        one={**one, "pages": [{**page, "url": web_url(page.get("url"))} for page in one["pages"]]},
        page_url=web_url(one["page_url"]),
        number=number_of(one["number"]),
        lines=timeline.lines(one, calls, refusals),
        drawing=drawing(one, datetime.now(UTC)),
        calls=calls,
        states=STATES,
        sources=SOURCES,
        tones=timeline.TONES,
        can_act=me().role in EDITORS,
    )


@bp.post("/<uuid:request_id>/cancel")
@role_required(*EDITORS)
def cancel(request_id: uuid.UUID) -> Response:
    """Take a request back; one that is being dialled is told to end."""
    call = None
    try:
        with edits.transaction(services()) as conn:
            row = conn.execute(sql.cancel_request, {"request": request_id, "by": "ops"}).fetchone()
            call = row["cancelled"]["call"] if row else None
            _note(conn, request_id, "call_request.cancelled")
    except errors.RequestOver as refusal:
        flash(f"Nothing was changed: {refusal}.", "bad")
    except errors.UnknownRequest:
        raise no_such("request") from None
    else:
        saved("Taken back: nobody is called any more.")
    if call:
        edits.tell(services(), CallEndAsked(call, by="ops"))
    return redirect(url_for("ops.requests.show", request_id=request_id))


@bp.post("/<uuid:request_id>/now")
@role_required(*EDITORS)
def now(request_id: uuid.UUID) -> Response:
    """Let a waiting request be due now; the policy judges it again before it is dialled."""
    values = {"request": request_id, "due": datetime.now(UTC), "by": "ops"}
    try:
        with edits.transaction(services()) as conn:
            conn.execute(sql.move_request, values)
            _note(conn, request_id, "call_request.hurried")
    except errors.RequestOver as refusal:
        flash(f"Nothing was changed: {refusal}.", "bad")
    except errors.UnknownRequest:
        raise no_such("request") from None
    else:
        saved("Due now: it is dialled as soon as the policy and an agent allow it.")
    return redirect(url_for("ops.requests.show", request_id=request_id))


def _note(conn: Any, request_id: uuid.UUID, action: str) -> None:
    edits.note(conn, me().id, action, f"call_request:{request_id}", {})


def _filter(subscriber: Json | None) -> Json:
    """What is asked for; a number is looked for only by who may see numbers."""
    text = request.args.get("q", "").strip()[:40]
    digits = "".join(c for c in text if c.isdigit() or c == "+")
    is_number = bool(digits) and all(c in "+0123456789 ()-." for c in text)
    return {
        "subscriber": subscriber and subscriber["id"],
        "state": request.args.get("state", ""),
        "source": request.args.get("source", ""),
        "number": digits if is_number and me().role in EDITORS else "",
        "request": "" if is_number and me().role in EDITORS else text.lower(),
        "before": _before(),
        "limit": SHOWN + 1,
    }


def _before() -> datetime:
    try:
        before = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return before if before.tzinfo else before.replace(tzinfo=UTC)


def _counts(subscriber: Json | None) -> Json:
    found = asking.rows(sql.ops_request_counts, subscriber=subscriber and subscriber["id"])
    return {row["state"]: row["n"] for row in found}


def _present(row: Json) -> Json:
    return {
        **row,
        "number_text": number_of(row["number"]),
        "tone": timeline.TONES.get(row["state"], ""),
        "last": timeline.words(row["last_outcome"] or row["outcome"]),
    }


def number_of(number: str | None) -> str:
    """A number as this person may see it.

    Whoever only looks sees its country and last two digits.
    """
    text = number_text(number)
    if me().role in EDITORS or not number:
        return text
    return masked(text)


def masked(text: str) -> str:
    """A number without its middle.

    >>> masked("+1 212-555-0140")
    '+1 •••-•••-••40'
    """
    country, space, rest = text.partition(" ")
    if not space:
        country, rest = "", text
    hidden = "".join("•" if c.isdigit() else c for c in rest[:-2]) + rest[-2:]
    return f"{country} {hidden}".strip()
