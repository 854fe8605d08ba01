"""Build the strategies of the customers that changed, and put them into the lists in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from psycopg import Connection

from cordboard.settings import Settings
from db.offer_sync import sync
from db.queries import sql
from db.strategies import chunk
from db.strategies.chunk import Former, Lists, Range, Source
from db.strategies.claim import KILLED, SWAPPING, Subscriber, claim, find_subscribers
from db.strategies.databases import (
    Built,
    Databases,
    Row,
    Tell,
    begin,
    describe,
    end,
    failing,
    forget_deleted,
    nobody,
    open_databases,
    refresh_features,
)
from db.strategies.facts import read_facts
from db.strategies.outdated import mark_rested, outdated
from db.strategies.resume import forget_stored
from db.strategies.whole import build_whole
from db.strategies.work import copy_lists

#: The temporary table that take_strategy_news_v1 reads.
NEWS = "strategy_news"


def build_changed(
    settings: Settings,
    codes: Sequence[str] | None = None,
    *,
    tell: Tell = nobody,
) -> list[Built]:
    """Form anew the lists of the customers in ``customer_changed``, and of those with an offer that
    has rested.

    Those of a subscriber come into force in one transaction. A customer who changes meanwhile stays
    marked. Without changes nothing is built. Of a subscriber whose offers or model have changed all
    lists are built: nobody's are right.

    Raises:
        BuildError: an unknown subscriber, or somebody else builds for one of them.
        psycopg.Error: a database is away.
    """
    sync(settings)
    with open_databases(settings) as db:
        subscribers = find_subscribers(db.offers, codes)
        edited = outdated(db, subscribers)
    whole: list[Built] = []
    if edited:
        # Their attributes are a day old at most: those of customers who changed are computed.
        whole = build_whole(settings, [one.code for one in edited], refresh=False, tell=tell)
    return whole + _build_each(settings, [one for one in subscribers if one not in edited], tell)


def _build_each(settings: Settings, subscribers: Sequence[Subscriber], tell: Tell) -> list[Built]:
    """The changed customers of these subscribers."""
    if not subscribers:
        return []
    with open_databases(settings) as db, claim(db.offers, subscribers) as killed:
        end(db, [one.id for one in killed if not one.whole], KILLED)
        forget_deleted(db)
        began = {one.id: mark_rested(db, one) for one in subscribers}
        changed = refresh_features(db, subscribers, whole=False)
        source = Source(settings.database)
        try:
            found: list[Built] = []
            for one in subscribers:
                tell(sum(built.customers for built in found), changed)
                found += _build(db, source, one, began[one.id])
        finally:
            source.close()
        tell(changed, changed)
        if any(one.whole for one in killed):
            _forget_stored(db, subscribers)
        done = {"subscribers": [one.id for one in subscribers]}
        db.customers.execute(sql.forget_kept_marks, done)
        return found


def _build(db: Databases, source: Source, one: Subscriber, began: datetime | None) -> list[Built]:
    """The changed customers of one subscriber; nothing when there are none."""
    ranges = list(_ranges(db, one.id))
    if not ranges:
        return []
    build = begin(db, one, whole=False, since=began)
    with failing(db, [build]):
        customers = sum(len(which.only or ()) for which in ranges)
        facts = read_facts(db.offers, one.id, one.today)
        describe(db, build, facts, customers)
        former = Former(facts)
        lists = [
            some
            for which in ranges
            for some in former.form(source.features(which), source.answers(which))
        ]
        for conn in db.each():
            done = _put_in(conn, build, lists)
        db.offers.execute(sql.strategy_build_went_on, {"build": build, "more": done})
        db.offers.execute(sql.end_strategy_build, {"build": build, "error": None})
    return [Built(one.code, build, done, len(facts.catalogue.live), facts.warnings)]


def _ranges(db: Databases, subscriber: int) -> Iterator[Range]:
    above = -1
    while True:
        asked = {"subscriber": subscriber, "above": above, "limit": chunk.SIZE}
        row = db.customers.execute(sql.kept_marks, asked).fetchone()
        customers = row["customers"] if row else []
        if not customers:
            return
        yield Range(subscriber, above, customers[-1], tuple(customers))
        above = customers[-1]


def _forget_stored(db: Databases, subscribers: Sequence[Subscriber]) -> None:
    """Whoever has a new list does not get an older one from a killed build that goes on."""
    for one in subscribers:
        for which in _ranges(db, one.id):
            forget_stored(db, which.only or ())


def _put_in(conn: Connection[Row], build: int, lists: Sequence[Lists]) -> int:
    """The lists come into force; answers how many."""
    with conn.transaction():
        conn.execute(f"CREATE TEMPORARY TABLE {NEWS} (LIKE offer_strategy) ON COMMIT DROP")
        count = copy_lists([conn], NEWS, build, lists)
        # Not while a build of all puts its table in place: it would not have these.
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [SWAPPING])
        conn.execute(sql.take_strategy_news)
    return count
