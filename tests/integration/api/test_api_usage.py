"""Usage by the API: sums and lines that agree, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from support.api import HALYARD_SECRET, Api, problem

Connection = psycopg.Connection[dict[str, Any]]

#: A month in which nobody else's test makes calls.
MONTH = "2031-03"
NOON = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def call_id(db: Connection) -> Iterator[str]:
    """A call with seven legs over the trunk, of 1 to 7 minutes."""
    made = str(uuid4())
    db.execute(
        "INSERT INTO call (id, subscriber_id, direction, started) VALUES (%s, 2, 'outbound', %s)",
        [made, NOON],
    )
    for leg in range(1, 8):
        db.execute(
            "INSERT INTO call_leg (call_id, channel, role, party, started, answered, ended)"
            " VALUES (%s, %s, 'customer', '+13125550150', %s, %s, %s)",
            [made, f"{made}.{leg}", NOON, NOON, NOON + timedelta(minutes=leg)],
        )
    db.execute("SELECT apply_usage_v1(%s)", [made])
    yield made
    db.execute("DELETE FROM usage_line WHERE call_id = %s", [made])
    db.execute("DELETE FROM call WHERE id = %s", [made])


def test_lines_page_by_page_add_up_to_the_sums(api: Api, call_id: str) -> None:
    lines: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = api.get(f"/usage?month={MONTH}&limit=3&after={after}").get_json()
        lines += page["lines"]
        after = page["next"]
    assert [line["channel"] for line in lines] == [f"{call_id}.{leg}" for leg in range(1, 8)]
    assert page["legs"] == 7
    assert page["seconds"] == sum(line["seconds"] for line in lines) == 28 * 60
    total = sum(Decimal(line["amount_cents"]) for line in lines)
    assert Decimal(page["amount_cents"]) == total == Decimal("42.0000")
    assert (page["month"], page["time_zone"], page["unrated"]) == (MONTH, "America/Chicago", 0)


def test_the_file_has_the_same_lines(api: Api, call_id: str) -> None:
    answer = api.get(f"/usage.csv?month={MONTH}")
    assert answer.content_type.startswith("text/csv")
    assert f"usage-pantry-{MONTH}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["channel"] for row in rows] == [f"{call_id}.{leg}" for leg in range(1, 8)]
    assert sum(Decimal(row["amount_cents"]) for row in rows) == Decimal("42")


def test_a_month_without_calls_is_empty(api: Api) -> None:
    page = api.get("/usage?month=2040-01").get_json()
    assert (page["legs"], page["amount_cents"], page["lines"]) == (0, "0.0000", [])
    assert api.get("/usage.csv?month=2040-01").text.count("\n") == 1


def test_the_present_month_is_meant_when_none_is_named(api: Api) -> None:
    assert api.get("/usage").get_json()["month"] in {
        f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m}" for hours in (0, 7)
    }


def test_others_see_nothing_of_it(app: Flask, call_id: str) -> None:
    page = Api(app, "halyard", HALYARD_SECRET).get(f"/usage?month={MONTH}").get_json()
    assert page["legs"] == 0


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=26-01", "month=", "after=-1", "limit=501", "month=2026-01-01"]
)
def test_a_bad_month_is_named(api: Api, query: str) -> None:
    assert problem(api.get(f"/usage?{query}"), 422) == "invalid"
