"""Rows on the terminal: a line each for people, or all of them as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

Row = dict[str, Any]


def show(
    rows: Sequence[Row], one_line: Callable[[Row], str], *, in_json: bool, nothing: str
) -> None:
    """Print rows; ``nothing`` is what people read when there is none."""
    if in_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    for row in rows:
        click.echo(one_line(row))
    if not rows:
        click.echo(nothing)
