"""Decisions as they were stored: by customer and call, and one with all that it was made of."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cordboard.question import CHANNELS
from cordboard.wall_clock import in_words
from db.queries import sql
from webdesk.ops import asking
from webdesk.ops.forms import no_such
from webdesk.ops.menu import READERS
from webdesk.ops.what_if_view import ROUTES, stored
from webdesk.problems import Problem
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("decisions", __name__, url_prefix="/decisions")

SHOWN = 100


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The list, newest first."""
    subscribers = asking.subscribers()
    call = _call()
    subscriber = asking.chosen(subscribers)
    asked = {
        "customer": request.args.get("customer", "").replace("\0", "").strip().upper()[:40],
        "call": request.args.get("call", "").strip()[:40],
        "channel": request.args.get("channel", ""),
    }
    unreadable = bool(asked["call"]) and call is None
    query = {**asked, "call": call, "before": _before(), "limit": SHOWN + 1}
    found = (
        [] if unreadable else asking.rows(sql.ops_decisions, subscriber=subscriber["id"], **query)
    )
    return render_template(
        "ops/decisions.html",
        subscribers=subscribers,
        subscriber=subscriber,
        channels=CHANNELS,
        asked=asked,
        unreadable=unreadable,
        decisions=[{**row, "to": _to(row["route"])} for row in found[:SHOWN]],
        more=found[SHOWN - 1]["at"].isoformat() if len(found) > SHOWN else "",
    )


@bp.get("/of-call/<uuid:call>")
@role_required(*READERS)
def of_call(call: uuid.UUID) -> Response:
    """To the latest decision of a call."""
    found = asking.row(sql.ops_decisions_of_call, call=call)
    if found is None:
        detail = "Nothing was decided for this call: it never got so far, or the decider was away."
        raise Problem(404, "no-decision", detail)
    return redirect(url_for("ops.decisions.show", decision_id=found["id"]))


@bp.get("/<uuid:decision_id>")
@role_required(*READERS)
def show(decision_id: uuid.UUID) -> str:
    """One decision."""
    one = asking.row(sql.ops_decision, id=decision_id)
    if one is None:
        raise no_such("decision")
    shown = stored(one["ranking"])
    return render_template(
        "ops/decision.html",
        one=one,
        at=in_words(one["at"], ZoneInfo(one["timezone"])),
        to=_to(one["route"]),
        seen=sorted(one["resources"].items()),
        exposures=asking.rows(sql.ops_decision_exposures, id=decision_id),
        offered=shown["offered"],
        kept=shown["kept_out"],
    )


def _to(route: Json) -> str:
    if route.get("why") == "no_call":
        return "No call"
    return ROUTES.get(route.get("to", ""), "Not kept")


def _call() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("call", "").strip())
    except ValueError:
        return None


def _before() -> datetime:
    try:
        before = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return before if before.tzinfo else before.replace(tzinfo=UTC)
