"""Monthly statements: what each subscriber owes, line by line, down to the legs of a call."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from db.queries import sql
from webdesk import statement, store
from webdesk.calls import parse_call_id
from webdesk.ops.menu import EDITORS
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import role_required

bp = Blueprint("usage", __name__, url_prefix="/usage")

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
#: Lines on one page.
SHOWN = 200


@bp.get("")
@role_required(*EDITORS)
def index() -> str | tuple[str, int]:
    """The sums of a month, one row a subscriber."""
    asked = request.args.get("month", "").strip()
    month = read_month(asked)
    wrong = bool(asked) and month is None
    month = month or this_month()
    sums = [] if wrong else store.rows(services().pool, sql.usage_statement, **_of(month))
    page = render_template(
        "ops/usage.html",
        month=month,
        asked=asked or f"{month:%Y-%m}",
        wrong=wrong,
        sums=sums,
        total=sum((row["amount_cents"] for row in sums), Decimal(0)),
    )
    return (page, 422) if wrong else page


def _of(month: date, subscriber: int | None = None) -> store.Json:
    return {"month": month, "subscriber": subscriber}


def read_month(text: str) -> date | None:
    """``2026-11`` as its first day; None when it is no month.

    >>> read_month("2026-11"), read_month("2026-13")
    (datetime.date(2026, 11, 1), None)
    """
    return date.fromisoformat(f"{text}-01") if MONTH.fullmatch(text) else None


def this_month() -> date:
    """The first day of the present month."""
    return datetime.now(UTC).date().replace(day=1)


@bp.get("/<code>/<month>")
@role_required(*EDITORS)
def lines(code: str, month: str) -> str:
    """The lines of one subscriber's month."""
    first, subscriber = _month_of_path(month), _subscriber(code)
    svc = services()
    sums = store.rows(svc.pool, sql.usage_statement, **_of(first, subscriber["id"]))[0]
    after = request.args.get("after", "0")
    found = statement.read_lines(
        svc, subscriber["id"], first, int(after) if after.isdecimal() else 0, SHOWN + 1
    )
    return render_template(
        "ops/usage_lines.html",
        subscriber=subscriber,
        zone=ZoneInfo(subscriber["timezone"]),
        month=first,
        sums=sums,
        lines=found[:SHOWN],
        next=found[SHOWN - 1]["id"] if len(found) > SHOWN else None,
    )


@bp.get("/<code>/<month>.csv")
@role_required(*EDITORS)
def download(code: str, month: str) -> Response:
    """The same as a file."""
    return statement.download(_subscriber(code)["id"], code, _month_of_path(month))


@bp.get("/calls/<call_id>")
@role_required(*EDITORS)
def call(call_id: str) -> str:
    """The legs of a call, each with the line that bills it."""
    call_id = parse_call_id(call_id)
    legs = store.rows(services().pool, sql.usage_of_call, call=call_id)
    if not legs:
        raise Problem(404, "no-such-call", "There is no such call, or it has no legs yet.")
    return render_template(
        "ops/usage_call.html",
        call_id=call_id,
        legs=legs,
        total=sum((leg["amount_cents"] or Decimal(0) for leg in legs), Decimal(0)),
    )


def _month_of_path(text: str) -> date:
    month = read_month(text)
    if month is None:
        raise Problem(404, "no-such-month", "There is no such month. Choose one.")
    return month


def _subscriber(code: str) -> store.Json:
    found = store.one_row(services().pool, sql.subscriber_by_code, code=code)
    if found is None:
        raise Problem(404, "no-such-subscriber", "There is no such subscriber. Choose one.")
    return found


def amount(cents: Decimal) -> str:
    """Cents as an amount, rounded to two decimals.

    >>> amount(Decimal("1234.5678"))
    '12.35'
    """
    return f"{cents / 100:,.2f}"


def span(seconds: int) -> str:
    """Seconds as hours, minutes and seconds.

    >>> span(75), span(4000)
    ('1:15', '1:06:40')
    """
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


bp.add_app_template_filter(amount, "amount")
bp.add_app_template_filter(span, "span")
