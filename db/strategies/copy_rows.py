"""Rows of ``offer_strategy`` in PostgreSQL's binary COPY format, made by numpy chunk by chunk.

Format: PostgreSQL documentation, COPY, "Binary Format". A field is its length and its value, in
network order; an array is ``dimensions, has nulls, element type`` and for its one dimension
``length, lower bound``, then its elements as fields. Rows whose lists have one length have one
size, so that each of their fields is one strided column of a matrix of bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cordboard.strategy import Ranked

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_INT4, _FLOAT4 = 23, 700


def encode(
    build: int,
    customers: NDArray[np.int64],
    ranked: Ranked,
    offers: NDArray[np.int64],
    kept_out: NDArray[np.uint8],
) -> Iterator[memoryview]:
    """The rows in pieces, without header and trailer; in any order.

    Args:
        build: ``strategy_build.id``.
        customers: ``customer.id`` of each row.
        ranked: their lists.
        offers: ``offer.id`` of each column that ``ranked`` speaks of.
        kept_out: customers x catalogue.
    """
    ids = np.append(offers, 0)  # the last for empty places
    for count in np.unique(ranked.counts):
        mine = np.flatnonzero(ranked.counts == count)
        rows = _rows(len(mine), int(count), kept_out.shape[1], build)
        rows["customer"] = customers[mine]
        for name, values in (
            ("offers", ids[ranked.columns[mine, :count]]),
            ("p", ranked.p[mine, :count]),
            ("ev_cents", ranked.ev_cents[mine, :count]),
        ):
            if count:
                rows[name]["elements"]["value"] = values
        rows["kept_out"] = kept_out[mine]
        yield rows.view(np.uint8).data


def _rows(number: int, count: int, width: int, build: int) -> NDArray[np.void]:
    """So many rows, filled but for what differs between them."""
    row = np.zeros(1, _row(count, width))
    row["fields"] = 6
    row["customer_length"] = 8
    row["build_length"] = 4
    row["build"] = build
    row["kept_out_length"] = width
    for name, kind in (("offers", _INT4), ("p", _FLOAT4), ("ev_cents", _INT4)):
        array = row[name]
        array["length"] = _array(count, ">i4").itemsize - 4
        array["dimensions"] = min(count, 1)
        array["kind"] = kind
        if count:
            array["size"] = count
            array["lower_bound"] = 1
            array["elements"]["length"] = 4
    return np.repeat(row, number)


def _row(count: int, width: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("fields", ">i2"),
            ("customer_length", ">i4"),
            ("customer", ">i8"),
            ("build_length", ">i4"),
            ("build", ">i4"),
            ("offers", _array(count, ">i4")),
            ("p", _array(count, ">f4")),
            ("ev_cents", _array(count, ">i4")),
            ("kept_out_length", ">i4"),
            ("kept_out", np.uint8, (width,)),
        ]
    )


def _array(count: int, element: str) -> np.dtype[np.void]:
    """An array with so many elements; an empty one has no dimension."""
    head = [("length", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("kind", ">i4")]
    if not count:
        return np.dtype(head)
    elements = np.dtype([("length", ">i4"), ("value", element)])
    return np.dtype(
        [*head, ("size", ">i4"), ("lower_bound", ">i4"), ("elements", elements, (count,))]
    )
