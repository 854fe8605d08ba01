"""One chunk of customers from the database to rows of ``offer_strategy``.

Attributes come through ADBC, which reads PostgreSQL's binary COPY straight into Arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import adbc_driver_postgresql.dbapi
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cordboard import propensity
from cordboard.attributes import ATTRIBUTES
from cordboard.encoding import Columns, Texts
from cordboard.strategy import (
    NOT_AMONG_BEST,
    STATUSES,
    Answers,
    Ranked,
    keep_out,
    rank,
    rivals,
)
from db.queries import sql
from db.strategies.copy_rows import encode
from db.strategies.eligibility import Eligibility
from db.strategies.facts import Facts

#: Customers in a chunk, which is one question to each program: some tens of megabytes.
SIZE = 131_072
#: Customers that are scored at once: what is computed for them stays in the processor's cache.
BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Range:
    """Customers of a subscriber with ``above < id <= upto``, or ``only`` some of them."""

    subscriber: int
    above: int
    upto: int
    only: tuple[int, ...] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As parameters of queries."""
        only = None if self.only is None else list(self.only)
        return {
            "subscriber": self.subscriber,
            "above": self.above,
            "upto": self.upto,
            "only": only,
        }


class Source:
    """Reads chunks from the customers database, and keeps its connection."""

    def __init__(self, url: str) -> None:
        self._conn = adbc_driver_postgresql.dbapi.connect(url, autocommit=True)
        # Writes parameters into a statement: ADBC reads by COPY only what has none.
        self._writer = psycopg.ClientCursor(psycopg.connect(url, autocommit=True))

    def features(self, which: Range) -> pa.Table:
        """Attributes of the customers, texts as dictionaries, each column in one piece."""
        found = self._read(sql.strategy_features, which.values).combine_chunks()
        for at, name in enumerate(found.column_names):
            if pa.types.is_string(found.schema.types[at]):
                column = pc.dictionary_encode(found.column(name)).combine_chunks()
                found = found.set_column(at, name, column)
        return found

    def answers(self, which: Range) -> pa.Table:
        """What became of offers for these customers."""
        return self._read(sql.strategy_answers, which.values)

    def _read(self, query: bytes, values: dict[str, Any]) -> pa.Table:
        with self._conn.cursor() as cursor:
            cursor.execute(self._writer.mogrify(query, values))
            return cursor.fetch_arrow_table()

    def close(self) -> None:
        """Give both connections back."""
        self._writer.connection.close()
        self._conn.close()


@dataclass(frozen=True, slots=True)
class Lists:
    """The ranked lists of some customers.

    Attributes:
        customers: whose.
        ranked: what they are offered; its columns are places in ``offers``.
        offers: ``offer.id`` of each column.
        kept_out: customers x catalogue.
    """

    customers: NDArray[np.int64]
    ranked: Ranked
    offers: NDArray[np.int64]
    kept_out: NDArray[np.uint8]

    def rows(self, build: int) -> Iterator[memoryview]:
        """As rows for COPY."""
        return encode(build, self.customers, self.ranked, self.offers, self.kept_out)


class Former:
    """Forms lists: the rules and the model of one subscriber, ready to be applied."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._eligibility = Eligibility(facts.catalogue, facts.reasons)
        self._live = np.array(facts.catalogue.live, np.int64)
        self._offers = [facts.catalogue.offers[place] for place in self._live]
        self._rivals = rivals(self._offers)
        self._beaten = np.uint8(facts.reasons.byte(NOT_AMONG_BEST))
        self._ids = np.array([offer.id for offer in facts.catalogue.offers], np.int64)

    def form(self, features: pa.Table, answers: pa.Table) -> Iterator[Lists]:
        """The lists of the customers of ``features``, in blocks."""
        customers = features.column("customer_id").to_numpy()
        kept_out = keep_out(
            self._eligibility.bytes_of(features),
            self.answers(customers, answers),
            self.facts.catalogue,
            self.facts.reasons,
        )
        for at in range(0, len(customers), BLOCK):
            block = slice(at, at + BLOCK)
            ranked = self._rank(features.slice(at, BLOCK), kept_out[block])
            yield Lists(customers[block], ranked, self._ids[self._live], kept_out[block])

    def _rank(self, features: pa.Table, kept_out: NDArray[np.uint8]) -> Ranked:
        """Ranks what is not kept out; what is not among the best is then."""
        everything = len(self._live) == kept_out.shape[1]
        live = kept_out if everything else kept_out[:, self._live]
        priors = [offer.prior for offer in self._offers]
        p = propensity.score(self.facts.model, columns(features), len(features), priors)
        values = [offer.value_cents for offer in self._offers]
        ranked = rank(p, values, live == 0, self._rivals)
        np.putmask(live, ranked.left_out, self._beaten)
        if not everything:
            kept_out[:, self._live] = live
        return ranked

    def answers(self, customers: NDArray[np.int64], found: pa.Table) -> Answers:
        """What became of offers of the catalogue for these customers."""
        asked = found.column("customer_id").to_numpy()
        offers = found.column("offer_id").to_numpy()
        order = np.argsort(customers, kind="stable")
        who, is_here = _places(customers, order, asked)
        which, is_ours = _places(self._ids, np.arange(len(self._ids)), offers)
        status = pc.dictionary_encode(found.column("status")).combine_chunks()
        codes = np.array([STATUSES.index(word) for word in status.dictionary.to_pylist()], np.int64)
        mine = is_here & is_ours
        return Answers(
            customers=who[mine],
            offers=which[mine],
            status=codes[status.indices.to_numpy()][mine],
            times=found.column("times").to_numpy()[mine],
            seconds=found.column("seconds").to_numpy()[mine],
        )


def _places(
    known: NDArray[np.int64], order: NDArray[np.int64], asked: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of ``asked`` stands in ``known``, which ``order`` sorts; and whether it does."""
    if not len(known):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    at = np.searchsorted(known, asked, sorter=order)
    places = order[np.minimum(at, len(known) - 1)]
    return places, known[places] == asked


def columns(features: pa.Table) -> Columns:
    """Attributes as the model wants them."""
    return {name: _column(features.column(name).combine_chunks()) for name in ATTRIBUTES}


def _column(values: Any) -> Any:
    if isinstance(values, pa.DictionaryArray):
        return Texts(values.indices.to_numpy(), values.dictionary.to_pylist())
    return values.to_numpy(zero_copy_only=False)
