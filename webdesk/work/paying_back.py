"""What clients paid for orders that are cancelled: an agent pays it back, and says so, once.

The money goes back at the provider, whose reference is shown; nothing is paid from here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from cordboard import visit_times
from db.errors import OrderOver
from db.queries import sql
from webdesk import store
from webdesk.order.words import dollars
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me, role_required

log = structlog.get_logger(__name__)
bp = Blueprint("paying_back", __name__, url_prefix="/desk")

Json = dict[str, Any]


@bp.post("/orders/<uuid:order>/paid-back")
@role_required("agent")
def paid_back(order: UUID) -> Response:
    """The client has the money back; said again, by whomever, it is so already."""
    pool = services().pool
    if store.one_row(pool, sql.order_of_agent, order=order, agent=me().id) is None:
        raise Problem(404, "no-such-order", "There is no such order. Go back to the list.")
    try:
        store.rows(pool, sql.pay_back, order=order, user=me().id)
    except OrderOver as error:
        raise Problem(409, "nothing-owed", f"Nothing was done: {error}.") from error
    log.info("order paid back", order=str(order), agent=me().id)
    return redirect(url_for("rescue.page", done=1))


def owed(limit: int) -> list[Json]:
    """Orders of the agent's companies whose payment is to be paid back, longest owed first."""
    rows = store.rows(services().pool, sql.agent_owed_orders, agent=me().id, limit=limit)
    return [shown(row["order"], datetime.now(UTC)) for row in rows]


def shown(order: Json, now: datetime) -> Json:
    """One of them in words. No I/O."""
    zone, payment = ZoneInfo(order["subscriber"]["timezone"]), order["payment"]
    return {
        "order": order["order"],
        "number": order["number"],
        "name": order["client"]["name"],
        "number_text": number_text(order["client"]["number"]) if order["client"]["number"] else "",
        "amount": dollars(payment["amount_cents"]),
        "provider": payment["provider"],
        "reference": payment["reference"] or "",
        "since": visit_times.say(datetime.fromisoformat(payment["owed_at"]), zone, now),
        "why": _why(order),
    }


def _why(order: Json) -> str:
    """Who cancelled it, and why."""
    told = [event for event in order["timeline"] if event["name"] == "order.cancelled"]
    if not told:
        return ""
    if told[-1]["actor"] == "client":
        return "by the client"
    why: str = told[-1]["data"].get("why", "")
    return f"by the shop: {why}" if why else "by the shop"
