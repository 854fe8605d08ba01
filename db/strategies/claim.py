"""One build of a subscriber at a time: whoever comes second is told who builds, and since when."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from db.queries import sql

Row = dict[str, Any]

#: First key of the advisory locks of builds; the second is the subscriber.
BUILDING = 0xCB51
#: Key of the advisory lock under which lists come into force, in either database.
SWAPPING = 0xCB52

#: Why a build has failed whose program is gone.
KILLED = "The program that built was ended; the lists from before are in force."


class BuildError(Exception):
    """Strategies cannot be built; the message says why and what to do."""


class BuildRunning(BuildError):
    """Somebody else builds for the same subscriber."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber, and the date there."""

    id: int
    code: str
    name: str
    today: date


def find_subscribers(conn: Connection[Row], codes: Sequence[str] | None) -> list[Subscriber]:
    """The subscribers of these codes, or all of them.

    Raises:
        BuildError: there is no subscriber of that code.
    """
    asked = {"codes": None if codes is None else list(codes)}
    found = [Subscriber(**row) for row in conn.execute(sql.strategy_subscribers, asked)]
    for code in codes or ():
        if code not in {one.code for one in found}:
            everybody = conn.execute(sql.strategy_subscribers, {"codes": None})
            known = ", ".join(row["code"] for row in everybody) or "none"
            raise BuildError(f"there is no subscriber {code[:40]!r}. There are: {known}.")
    return found


@dataclass(frozen=True, slots=True)
class Killed:
    """A build whose program was ended: its row says that it runs.

    Attributes:
        id: its row.
        subscriber: whose lists.
        whole: of all customers.
        tries: how often it was begun.
        inputs: see ``portable.inputs_of``.
    """

    id: int
    subscriber: int
    whole: bool
    tries: int
    inputs: str


@contextmanager
def claim(conn: Connection[Row], subscribers: Sequence[Subscriber]) -> Iterator[list[Killed]]:
    """Build for these subscribers alone; yields the builds for them that were killed.

    The claim ends with the connection, so that a program that is killed blocks nobody.

    Raises:
        BuildRunning: somebody else does, for one of them.
    """
    taken: list[Subscriber] = []
    try:
        for one in subscribers:
            if not _lock(conn, one):
                raise BuildRunning(_who(conn, one))
            taken.append(one)
        yield [
            Killed(**row)
            for one in subscribers
            for row in conn.execute(sql.dead_strategy_builds, {"subscriber": one.id}).fetchall()
        ]
    finally:
        if not conn.broken:
            for one in taken:
                conn.execute("SELECT pg_advisory_unlock(%s, %s)", [BUILDING, one.id])


def _lock(conn: Connection[Row], one: Subscriber) -> bool:
    row = conn.execute("SELECT pg_try_advisory_lock(%s, %s) AS mine", [BUILDING, one.id]).fetchone()
    return bool(row and row["mine"])


def _who(conn: Connection[Row], one: Subscriber) -> str:
    row = conn.execute(sql.running_strategy_build, {"subscriber": one.id}).fetchone()
    if row is None:
        return f"the strategies of {one.code} are being built: somebody has just begun."
    return (
        f"the strategies of {one.code} are being built by {row['builder'] or 'somebody'} since"
        f" {row['started_at']:%Y-%m-%d %H:%M:%S} UTC ({row['done']:,} of {row['customers']:,}"
        f" customers are done): wait for it, or end that program. {row['error'] or ''}".rstrip()
    )


def builder() -> str:
    """Who builds, for whoever comes second."""
    return f"{socket.gethostname()[:100]}, process {os.getpid()}"
