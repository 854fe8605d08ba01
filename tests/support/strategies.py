"""Builds of strategies as the tests see them: lists, rows of builds, and a build that is killed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import psycopg

from cordboard.settings import ROOT, Settings

Connection = psycopg.Connection[dict[str, Any]]


def lists(conn: Connection) -> dict[int, tuple[object, ...]]:
    """Customer -> offers, p, EV and the reasons for the others, whatever build they are of."""
    rows = conn.execute(
        "SELECT s.customer_id, s.offers, s.p, s.ev_cents, kept_out_v1(s.kept_out, b) AS out"
        " FROM offer_strategy s JOIN strategy_build b ON b.id = s.build_id"
    )
    return {
        row["customer_id"]: (row["offers"], row["p"], row["ev_cents"], row["out"]) for row in rows
    }


def offered(conn: Connection, customer: int) -> dict[str, int]:
    """Code -> EV of what is offered, best first."""
    rows = conn.execute(
        "SELECT o.code, place.ev FROM offer_strategy s,"
        " unnest(s.offers, s.ev_cents) WITH ORDINALITY AS place (id, ev, rank)"
        " JOIN offer o ON o.id = place.id WHERE s.customer_id = %s ORDER BY place.rank",
        [customer],
    )
    return {row["code"]: row["ev"] for row in rows}


def why(conn: Connection, customer: int, code: str) -> str | None:
    """Why an offer is in no list; None when it is in the customer's."""
    row = conn.execute(
        "SELECT kept_out_v1(s.kept_out, b) ->> o.id::text AS why FROM offer_strategy s"
        " JOIN strategy_build b ON b.id = s.build_id CROSS JOIN offer o"
        " WHERE s.customer_id = %s AND o.code = %s",
        [customer, code],
    ).fetchone()
    assert row is not None
    return row["why"]  # type: ignore[no-any-return]


def best(conn: Connection, customer: int, kind: str) -> str | None:
    """What a call is given of a kind."""
    row = conn.execute("SELECT code FROM best_offer_v1(%s, %s)", [customer, kind]).fetchone()
    return row["code"] if row else None


def tables(conn: Connection) -> list[str]:
    """Tables that builds fill."""
    rows = conn.execute("SELECT tablename FROM pg_tables WHERE tablename ~ '^offer_strategy_'")
    return [row["tablename"] for row in rows]


def states(conn: Connection) -> list[str]:
    """Of the builds of Halyard, the latest first; the first is the demo world's."""
    rows = conn.execute(
        "SELECT state::text FROM strategy_build WHERE subscriber_id = 1 ORDER BY id DESC"
    )
    return [row["state"] for row in rows][:-1]


def kill_a_build(settings: Settings, *words: str, processes: int = 1) -> None:
    """Build for all (or for these subscribers) in chunks of 50, and kill it when one is stored.

    Args:
        settings: name the databases.
        words: codes of subscribers.
        processes: that form lists.
    """
    urls = [settings.database, settings.offers_database]
    program = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(processes), *urls, *words],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        cwd=ROOT,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"in the middle\n"
    program.kill()
    program.communicate(timeout=20)


#: Waits for ever after the first chunk.
BUILD = """
import sys
from cordboard.settings import Settings
from db.strategies import build_whole, chunk

chunk.SIZE = 50
def tell(done, all_):
    if done:
        print("in the middle", flush=True)
        sys.stdin.read()
if __name__ == "__main__":
    processes, customers, offers, *codes = sys.argv[1:]
    settings = Settings(database_url=customers, offers_database_url=offers)
    build_whole(settings, codes or None, processes=int(processes), tell=tell)
"""
