"""The drawing of usual orders: every order is in one part of one column."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from webdesk.ops.usual import DAYS, HEIGHT, columns, split, summed

TODAY = date(2026, 11, 25)


def row(back: int, orders: int, first: int, taken: int, source: str = "phone") -> dict[str, Any]:
    day = TODAY - timedelta(days=back)
    return {
        "day": day,
        "source": source,
        "orders": orders,
        "first_taken": first,
        "any_taken": taken,
    }


ROWS = [row(30, 1, 0, 0), row(1, 4, 2, 3), row(1, 4, 4, 4, "web"), row(0, 2, 1, 2)]


def test_an_order_took_the_first_or_another_or_none() -> None:
    total = summed(ROWS)
    assert (total["first"], total["other"], total["none"]) == (7, 2, 2)
    assert total["orders"] == 11
    assert total["share"] == 7 / 11
    assert split({})["share"] is None


def test_a_column_a_day_as_high_as_its_orders() -> None:
    chart = columns(ROWS, TODAY)
    assert len(chart["days"]) == DAYS + 1
    assert chart["most"] == 8
    oldest, fullest, latest = chart["days"][0], chart["days"][-2], chart["days"][-1]
    assert oldest["parts"] == [{"kind": "none", "y": 105.0, "height": 15.0}]
    assert sum(part["height"] for part in fullest["parts"]) == HEIGHT
    assert [part["kind"] for part in latest["parts"]] == ["first", "other"]
    assert chart["width"] >= latest["x"] + 18


def test_days_without_orders_are_empty_columns() -> None:
    chart = columns([], TODAY)
    assert chart["most"] == 0
    assert all(day["parts"] == [] for day in chart["days"])
