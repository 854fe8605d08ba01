"""Build the strategies of all customers: a new table is filled and takes the place of the old one.

What stands in ``offer_strategy`` is in force until the end; a build that fails or is killed leaves
nothing but a table that the next one drops (docs/strategies.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
    drop,
    facts_of,
    failing,
    nobody,
    open_databases,
    refresh_features,
    table,
)
from db.strategies.facts import Facts
from db.strategies.files import Elsewhere
from db.strategies.swap import Filled, swap
from db.strategies.work import Order, work_alone, work_in_processes

#: The highest id there can be.
LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Job:
    """The build of one subscriber: its row, what it works with, and for how many customers."""

    build: int
    facts: Facts
    customers: int


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
            for id_ in killed:
                drop(db, table([id_]))
            if not subscribers:
                return []
            # Says who builds while the attributes are refreshed, which may take longest.
            ids = [begin(db, one, whole=True) for one in subscribers]
            with failing(db, ids):
                refresh_features(db, subscribers, whole=refresh)
                jobs = {
                    one.id: _job(db, one, id_) for one, id_ in zip(subscribers, ids, strict=True)
                }
                way = Way(processes or os.cpu_count() or 1, elsewhere)
                done = _fill(db, settings, jobs, table(ids), way, tell)
                swap(db, Filled(table(ids), subscribers, ids))
            db.customers.execute(sql.forget_kept_marks, {"subscribers": list(jobs)})
            return [_built(one, jobs[one.id], done[one.id]) for one in subscribers]


def _job(db: Databases, one: Subscriber, build: int) -> Job:
    row = db.customers.execute(sql.strategy_customers, {"subscriber": one.id}).fetchone()
    customers = int(row["customers"]) if row else 0
    return Job(build, facts_of(db, one, build, customers), customers)


def _fill(
    db: Databases,
    settings: Settings,
    jobs: Mapping[int, Job],
    name: str,
    way: Way,
    tell: Tell,
) -> dict[int, int]:
    """Fill the new table; answers how many customers of each subscriber it has."""
    for conn in db.each():
        conn.execute(sql.make_strategy_table, {"table": name})
    work = {subscriber: (job.build, job.facts) for subscriber, job in jobs.items()}
    order = Order(settings.database, db.targets, name, work)
    ranges = (which for subscriber in jobs for which in _ranges(db, subscriber))
    all_ = sum(job.customers for job in jobs.values())
    done = dict.fromkeys(jobs, 0)
    tell(0, all_)
    for subscriber, more in way.work(order, ranges, all_):
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
