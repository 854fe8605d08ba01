"""Chooses, from the examples to learn from, how each attribute becomes columns of the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from cordboard.encoding import Number, Part, Text

#: Attribute -> its type, as ``cordboard/attributes.py`` has it.
Types = Mapping[str, Literal["number", "text", "flag"]]

#: Words of a text that get a column: the most frequent, if met so often.
MOST_WORDS, FEWEST_TIMES = 20, 10
#: Where the curve of a number may bend: these shares of the customers are below.
KNOTS_AT = (0.2, 0.4, 0.6, 0.8)
#: Closer than this (in standard deviations) two knots are one.
APART = 0.2


def choose_parts(rows: Sequence[Mapping[str, Any]], types: Types) -> tuple[Part, ...]:
    """One part for each attribute, in the order of ``types``."""
    return tuple(
        _text(name, rows) if type_ == "text" else _number(name, rows)
        for name, type_ in types.items()
    )


def _text(name: str, rows: Sequence[Mapping[str, Any]]) -> Text:
    met = Counter(row[name] for row in rows if isinstance(row.get(name), str))
    frequent = [word for word, times in met.most_common(MOST_WORDS) if times >= FEWEST_TIMES]
    return Text(name, tuple(sorted(frequent)))


def _number(name: str, rows: Sequence[Mapping[str, Any]]) -> Number:
    values = np.array(
        [row[name] for row in rows if isinstance(row.get(name), (int, float))], np.float64
    )
    values = values[np.isfinite(values)]
    sizes = np.abs(values[values != 0])
    unit = float(np.median(sizes)) if sizes.size else 1.0
    curved = np.arcsinh(values / unit)
    mean, scale = (float(curved.mean()), float(curved.std())) if curved.size else (0.0, 0.0)
    if scale < 1e-6:
        # It is the same for everybody, so it can tell nobody from another.
        return Number(name, unit, mean)
    return Number(name, unit, mean, scale, _knots((curved - mean) / scale))


def _knots(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, ...]:
    """Where it may bend: inside of the values, and not twice at one place."""
    low, high = float(values.min()), float(values.max())
    knots: list[float] = []
    for knot in np.quantile(values, KNOTS_AT):
        if low + APART <= knot <= high - APART and (not knots or knot - knots[-1] >= APART):
            knots.append(float(knot))
    return tuple(knots)
