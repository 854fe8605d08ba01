"""The results as a table for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.result import Result

HEADS = ("", "what", "unit", "ours", "peer", "ratio", "goal", "met", "n")
#: Columns with numbers are set to the right.
RIGHT = {3, 4, 5, 8}


def table(results: Sequence[Result]) -> str:
    """The table, with what each peer is below it."""
    rows = [HEADS, *(_row(result) for result in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    peers = [f"{result.id} peer: {result.peer_is}" for result in results]
    return "\n".join([*lines, "", *peers])


def _row(result: Result) -> tuple[str, ...]:
    ratio = result.ratio
    return (
        result.id,
        result.what,
        result.unit,
        _number(result.ours_median),
        _number(result.peer_median),
        "-" if ratio is None else f"{ratio:.2f} ×",
        result.goal.text(result.unit),
        "yes" if result.met else "NO",
        str(result.n),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if i in RIGHT else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _number(value: float) -> str:
    """Three figures that count, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
