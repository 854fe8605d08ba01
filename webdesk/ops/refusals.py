"""Numbers that were not dialled, or not taken, and why: counted, drawn, listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from db.queries import sql
from webdesk.ops import asking
from webdesk.ops.menu import READERS
from webdesk.ops.requests import number_of
from webdesk.ops.timeline import facts, saw, words
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("refusals", __name__, url_prefix="/refusals")

SHOWN = 100
SPANS = {
    "1h": ("The last hour", timedelta(hours=1)),
    "24h": ("The last 24 hours", timedelta(days=1)),
    "7d": ("The last 7 days", timedelta(days=7)),
    "30d": ("The last 30 days", timedelta(days=30)),
}
#: Longest bar of the chart, in its own units.
LONGEST_BAR = 600


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The reasons of some time, and the latest refusals."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers) if request.args.get("subscriber") else None
    span = request.args.get("span", "24h")
    span = span if span in SPANS else "24h"
    asked = {
        "since": datetime.now(UTC) - SPANS[span][1],
        "subscriber": subscriber and subscriber["id"],
    }
    reason = request.args.get("reason", "")[:40]
    counts = asking.rows(sql.ops_refusal_counts, **asked)
    found = asking.rows(sql.ops_refusals, **asked, reason=reason, limit=SHOWN)
    return render_template(
        "ops/refusals.html",
        subscribers=subscribers,
        subscriber=subscriber,
        spans={key: label for key, (label, _) in SPANS.items()},
        span=span,
        reason=reason,
        bars=bars(counts),
        total=sum(row["n"] for row in counts),
        refusals=[_present(row) for row in found],
        shown=SHOWN,
    )


def bars(counts: list[Json]) -> list[Json]:
    """The chart: one bar a reason, the longest for the most frequent."""
    most = max((row["n"] for row in counts), default=1)
    return [
        {
            "reason": row["reason"],
            "label": words(row["reason"]),
            "n": row["n"],
            "width": round(max(LONGEST_BAR * row["n"] / most, 3), 1),
            "y": at * 30,
        }
        for at, row in enumerate(counts)
    ]


def _present(row: Json) -> Json:
    reasons = (row["detail"] or {}).get("reasons") or []
    return {
        **row,
        "label": words(row["reason"]),
        "number_text": number_of(row["number"]),
        "saw": facts(reasons[0]) if reasons else "",
        "others": [saw(reason) for reason in reasons[1:]],
    }
