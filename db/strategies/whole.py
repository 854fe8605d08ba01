"""Build the strategies of all customers: a new table is filled and takes the place of the old one.

What stands in ``offer_strategy`` is in force until the end. A build that is killed leaves its
table: the next one goes on with it, or drops it (docs/strategies.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from cordboard.settings import Settings
from db.offer_sync import sync
from db.queries import sql
from db.strategies import chunk
from db.strategies.chunk import Range
from db.strategies.claim import Subscriber, claim, find_subscribers
from db.strategies.databases import (
    Built,
    Databases,
    Tell,
    begin,
    describe,
    failing,
    forget_deleted,
    nobody,
    open_databases,
    refresh_features,
    table,
)
from db.strategies.facts import Facts, read_facts
from db.strategies.files import Elsewhere
from db.strategies.resume import Left, keep_left, ranges_left, take_left
from db.strategies.swap import Filled, swap
from db.strategies.work import Order, work_alone, work_in_processes

#: The highest id there can be.
LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Job:
    """The build of one subscriber.

    Attributes:
        build: its row.
        facts: what it works with.
        customers: how many there are.
        done: of how many of them a list is stored already.
        ranges: the others.
    """

    build: int
    facts: Facts
    customers: int
    done: int
    ranges: Iterator[Range]


@dataclass(frozen=True, slots=True)
class Way:
    """How the work is done: by so many processes here, or elsewhere."""

    processes: int
    elsewhere: Elsewhere | None

    def work(
        self, order: Order, ranges: Iterable[Range], customers: int
    ) -> Iterator[tuple[int, int]]:
        """Yields subscriber and number of customers of each part that is stored."""
        if self.elsewhere:
            return self.elsewhere.work(order, ranges)
        if self.processes == 1 or customers <= chunk.SIZE:
            return work_alone(order, ranges)
        return work_in_processes(order, ranges, self.processes)


def build_whole(
    settings: Settings,
    codes: Sequence[str] | None = None,
    *,
    refresh: bool = True,
    processes: int = 0,
    elsewhere: Elsewhere | None = None,
    tell: Tell = nobody,
) -> list[Built]:
    """Form the lists of all customers of these subscribers, or of all subscribers.

    A build that was killed is gone on with when it would form the same lists (``resume.py``).

    Args:
        settings: name the databases.
        codes: of subscribers; None is all.
        refresh: compute all customers' attributes anew before, not only of those that changed.
        processes: that form lists; 0 is one for each processor.
        elsewhere: forms lists on other machines instead.
        tell: hears how many customers are done.

    Raises:
        BuildError: an unknown subscriber, or somebody else builds for one of them.
        psycopg.Error: a database is away.
    """
    sync(settings)
    with open_databases(settings) as db:
        subscribers = find_subscribers(db.offers, codes)
        with claim(db.offers, subscribers) as killed:
            forget_deleted(db)
            left = take_left(db, subscribers, killed)
            if not subscribers:
                return []
            # Says who builds while the attributes are refreshed, which may take longest.
            ids = left.ids if left else [begin(db, one, whole=True) for one in subscribers]
            filled = Filled(left.table if left else table(ids), subscribers, ids)
            with failing(db, ids):
                # What is stored was formed of today's; who has changed since is marked.
                refresh_features(db, subscribers, whole=refresh and not left)
                jobs = _go_on(db, filled, left) if left else _begin(db, filled)
                order = _order(settings, db, filled, jobs)
                way = Way(processes or os.cpu_count() or 1, elsewhere)
                done = _fill(db, order, jobs, way, tell)
                swap(db, filled)
            db.customers.execute(sql.forget_kept_marks, {"subscribers": list(jobs)})
            return [_built(one, jobs[one.id], done[one.id]) for one in subscribers]


def _begin(db: Databases, filled: Filled) -> dict[int, Job]:
    """Everybody to do. The table is made when attributes are new: of others it has no lists."""
    for conn in db.each():
        conn.execute(sql.make_strategy_table, {"table": filled.table})
    return {
        one.id: _job(db, one, build, read_facts(db.offers, one.id, one.today))
        for one, build in filled.each()
    }


def _go_on(db: Databases, filled: Filled, left: Left) -> dict[int, Job]:
    """Those to do of whom no list is stored."""
    waiting = keep_left(db, left)
    return {
        one.id: _job(db, one, build, left.facts[one.id], waiting.get(one.id, 0))
        for one, build in filled.each()
    }


def _job(
    db: Databases, one: Subscriber, build: int, facts: Facts, waiting: int | None = None
) -> Job:
    row = db.customers.execute(sql.strategy_customers, {"subscriber": one.id}).fetchone()
    customers = int(row["customers"]) if row else 0
    if waiting is None:
        job = Job(build, facts, customers, 0, _ranges(db, one.id))
    else:
        job = Job(build, facts, customers, customers - waiting, ranges_left(db, one.id))
    describe(db, build, facts, customers, job.done)
    return job


def _order(settings: Settings, db: Databases, filled: Filled, jobs: Mapping[int, Job]) -> Order:
    work = {subscriber: (job.build, job.facts) for subscriber, job in jobs.items()}
    return Order(settings.database, db.targets, filled.table, work)


def _fill(
    db: Databases, order: Order, jobs: Mapping[int, Job], way: Way, tell: Tell
) -> dict[int, int]:
    """Form and store the lists to do; answers how many customers of each subscriber have theirs."""
    done = {subscriber: job.done for subscriber, job in jobs.items()}
    all_ = sum(job.customers for job in jobs.values())
    tell(sum(done.values()), all_)
    ranges = chain.from_iterable(job.ranges for job in jobs.values())
    for subscriber, more in way.work(order, ranges, all_ - sum(done.values())):
        went_on = {"build": jobs[subscriber].build, "more": more}
        db.offers.execute(sql.strategy_build_went_on, went_on)
        done[subscriber] += more
        tell(sum(done.values()), all_)
    return done


def _ranges(db: Databases, subscriber: int) -> Iterator[Range]:
    """All customers of a subscriber, as ranges of ids with about so many in each."""
    above = -1
    while True:
        asked = {"subscriber": subscriber, "above": above, "size": chunk.SIZE}
        row = db.customers.execute(sql.strategy_bound, asked).fetchone()
        upto = row["customer_id"] if row else LAST_ID
        yield Range(subscriber, above, upto)
        if row is None:
            return
        above = upto


def _built(one: Subscriber, job: Job, customers: int) -> Built:
    facts = job.facts
    return Built(one.code, job.build, customers, len(facts.catalogue.live), facts.warnings)
