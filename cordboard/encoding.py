"""Attributes of customers as numbers for the model: columns of rows, and the matrix of columns.

An amount or a count x becomes ``asinh(x / unit)``, which is linear near the unit, logarithmic far
from it and defined below zero (J. B. Burbidge, L. Magee and A. L. Robb, "Alternative
transformations to handle extreme values of the dependent variable", JASA 83, 1988), is
standardised, and is bent at each knot, so that a linear model can follow a curve. A text becomes
one column for each word that the training met. Numpy only, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float32]

#: Standardised numbers are cut off here: nobody is extrapolated farther than training saw.
FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class Texts:
    """A text attribute of many customers: ``words[codes[i]]`` is that of customer i.

    Codes are whole numbers from 0; a negative one is a customer without a value. A pyarrow
    dictionary array has these two as ``indices`` and ``dictionary``.
    """

    codes: Array
    words: Sequence[str]


#: Attribute -> its values, one a customer, all of one length. NaN is a number that is not known.
Columns = Mapping[str, "Array | Texts"]


@dataclass(frozen=True, slots=True)
class Number:
    """How an attribute of type number or flag becomes ``1 + len(knots)`` columns.

    Attributes:
        attribute: its name.
        unit: an ordinary size of it, in the attribute's own unit; above 0.
        mean: of ``asinh(x / unit)`` in training; a value that is not known counts as this.
        scale: standard deviation of the same; above 0.
        knots: standardised values at which the curve may bend, rising.
    """

    attribute: str
    unit: float = 1.0
    mean: float = 0.0
    scale: float = 1.0
    knots: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return 1 + len(self.knots)

    def fill(self, values: Array | Texts, out: Floats) -> None:
        """Write the columns, which are the rows of ``out``."""
        if isinstance(values, Texts):
            raise TypeError(f"{self.attribute} is a number to the model, but these are texts")
        with np.errstate(over="ignore"):
            np.divide(values, np.float32(self.unit), out=out[0], casting="unsafe")
        np.arcsinh(out[0], out=out[0])
        out[0] -= np.float32(self.mean)
        out[0] /= np.float32(self.scale)
        np.nan_to_num(out[0], copy=False, nan=0.0, posinf=FARTHEST, neginf=-FARTHEST)
        np.clip(out[0], -FARTHEST, FARTHEST, out=out[0])
        for row, knot in zip(out[1:], self.knots, strict=True):
            np.subtract(out[0], np.float32(knot), out=row)
            np.maximum(row, 0, out=row)


@dataclass(frozen=True, slots=True)
class Text:
    """How an attribute of type text becomes a column for each word; another word is 0 in all."""

    attribute: str
    words: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return len(self.words)

    def fill(self, values: Array | Texts, out: Floats) -> None:
        """Write the columns, which are the rows of ``out``."""
        texts = values if isinstance(values, Texts) else texts_of(values)
        known = {word: code for code, word in enumerate(texts.words)}
        for row, word in zip(out, self.words, strict=True):
            np.equal(texts.codes, known.get(word, len(known)), out=row, casting="unsafe")


Part = Number | Text


def width(parts: Iterable[Part]) -> int:
    """Columns of the matrix that these parts make."""
    return sum(part.width for part in parts)


def features_matrix(columns: Columns, parts: Sequence[Part]) -> Floats:
    """The matrix, customers x ``width(parts)``, float32, each column in one piece of memory.

    Raises:
        KeyError: an attribute has no column.
        TypeError: it has one of another type.
    """
    count = _count(columns, parts)
    rows = np.empty((width(parts), count), np.float32)
    at = 0
    for part in parts:
        part.fill(columns[part.attribute], rows[at : at + part.width])
        at += part.width
    return rows.T


def _count(columns: Columns, parts: Sequence[Part]) -> int:
    """How many customers there are."""
    if not parts:
        return 0
    values = columns[parts[0].attribute]
    return len(values.codes if isinstance(values, Texts) else values)


def columns_of(rows: Sequence[Mapping[str, Any]], parts: Sequence[Part]) -> Columns:
    """The columns of rows as the database (or the JSON of an exposure) has them.

    An attribute that a row lacks is not known; so is a value of the wrong type.
    """
    return {
        part.attribute: (
            np.array([_number(row.get(part.attribute)) for row in rows], np.float64)
            if isinstance(part, Number)
            else texts_of([row.get(part.attribute) for row in rows])
        )
        for part in parts
    }


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def texts_of(values: Iterable[Any]) -> Texts:
    """Number the different words; what is no text has code -1."""
    known: dict[str, int] = {}
    codes = [
        known.setdefault(str(value), len(known)) if isinstance(value, str) else -1
        for value in values
    ]
    return Texts(np.array(codes, np.int32), tuple(known))
