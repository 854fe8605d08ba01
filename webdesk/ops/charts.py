"""Coordinates of the drawings of learning: calibration, lift, and rates over weeks. No I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]

#: The square of the calibration, with room for its axes.
SIDE, LEFT, BELOW, ABOVE = 320, 46, 34, 10
#: A line of weeks.
WIDTH, HEIGHT, EDGE = 240, 40, 4
#: Longest bar, in the units of its own drawing.
LONGEST_BAR = 600


def calibration(groups: Sequence[Json]) -> Json:
    """What was said against what happened; on the diagonal both are the same.

    A point's area is its share of the presentations.
    """
    top = _round_up(max([*(one["p"] for one in groups), *(one["rate"] for one in groups), 0.05]))
    most = max((one["n"] for one in groups), default=1)

    def x(share: float) -> float:
        return round(LEFT + SIDE * share / top, 1)

    def y(share: float) -> float:
        return round(ABOVE + SIDE * (1 - share / top), 1)

    points = [
        {**one, "x": x(one["p"]), "y": y(one["rate"]), "r": round(9 * (one["n"] / most) ** 0.5, 1)}
        for one in groups
    ]
    ticks = [top * part / 4 for part in range(5)]
    return {
        "width": LEFT + SIDE + 16,
        "height": ABOVE + SIDE + BELOW,
        "points": points,
        "path": " ".join(f"{point['x']},{point['y']}" for point in points),
        "diagonal": {"x1": x(0), "y1": y(0), "x2": x(top), "y2": y(top)},
        "ticks": [{"x": x(tick), "y": y(tick), "label": f"{tick:.0%}"} for tick in ticks],
        "left": LEFT,
        "base": ABOVE + SIDE,
        "right": LEFT + SIDE,
    }


def _round_up(share: float) -> float:
    """The end of the axes: a multiple of a fifth, a tenth or a twentieth.

    >>> _round_up(0.31), _round_up(0.07)
    (0.4, 0.1)
    """
    step = 0.2 if share > 0.4 else 0.1 if share > 0.1 else 0.05
    return round(min(math.ceil(share / step - 1e-9) * step, 1.0), 2)


def lift(groups: Sequence[Json]) -> list[Json]:
    """One bar a group; without a base rate there is no lift."""
    most = max([*(one["lift"] or 0.0 for one in groups), 1.0])
    return [{**one, "width": round(LONGEST_BAR * (one["lift"] or 0.0) / most, 1)} for one in groups]


def weeks_between(first: date, last: date) -> list[date]:
    """The Mondays of all weeks from one to the other.

    >>> weeks_between(date(2026, 1, 5), date(2026, 1, 14))
    [datetime.date(2026, 1, 5), datetime.date(2026, 1, 12)]
    """
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1)]


def line(by_week: Mapping[date, tuple[int, int]], weeks: Sequence[date], top: float) -> Json:
    """A rate over weeks: segments between neighbouring weeks that have answers, and their points.

    ``by_week`` has answered and accepted of a week; ``top`` is the highest rate of the drawing.
    """
    step = (WIDTH - 2 * EDGE) / max(len(weeks) - 1, 1)
    runs: list[list[str]] = [[]]
    points = []
    for number, week in enumerate(weeks):
        answered, accepted = by_week.get(week, (0, 0))
        if not answered:
            runs.append([])
            continue
        rate = accepted / answered
        x = round(EDGE + step * number, 1)
        y = round(EDGE + (HEIGHT - 2 * EDGE) * (1 - min(rate / top, 1.0)), 1)
        runs[-1].append(f"{x},{y}")
        points.append({"x": x, "y": y, "week": week, "rate": rate, "n": answered})
    return {"runs": [" ".join(run) for run in runs if len(run) > 1], "points": points}


def rates(rows: Sequence[Json], key: str, weeks: Sequence[date]) -> list[Json]:
    """One row for each value of ``key``: sums over all weeks, its rate, and its line."""
    found: dict[Any, Json] = {}
    for row in rows:
        one = found.setdefault(
            row[key], {**row, "presented": 0, "answered": 0, "accepted": 0, "by_week": {}}
        )
        for name in ("presented", "answered", "accepted"):
            one[name] += row[name]
        one["by_week"][row["week"]] = (row["answered"], row["accepted"])
    top = (
        max(
            [
                accepted / answered
                for one in found.values()
                for answered, accepted in one["by_week"].values()
                if answered >= 5
            ],
            default=1.0,
        )
        or 1.0
    )
    for one in found.values():
        one["rate"] = one["accepted"] / one["answered"] if one["answered"] else None
        one["line"] = line(one.pop("by_week"), weeks, top)
    return list(found.values())
