"""Enrolments that were spoken: an agent listens, types name and address, and the client has a name.

One is claimed for ten minutes, so that two agents do not type the same. What was typed is kept in
the browser until it is stored (``static/work/enrolments.js``).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, redirect, render_template, request, url_for
from psycopg.types.json import Jsonb
from werkzeug.wrappers import Response as BaseResponse

from cordboard import events
from cordboard.events import CallUpdated
from cordboard.orders import postcodes
from cordboard.orders.typed_client import LABELS, LONGEST, check
from db.errors import BadOrder, EnrolmentTaken
from db.queries import sql
from webdesk import store
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.security import content_policy, own_headers
from webdesk.services import Services, services
from webdesk.sessions import me, role_required

log = structlog.get_logger(__name__)
bp = Blueprint("enrolments", __name__, url_prefix="/desk/enrolments")

Json = dict[str, Any]

#: Most rows of the list.
SHOWN = 100
LONGEST_WHY = 200
#: The recordings are played by the page itself, from here.
POLICY = content_policy(media_src="'self'")
NOT_THERE = "This enrolment is not there any more. Go back to the list, and take the next."


@bp.get("")
@role_required("agent")
def page() -> str:
    """The list, and the form of the one that this agent types now."""
    row = store.one_row(services().pool, sql.own_enrolment, agent=me().id)
    return _page(row["enrolment"] if row else None)


@bp.post("/next")
@role_required("agent")
def claim() -> BaseResponse:
    """Take the oldest that nobody types; the one taken before comes first."""
    store.one_row(services().pool, sql.claim_enrolment, agent=me().id)
    return redirect(url_for("enrolments.page"))


@bp.post("/<uuid:enrolment>")
@role_required("agent")
def save(enrolment: UUID) -> str | BaseResponse | tuple[str, int]:
    """Store what was typed: the client has a name, wherever somebody sees it."""
    svc = services()
    found = _find(svc, enrolment)
    country = found["client"]["country"]
    area = partial(postcodes.area, country) if postcodes.covers(country) else None
    typed, errors = check(request.form, area)
    if errors:
        return _page(found, typed, errors), 422
    try:
        store.rows(
            svc.pool,
            sql.type_enrolment,
            enrolment=enrolment,
            agent=me().id,
            typed=Jsonb(typed),
        )
    except (EnrolmentTaken, BadOrder) as refusal:
        return _page(found, typed, {"": f"Nothing was stored: {refusal}."}), 409
    log.info("enrolment.typed", enrolment=str(enrolment), agent=me().id)
    _tell_desks(svc, found["client"]["id"])
    return redirect(url_for("enrolments.page", done=enrolment))


@bp.post("/<uuid:enrolment>/discard")
@role_required("agent")
def discard(enrolment: UUID) -> BaseResponse | tuple[str, int]:
    """Nothing can be understood: the recordings go, with the reason for those who audit."""
    svc = services()
    why = " ".join(request.form.get("why", "").split())
    if not why or len(why) > LONGEST_WHY or not why.isprintable():
        wrong = f"Say in 1 to {LONGEST_WHY} characters why it is discarded."
        return _page(_find(svc, enrolment), errors={"why": wrong}), 422
    try:
        store.rows(svc.pool, sql.discard_enrolment, enrolment=enrolment, agent=me().id, why=why)
    except EnrolmentTaken as refusal:
        wrong = f"Nothing was discarded: {refusal}."
        return _page(_find(svc, enrolment), errors={"": wrong}), 409
    return redirect(url_for("enrolments.page", done=enrolment))


@bp.post("/<uuid:enrolment>/release")
@role_required("agent")
def release(enrolment: UUID) -> BaseResponse:
    """Somebody else may type it."""
    store.rows(services().pool, sql.release_enrolment, enrolment=enrolment, agent=me().id)
    return redirect(url_for("enrolments.page"))


@bp.get("/<uuid:enrolment>/<any(name, address):what>.wav")
@role_required("agent")
def audio(enrolment: UUID, what: str) -> Response:
    """A recording, for whoever types the enrolment and nobody else; no cache keeps it."""
    asked: Json = {"enrolment": enrolment, "what": what, "agent": me().id}
    row = store.one_row(services().pool, sql.enrolment_audio, **asked)
    if row is None:
        raise Problem(
            404,
            "no-recording",
            "There is no such recording, or the enrolment is not yours. Take it from the list.",
        )
    wav = bytes(row["wav"])
    found = Response(wav, mimetype="audio/wav")
    # A part of it may be asked for: players jump about.
    found.make_conditional(request, accept_ranges=True, complete_length=len(wav))
    return found


def _find(svc: Services, enrolment: UUID) -> Json:
    row = store.one_row(svc.pool, sql.enrolment_for, enrolment=enrolment, agent=me().id)
    if row is None:
        raise Problem(404, "no-such-enrolment", NOT_THERE)
    found: Json = row["enrolment"]
    return found


def _page(own: Json | None, typed: Json | None = None, errors: Json | None = None) -> str:
    rows = store.rows(services().pool, sql.open_enrolments, agent=me().id, limit=SHOWN)
    own_headers(Content_Security_Policy=POLICY)
    until = own and own["claimed_until"]
    return render_template(
        "work/enrolments.html",
        rows=rows,
        own=own,
        until_ms=int(datetime.fromisoformat(until).timestamp() * 1000) if until else 0,
        values=typed or _known(own),
        errors=errors or {},
        labels=LABELS,
        longest=LONGEST,
        number_text=number_text,
        done=request.args.get("done", ""),
        most=SHOWN,
    )


def _known(own: Json | None) -> Json:
    """What the client keyed already."""
    client: Json = own["client"] if own else {}
    return {name: client.get(name) or "" for name in LONGEST}


def _tell_desks(svc: Services, customer: int) -> None:
    """The card of a call that this client has now gets the name."""
    for row in store.rows(svc.pool, sql.live_calls_of_customer, customer=customer):
        card = store.call_card(svc.pool, str(row["id"])) or {}
        pipe = svc.redis.pipeline()
        changed = CallUpdated(str(row["id"]), {"customer": card.get("customer")})
        events.tell_desk(pipe, row["agent_id"], changed)
        pipe.execute()
