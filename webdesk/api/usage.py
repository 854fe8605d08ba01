"""What a business owes: the sums of a month and the lines behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Response

from db.queries import sql
from webdesk import statement
from webdesk.api import data
from webdesk.api.auth import Business
from webdesk.api.models import Usage, UsagePageQuery, UsageQuery
from webdesk.api.operation import Ask, Reply, operation


@operation("GET", "/usage", query=UsagePageQuery, answers={200: Usage})
def read_usage(ask: Ask[UsagePageQuery]) -> Reply:
    """Read the usage of a month: sums, and lines page by page."""
    query, business = ask.what, ask.business
    month = month_of(query, business)
    sums = data.rows(sql.usage_statement, month=month, subscriber=business.id)[0]
    lines = data.rows(
        sql.usage_lines,
        subscriber=business.id,
        month=month,
        after=query.after,
        limit=query.limit + 1,
    )
    shown = lines[: query.limit]
    return Reply(
        Usage.model_validate(
            {
                **sums,
                "month": f"{month:%Y-%m}",
                "time_zone": business.time_zone,
                "lines": shown,
                "next": shown[-1]["id"] if len(lines) > query.limit else None,
            }
        )
    )


@operation("GET", "/usage.csv", query=UsageQuery, answers={200: "text/csv"})
def download_usage(ask: Ask[UsageQuery]) -> Response:
    """Download all lines of a month as CSV."""
    month = month_of(ask.what, ask.business)
    return statement.download(ask.business.id, ask.business.code, month)


def month_of(query: UsageQuery, business: Business) -> date:
    """The first of the month asked for; of the present one, where the business is, by default."""
    if query.month:
        return date.fromisoformat(f"{query.month}-01")
    return datetime.now(UTC).astimezone(ZoneInfo(business.time_zone)).date().replace(day=1)
