"""The rows that both databases have, when offers are in a database of their own (docs/split.md).

Subscribers and agent groups are made in the customers database, offers in the offers database;
each has a copy of the other's, for its foreign keys. Copying is idempotent, and two at once wait
for each other. An edit of an offer calls :func:`sync_after_edit`, a build of strategies
:func:`sync`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
from psycopg import Connection, errors
from psycopg import sql as composed
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from cordboard.settings import Settings
from db.queries import sql

log = structlog.get_logger("db.offer_sync")

#: Made in the customers database, copied by the offers database; in the order of foreign keys.
FROM_CUSTOMERS = ("subscriber", "agent_group")

#: What moves with offers into a database of their own, in the order of foreign keys.
OF_OFFERS = (
    "offer",
    "offer_rule",
    "offer_exclusion",
    "decision_policy",
    "propensity_model",
    "strategy_build",
    "offer_strategy",
)

#: Those of them whose ids are counted.
COUNTED = ("offer", "offer_rule", "propensity_model", "strategy_build")

Json = dict[str, Any]
Conn = Connection[DictRow]


class SyncError(Exception):
    """The databases cannot be brought together; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Synced:
    """What a copy changed: codes of offers, counts of what else, lists that were removed."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    others: int = 0
    forgotten: int = 0

    def words(self) -> str:
        """For people: ``1 offer added (PAN-CREAM), 2 changed (…)``."""
        parts = [
            f"{len(codes)} {word} ({', '.join(codes[:8])}{', …' if len(codes) > 8 else ''})"
            for word, codes in (
                ("added", self.added),
                ("changed", self.changed),
                ("switched off", self.withdrawn),
            )
            if codes
        ]
        if self.others:
            parts.append(f"{self.others} subscribers, groups and exclusions brought up to date")
        if self.forgotten:
            parts.append(f"lists of {self.forgotten} deleted customers removed")
        return "; ".join(parts) or "nothing has changed"


def sync(settings: Settings) -> Synced:
    """Bring both copies up to date; nothing is to be done when there is one database.

    Raises:
        SyncError: the offers database has no offers, or its subscribers are others.
        psycopg.Error: a database is away or not migrated.
    """
    if not settings.is_split:
        return Synced()
    with _both(settings) as (customers, offers):
        others = [one for table in FROM_CUSTOMERS for one in _copy(table, customers, offers)]
        if not _has_offers(offers) and _has_offers(customers):
            raise SyncError(
                "the offers database has no offers, but the customers database has:"
                " 'cordboard offers move' takes them over"
            )
        taken = _copy("offer", offers, customers)
        here = [row["id"] for row in _rows("offer", offers)]
        gone = customers.execute(sql.withdraw_offers, {"ids": here}).fetchall()
        others += _copy("offer_exclusion", offers, customers)
        pairs = Jsonb(_rows("offer_exclusion", offers))
        others += customers.execute(sql.drop_exclusions, {"rows": pairs}).fetchall()
        return Synced(
            added=[row["taken"]["code"] for row in taken if row["added"]],
            changed=[row["taken"]["code"] for row in taken if not row["added"]],
            withdrawn=[row["code"] for row in gone],
            others=len(others),
            forgotten=forget_deleted(customers, offers),
        )


def forget_deleted(customers: Conn, offers: Conn) -> int:
    """Remove the lists of deleted customers from an offers database of its own; answer how many."""
    row = customers.execute(sql.settle_deletions).fetchone()
    offers.execute(sql.take_deletions, {"customers": row["customers"] if row else []})
    dropped = offers.execute(sql.drop_deleted_strategies).fetchone()
    return int(dropped["lists"]) if dropped else 0


def sync_after_edit(settings: Settings) -> str:
    """Copy what was edited; a sentence for the editor when that has to wait, else nothing.

    The edit is stored in any case, and decisions see it: only the customers database's copy is old.
    """
    try:
        sync(settings)
    except (SyncError, psycopg.Error) as error:
        log.warning("offers.not_synced", error=" ".join(str(error).split())[:200])
        return (
            "Stored. The customers database could not be told yet: 'cordboard offers sync' does it,"
            " and so does the next build of strategies."
        )
    return ""


def begin(settings: Settings) -> None:
    """Make the databases one whole, when a stack comes up: the first time offers are moved."""
    with _both(settings) as (customers, offers):
        first = not _has_offers(offers) and _has_offers(customers)
    if first:
        move(settings)
    else:
        sync(settings)


def make_database(settings: Settings) -> None:
    """Make the second database on the customers' server, when there is none of its name yet."""
    name = urlsplit(settings.offers_database).path[1:]
    with psycopg.connect(settings.database, autocommit=True, connect_timeout=5) as conn:
        if not conn.execute(sql.database_exists, {"name": name}).fetchone():
            conn.execute(composed.SQL("CREATE DATABASE {}").format(composed.Identifier(name)))


