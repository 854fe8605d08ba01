"""Orders that no location takes: an agent finds one, calls the client, or cancels with a reason.

Nobody is dialled from here: the number is shown. A form carries the version that it showed, so that
of two agents the second is told how the order is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cordboard import visit_times
from cordboard.orders.places import Place, places_from_json
from cordboard.orders.pricing import dollars
from db import errors
from db.orders import values
from db.queries import sql
from webdesk import store
from webdesk.order.words import METHODS
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import me, role_required
from webdesk.work.candidates import candidates, due_of
from webdesk.work.paying_back import owed
from webdesk.work.reach import check_reach
from webdesk.work.telling import untold

bp = Blueprint("rescue", __name__, url_prefix="/desk")

Json = dict[str, Any]

#: Of each list, those that wait longest.
SHOWN = 50
LONGEST_WHY = 200


@bp.get("/work")
@role_required("agent")
def work() -> Response:
    """How much waits on each list."""
    typed = store.one_row(services().pool, sql.count_enrolments, agent=me().id)
    return jsonify(enrolments=typed and typed["waiting"], orders=_waiting())


def _waiting() -> int:
    found = store.one_row(services().pool, sql.count_rescue_orders, agent=me().id)
    return int(found["waiting"]) if found else 0


@bp.get("/orders")
@role_required("agent")
def page() -> str:
    """Orders that need a person, longest waiting first."""
    return _page()


@bp.post("/orders/<uuid:order>/assign")
@role_required("agent")
def assign(order: UUID) -> BaseResponse | tuple[str, int]:
    """Another location is to make it."""
    location = request.form.get("location", "")[:40]
    if not location:
        return _page(order, "Choose the location that is to make it."), 422
    told = "told" in request.form
    return _do(order, sql.move_order, location=location, why="assigned by an agent", told=told)


@bp.post("/orders/<uuid:order>/cancel")
@role_required("agent")
def cancel(order: UUID) -> BaseResponse | tuple[str, int]:
    """Nobody can make it; the client is told why."""
    why = " ".join(request.form.get("why", "").split())
    if not why or len(why) > LONGEST_WHY or not why.isprintable():
        wrong = f"Say in 1 to {LONGEST_WHY} characters why it is cancelled: the client is told."
        return _page(order, wrong), 422
    return _do(order, sql.board_advance, state="cancelled", why=why, minutes=None)


def _do(order: UUID, query: bytes, **given: Any) -> BaseResponse | tuple[str, int]:
    check_reach(order)
    svc = services()
    asked = values(svc.settings, order=order, by=f"user:{me().id}", version=_version(), **given)
    try:
        store.rows(svc.pool, query, **asked)
    except errors.DatabaseRefusal as refusal:
        return _page(order, f"Nothing was done: {refusal}."), 409
    return redirect(url_for("rescue.page", done=1))


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem(422, "no-key", "This form is incomplete. Reload the page, then try again.")
    return int(text)


def _page(about: UUID | None = None, wrong: str = "") -> str:
    svc = services()
    # First: what comes while the lists are read is then a change for the page's next look.
    waiting = _waiting()
    rows = store.rows(svc.pool, sql.agent_rescue_orders, agent=me().id, limit=SHOWN)
    companies = {row["order"]["subscriber"]["code"] for row in rows}
    known = {company: _places(svc, company) for company in companies}
    return render_template(
        "work/rescue.html",
        waiting=waiting,
        orders=[_shown(row, known) for row in rows],
        untold=untold(SHOWN),
        owed=owed(SHOWN),
        about=str(about or ""),
        wrong=wrong,
        why=request.form.get("why", ""),
        told="told" in request.form,
        done=request.args.get("done", ""),
    )


def _places(svc: Services, company: str) -> tuple[Place, ...]:
    found = store.one_row(svc.pool, sql.subscriber_locations, subscriber=company)
    return places_from_json(found["locations"]) if found else ()


def _shown(row: Json, known: Mapping[str, Sequence[Place]]) -> Json:
    """One order with the locations that it may go to, the best first."""
    order = row["order"]
    places = known[order["subscriber"]["code"]]
    now, zone = datetime.now(UTC), ZoneInfo(order["subscriber"]["timezone"])
    return {
        **order,
        "method_text": METHODS[order["method"]],
        "total": dollars(order["total_cents"]),
        "number_text": number_text(order["client"]["number"]),
        "due_text": visit_times.say(datetime.fromisoformat(order["due_at"]), zone, now),
        "places": candidates(due_of(order, row, now), places, now),
        "by_voice": row["by_voice"],
        "refused_by": [place.name for place in places if place.code in order["passed_over"]],
    }
