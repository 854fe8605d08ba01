"""What was presented and accepted, by offer and by rank, week by week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from db.queries import sql
from webdesk.ops import asking, charts
from webdesk.ops.menu import READERS
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("acceptance", __name__, url_prefix="/acceptance")

SPANS = {"12": "12 weeks", "26": "Half a year", "52": "A year"}


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """Both tables, each row with a line of weeks."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    span = request.args.get("weeks", "26")
    span = span if span in SPANS else "26"
    today = datetime.now(UTC).astimezone(ZoneInfo(subscriber["timezone"])).date()
    weeks = charts.weeks_between(today - timedelta(weeks=int(span) - 1), today)
    asked = {"subscriber": subscriber["id"], "since": weeks[0], "zone": subscriber["timezone"]}
    by_offer = charts.rates(asking.rows(sql.ops_acceptance_by_offer, **asked), "code", weeks)
    by_rank = charts.rates(asking.rows(sql.ops_acceptance_by_rank, **asked), "rank", weeks)
    return render_template(
        "ops/acceptance.html",
        subscribers=subscribers,
        subscriber=subscriber,
        spans=SPANS,
        span=span,
        weeks=weeks,
        presented=sum(one["presented"] for one in by_offer),
        tables=[
            ("By offer", "offer", sorted(by_offer, key=lambda one: -one["presented"])),
            ("By rank", "rank", sorted(by_rank, key=lambda one: one["rank"] or 1000)),
        ],
    )
