"""The databases of one build, and the row that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from cordboard.settings import Settings
from db.queries import sql
from db.strategies.claim import SWAPPING, Subscriber, builder
from db.strategies.facts import Facts
from db.strategies.portable import inputs_of

Row = dict[str, Any]
#: Is called with the number of customers done, and of all.
Tell = Callable[[int, int], None]


def nobody(_done: int, _all: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it for one subscriber; ``warnings`` are sentences for ops."""

    subscriber: str
    build: int
    customers: int
    offers: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Databases:
    """A connection to each of the two databases, which may be one and the same.

    Attributes:
        offers: where strategies belong.
        customers: where attributes and answers are.
        targets: URLs of those that get the lists: calls ask the customers database as well.
    """

    offers: Connection[Row]
    customers: Connection[Row]
    targets: tuple[str, ...]

    def each(self) -> Iterator[Connection[Row]]:
        """The targets."""
        yield self.offers
        if len(self.targets) > 1:
            yield self.customers


@contextmanager
def open_databases(settings: Settings) -> Iterator[Databases]:
    """Connections for one build."""
    targets = tuple(dict.fromkeys((settings.offers_database, settings.database)))
    with _connect(settings.offers_database) as offers, _connect(settings.database) as customers:
        yield Databases(offers, customers, targets)


def _connect(url: str) -> Connection[Row]:
    return psycopg.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=5,
        application_name="cordboard-strategies",
        options="-c timezone=UTC",
    )


def has_strategies(url: str) -> bool:
    """Whether a database has any list."""
    with _connect(url) as conn:
        return conn.execute("SELECT 1 FROM offer_strategy LIMIT 1").fetchone() is not None


def forget_deleted(db: Databases) -> None:
    """Nobody who was deleted has a list, also not by a build that had begun before."""
    db.customers.execute(sql.settle_deletions)
    for conn in db.each():
        conn.execute(sql.drop_deleted_strategies)


def table(ids: Sequence[int], tries: int = 1) -> str:
    """The table that these builds fill when they were begun so often."""
    return f"offer_strategy_build_{ids[0]}_{tries}"


def end(db: Databases, ids: Sequence[int], why: str) -> None:
    """These builds have failed: say why, and drop what they filled."""
    for id_ in ids:
        db.offers.execute(sql.end_strategy_build, {"build": id_, "error": why})
        for conn in db.each():
            conn.execute(sql.drop_strategy_tables, {"build": id_})


def begin(db: Databases, one: Subscriber, *, whole: bool, since: datetime | None = None) -> int:
    """The row of a build that has begun now, or before."""
    values = {"subscriber": one.id, "whole": whole, "builder": builder(), "since": since}
    row = db.offers.execute(sql.begin_strategy_build, values).fetchone()
    assert row is not None
    return int(row["id"])


@contextmanager
def failing(db: Databases, ids: Sequence[int]) -> Iterator[None]:
    """Say that these builds have failed when they do, and leave nothing of them."""
    try:
        yield
    except BaseException as error:
        if not db.offers.broken:
            end(db, ids, str(error) or type(error).__name__)
        raise


def describe(db: Databases, build: int, facts: Facts, customers: int, done: int = 0) -> None:
    """Write down in a build's row what it works with, and for how many customers."""
    values = {
        "build": build,
        "model": facts.model_id,
        "catalogue": [offer.id for offer in facts.catalogue.offers],
        "reasons": list(facts.reasons.names),
        "customers": customers,
        "done": done,
        "inputs": inputs_of(facts),
    }
    db.offers.execute(sql.describe_strategy_build, values)


def refresh_features(db: Databases, subscribers: Sequence[Subscriber], *, whole: bool) -> int:
    """Attributes anew, of all customers or of those that changed; answers how many changed."""
    asked = {"subscribers": [one.id for one in subscribers], "whole": whole}
    row = db.customers.execute(sql.refresh_for_build, asked).fetchone()
    return int(row["changed"]) if row else 0


@contextmanager
def swapping(conn: Connection[Row]) -> Iterator[None]:
    """Nobody else changes lists in this database meanwhile."""
    conn.execute("SELECT pg_advisory_lock(%s)", [SWAPPING])
    try:
        yield
    finally:
        if not conn.broken:
            conn.execute("SELECT pg_advisory_unlock(%s)", [SWAPPING])