def move(settings: Settings) -> int:
    """Fill an offers database that has no offers with those of the customers; answer how many.

    Raises:
        SyncError: both are one database, or there are offers already.
        psycopg.Error: a database is away or not migrated.
    """
    if not settings.is_split:
        raise SyncError("offers have no database of their own: set CORDBOARD_OFFERS_DATABASE_URL")
    with _both(settings) as (customers, offers):
        if _has_offers(offers):
            raise SyncError("the offers database has offers already; they stay as they are")
        for table in FROM_CUSTOMERS:
            _copy(table, customers, offers)
        for table in OF_OFFERS:
            _pour(table, customers, offers)
        for table in COUNTED:
            offers.execute(sql.skip_ids, {"table": table})
        return len(_rows("offer", offers))


def list_offers(settings: Settings, subscriber: str | None = None) -> list[Json]:
    """All offers, each with ``copy``: ``same``, ``differs`` or ``missing`` at the customers'."""
    query = {"subscriber": subscriber}
    with _both(settings) as (customers, offers):
        copies = {
            row["id"]: row["whole"] for row in customers.execute(sql.list_offers, query).fetchall()
        }
        found = offers.execute(sql.list_offers, query).fetchall()
    return [{**row, "copy": _compare(row.pop("whole"), copies.get(row["id"]))} for row in found]


def _compare(whole: Json, copy: Json | None) -> str:
    return "missing" if copy is None else "same" if copy == whole else "differs"


def _has_offers(conn: Conn) -> bool:
    row = conn.execute(sql.has_offers).fetchone()
    return bool(row and row["found"])


def _rows(table: str, conn: Conn) -> list[Json]:
    row = conn.execute(sql.read_rows, {"table": table}).fetchone()
    rows: list[Json] = row["rows"] if row else []
    return rows


def _copy(table: str, source: Conn, target: Conn) -> list[Json]:
    """Take a table's rows over; answer those that were new or different."""
    values = {"table": table, "rows": Jsonb(_rows(table, source))}
    try:
        return target.execute(sql.take_rows, values).fetchall()
    except (errors.UniqueViolation, errors.ForeignKeyViolation) as error:
        raise SyncError(
            f"{table} of one database does not fit the other ({error.diag.message_detail}):"
            " the offers database must begin empty and be filled by 'cordboard offers move'"
        ) from error


def _pour(table: str, source: Conn, target: Conn) -> None:
    """All rows of a table, however many, into one that is empty."""
    name = composed.Identifier(table)
    read = composed.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT binary)").format(name)
    write = composed.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)
    with source.cursor().copy(read) as rows, target.cursor().copy(write) as into:
        for block in rows:
            into.write(block)


@contextmanager
def _both(settings: Settings) -> Iterator[tuple[Conn, Conn]]:
    """A transaction in each, customers and offers; one copy at a time."""
    with (
        psycopg.connect(settings.database, row_factory=dict_row, connect_timeout=5) as customers,
        psycopg.connect(
            settings.offers_database, row_factory=dict_row, connect_timeout=5
        ) as offers,
    ):
        for conn in (customers, offers):
            conn.execute("SET LOCAL lock_timeout = '10s'")
        customers.execute(sql.lock_offer_sync)
        yield customers, offers
