"""Clients to be told that their order is made elsewhere: an agent calls, and says so here, once.

They come for it, and have no e-mail address. Nobody is dialled from here: the number is shown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from cordboard import visit_times
from db import errors
from db.orders import values
from db.queries import sql
from webdesk import store
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me, role_required
from webdesk.work.reach import check_reach

log = structlog.get_logger(__name__)
bp = Blueprint("telling", __name__, url_prefix="/desk")

Json = dict[str, Any]


@bp.post("/orders/<uuid:order>/told")
@role_required("agent")
def told(order: UUID) -> Response:
    """The client knows where it is made; said again, by whomever, it is so already."""
    check_reach(order)
    svc = services()
    said = {"location": request.form.get("location", "")[:40], "by": f"user:{me().id}"}
    try:
        store.rows(svc.pool, sql.tell_client, **values(svc.settings, order=order, **said))
    except errors.DatabaseRefusal as refusal:
        raise Problem(409, "not-told", f"Nothing was noted: {refusal}.") from refusal
    log.info("client told", order=str(order), agent=me().id)
    return redirect(url_for("rescue.page", done=1))


def untold(limit: int) -> list[Json]:
    """Orders of the agent's companies whose clients are to be told, longest waiting first."""
    rows = store.rows(services().pool, sql.agent_untold_orders, agent=me().id, limit=limit)
    return [shown(row["order"], row["refused_by"], datetime.now(UTC)) for row in rows]


def shown(order: Json, refused_by: list[str], now: datetime) -> Json:
    """One of them in words, with the names of locations that did not take it. No I/O."""
    place = order["location"]
    due = datetime.fromisoformat(order["due_at"])
    return {
        "order": order["order"],
        "number": order["number"],
        "name": order["client"]["name"],
        "number_text": number_text(order["client"]["number"]),
        "location": place["code"],
        "place": f"{place['name']}, {place['street']}, {place['city']}",
        "due": visit_times.say(due, ZoneInfo(place["timezone"]), now),
        "refused_by": refused_by,
        "wants": ", ".join(f"{line['quantity']} × {line['name']}" for line in order["lines"]),
    }
