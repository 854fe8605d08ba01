"""What clients paid for orders that are cancelled: an agent takes one, pays it back, and says so.

The money goes back at the provider, whose reference whoever took it sees; nothing is paid from
here. One is claimed for half an hour, so that two agents do not pay it twice.
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
from cordboard.orders.pricing import dollars
from db.errors import OrderOver, PaybackTaken
from db.queries import sql
from webdesk import store
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me, role_required
from webdesk.work.reach import check_reach

log = structlog.get_logger(__name__)
bp = Blueprint("paying_back", __name__, url_prefix="/desk")

Json = dict[str, Any]


@bp.post("/orders/<uuid:order>/owed/take")
@role_required("agent")
def take(order: UUID) -> Response:
    """This agent pays it back; again: for half an hour from now."""
    _do(order, sql.claim_owed, agent=me().id)
    return redirect(url_for("rescue.page", _anchor=f"owed-{order}"))


@bp.post("/orders/<uuid:order>/owed/release")
@role_required("agent")
def release(order: UUID) -> Response:
    """Somebody else may pay it back."""
    store.rows(services().pool, sql.release_owed, order=order, agent=me().id)
    return redirect(url_for("rescue.page", _anchor=f"owed-{order}"))


@bp.post("/orders/<uuid:order>/paid-back")
@role_required("agent")
def paid_back(order: UUID) -> Response:
    """The client has the money back; pressed again it is so already."""
    _do(order, sql.pay_back, user=me().id)
    log.info("order paid back", order=str(order), agent=me().id)
    return redirect(url_for("rescue.page", done=1))


def _do(order: UUID, query: bytes, **who: int) -> None:
    check_reach(order)
    try:
        store.rows(services().pool, query, order=order, **who)
    except OrderOver as error:
        raise Problem(409, "nothing-owed", f"Nothing was done: {error}.") from error
    except PaybackTaken as error:
        raise Problem(409, "taken", f"Nothing was done: {error}.") from error


def owed(limit: int) -> list[Json]:
    """Orders of the agent's companies whose payment is to be paid back: the agent's own, then the
    longest owed."""
    rows = store.rows(services().pool, sql.agent_owed_orders, agent=me().id, limit=limit)
    found = [shown(row["order"], me().id, datetime.now(UTC)) for row in rows]
    return sorted(found, key=lambda order: not order["mine"])


def shown(order: Json, agent: int, now: datetime) -> Json:
    """One of them in words. No I/O.

    Args:
        agent: who looks; the provider's reference is for whoever took it.
    """
    zone, payment = ZoneInfo(order["subscriber"]["timezone"]), order["payment"]
    taken = order["taken"]
    mine = bool(taken and taken["by"] == agent)
    return {
        "order": order["order"],
        "number": order["number"],
        "name": order["client"]["name"],
        "number_text": number_text(order["client"]["number"]) if order["client"]["number"] else "",
        "amount": dollars(payment["amount_cents"]),
        "provider": payment["provider"],
        "reference": payment["reference"] or "" if mine else "",
        "since": visit_times.say(datetime.fromisoformat(payment["owed_at"]), zone, now),
        "why": _why(order),
        "mine": mine,
        "taken_by": taken["name"] if taken and not mine else "",
        "until": _clock(taken["until"], zone) if taken else "",
        "over": bool(taken and taken["over"]),
    }


def _clock(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%I:%M %p}".lstrip("0")


def _why(order: Json) -> str:
    """Who cancelled it, and why."""
    told = [event for event in order["timeline"] if event["name"] == "order.cancelled"]
    if not told:
        return ""
    if told[-1]["actor"] == "client":
        return "by the client"
    why: str = told[-1]["data"].get("why", "")
    return f"by the shop: {why}" if why else "by the shop"
