"""New lists come into force, when nobody has the old ones open: however long that takes.

A swap needs the table for itself, for milliseconds. A backup (``pg_dump``) has it open for hours:
the build waits with its finished table, says for whom, and hinders nobody meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from db.queries import sql
from db.strategies.claim import BuildError, Subscriber
from db.strategies.databases import Databases, Row, swapping

log = structlog.get_logger("db.strategies")

#: Readers that come later wait behind a swap that waits: so it gives up soon, and tries again.
LOCK_MS = 300
#: Seconds between two tries: twice as long each time.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
#: Seconds after which it is given up; longer than a backup takes.
PATIENCE_S = 6 * 3600.0
#: Seconds after which it is told who is waited for: readers of a moment are no news.
TELL_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Blocker:
    """A connection that has the lists open; ``pid`` is None for a prepared transaction."""

    pid: int | None
    program: str
    user: str
    since: datetime | None

    def __str__(self) -> str:
        if self.pid is None:
            return "a prepared transaction (see pg_prepared_xacts)"
        who = ", ".join(word for word in (self.program, self.user) if word)
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"process {self.pid} of PostgreSQL ({who or 'unknown'}), in a transaction{since}"


@dataclass(frozen=True, slots=True)
class Filled:
    """A table with all lists of these subscribers, and the builds that filled it."""

    table: str
    subscribers: Sequence[Subscriber]
    builds: Sequence[int]

    def each(self) -> Iterator[tuple[Subscriber, int]]:
        """Each subscriber with its build."""
        return zip(self.subscribers, self.builds, strict=True)


def swap(db: Databases, filled: Filled) -> None:
    """The new lists come into force, in each database in one transaction.

    Where the builds are written down comes last: they are done when all databases have the lists.

    Raises:
        BuildError: somebody had the old ones open all the time.
    """
    for conn in reversed(list(db.each())):
        conn.execute("SET maintenance_work_mem = '256MB'")
        conn.execute(sql.complete_strategy_table, {"table": filled.table})
        # Much to copy, perhaps: not while others wait. What changes until the swap comes with it.
        _take_over(db, conn, filled)
        conn.execute(sql.analyze_strategy_table, {"table": filled.table})
        _wait_for_place(db, conn, filled)


def _wait_for_place(db: Databases, conn: Connection[Row], filled: Filled) -> None:
    """Try until the table is in its place. Between two tries others may change lists."""
    began, told = time.monotonic(), ""
    for pause in _pauses():
        with swapping(conn):
            _take_over(db, conn, filled)
            if _put_in_place(conn, filled, ends=conn is db.offers):
                return
        waited = time.monotonic() - began
        if waited >= PATIENCE_S:
            raise BuildError(
                f"the new lists could not come into force for {waited / 3600:.1f} hours, since"
                f" {_blocker(conn) or 'somebody'} has the old ones open. End that, and build again."
            )
        if waited >= TELL_AFTER_S:
            told = _tell(db, filled, _blocker(conn), told)
        time.sleep(pause)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _take_over(db: Databases, conn: Connection[Row], filled: Filled) -> None:
    """Lists of all other subscribers, as they are now: of whatever build, begun whenever."""
    asked = {"subscribers": [one.id for one in filled.subscribers]}
    row = db.offers.execute(sql.builds_so_far, asked).fetchone()
    if row and row["others"]:
        mine = {"table": filled.table, "builds": row["ids"]}
        conn.execute(sql.take_over_strategies, mine)


def _put_in_place(conn: Connection[Row], filled: Filled, *, ends: bool) -> bool:
    """Whether the table could take its place; with ``ends`` its builds are done then."""
    try:
        with conn.transaction():
            conn.execute(sql.swap_strategies, {"table": filled.table, "lock_ms": LOCK_MS})
            for id_ in filled.builds if ends else ():
                conn.execute(sql.end_strategy_build, {"build": id_, "error": None})
    except LockNotAvailable:
        return False
    return True


def _blocker(conn: Connection[Row]) -> Blocker | None:
    """Who has the lists open longest."""
    row = conn.execute(sql.strategy_blocker).fetchone()
    return Blocker(**row) if row else None


def _tell(db: Databases, filled: Filled, blocker: Blocker | None, told: str) -> str:
    """Say for whom it waits, where ``cordboard strategies status`` shows it, unless it was told."""
    why = f"The lists are ready; they come into force when {blocker or 'a reader'} has ended."
    if why != told:
        for id_ in filled.builds:
            db.offers.execute(sql.strategy_build_waits, {"build": id_, "why": why})
        log.warning("strategies.swap_waits", why=why)
    return why
