"""How often a regular client takes the first usual order that is suggested, over 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template

from db.queries import sql
from webdesk.ops import asking
from webdesk.ops.menu import READERS
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("usual", __name__, url_prefix="/usual")

DAYS = 30
SOURCES = {"phone": "By telephone", "web": "On the web", "agent": "Taken by an agent"}

#: The drawing: a column a day, and how high the highest is.
STEP, GAP, HEIGHT = 22, 4, 120


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The share, day by day, and by where the order was made."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    asked = {"subscriber": subscriber["id"], "days": DAYS}
    found = asking.rows(sql.ops_usual_by_day, zone=subscriber["timezone"], **asked)
    today = datetime.now(UTC).astimezone(ZoneInfo(subscriber["timezone"])).date()
    return render_template(
        "ops/usual.html",
        subscribers=subscribers,
        subscriber=subscriber,
        days=DAYS,
        total=split(asking.row(sql.suggestion_share, **asked) or {}),
        sources=[
            {"label": label, **summed([row for row in found if row["source"] == source])}
            for source, label in SOURCES.items()
        ],
        chart=columns(found, today),
    )


def summed(rows: Sequence[Json]) -> Json:
    """Several rows as one."""
    keys = ("orders", "first_taken", "any_taken")
    return split({key: sum(row[key] for row in rows) for key in keys})


def split(counts: Json) -> Json:
    """First taken, another taken, none; ``share`` is that of the first, None without orders."""
    orders, first = counts.get("orders", 0), counts.get("first_taken", 0)
    return {
        "orders": orders,
        "first": first,
        "other": counts.get("any_taken", 0) - first,
        "none": orders - counts.get("any_taken", 0),
        "share": first / orders if orders else None,
    }


def columns(rows: Sequence[Json], today: date) -> Json:
    """A column a day, the last is ``today``; the first of them has only the end of its day."""
    days = [today - timedelta(days=back) for back in range(DAYS, -1, -1)]
    sums = [{"day": day, **summed([row for row in rows if row["day"] == day])} for day in days]
    most = max(one["orders"] for one in sums)
    return {
        "width": STEP * len(days) - GAP,
        "height": HEIGHT,
        "most": most,
        "days": [
            {**one, "x": STEP * place, "parts": _parts(one, most)} for place, one in enumerate(sums)
        ],
    }


def _parts(one: Json, most: int) -> list[Json]:
    """The parts of a column, from below: place and height of those that are not empty."""
    parts, below = [], float(HEIGHT)
    for kind in ("first", "other", "none"):
        high = HEIGHT * one[kind] / most if most else 0.0
        below -= high
        if high:
            parts.append({"kind": kind, "y": round(below, 1), "height": round(high, 1)})
    return parts
