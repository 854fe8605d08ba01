"""A build of all customers that was killed, and the next one, which goes on from what it stored.

It does so when it would form the same lists: same offers, rules, exclusions, model, day and release
(``inputs_of``). Of the customers it forms anew whoever has changed since: each of them is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.queries import sql
from db.strategies import chunk
from db.strategies.chunk import Range
from db.strategies.claim import KILLED, Killed, Subscriber, builder
from db.strategies.databases import Databases, end, table
from db.strategies.facts import Facts, read_facts
from db.strategies.portable import inputs_of


@dataclass(frozen=True, slots=True)
class Left:
    """What a build can go on from.

    Attributes:
        ids: builds, in the order of their subscribers.
        tries: how often they were begun before.
        facts: what they work with, by subscriber.
    """

    ids: tuple[int, ...]
    tries: int
    facts: Mapping[int, Facts]

    @property
    def table(self) -> str:
        """The table to be filled now."""
        return table(self.ids, self.tries + 1)


def take_left(
    db: Databases, subscribers: Sequence[Subscriber], killed: Sequence[Killed]
) -> Left | None:
    """Take over what these killed builds left; what nobody can go on from is dropped.

    None: a build of these subscribers begins anew.
    """
    left = _find(db, subscribers, killed)
    if left and not _take(db, left):
        left = None
    for one in killed:
        if not left or one.id not in left.ids:
            end(db, [one.id], KILLED)
    return left


def _find(
    db: Databases, subscribers: Sequence[Subscriber], killed: Sequence[Killed]
) -> Left | None:
    """Builds of all of these subscribers, with the inputs of today."""
    found = {one.subscriber: one for one in killed if one.whole}
    if not subscribers or any(one.id not in found for one in subscribers):
        return None
    facts = {one.id: read_facts(db.offers, one.id, one.today) for one in subscribers}
    if any(inputs_of(known) != found[id_].inputs for id_, known in facts.items()):
        return None
    mine = [found[one.id] for one in subscribers]
    return Left(tuple(one.id for one in mine), mine[0].tries, facts)


def _take(db: Databases, left: Left) -> bool:
    """Whether each database has its table, with the same lists: a kill may come between two."""
    asked = {"table": table(left.ids, left.tries), "new": left.table, "builds": list(left.ids)}
    counts = set()
    for conn in db.each():
        row = conn.execute(sql.take_stored, asked).fetchone()
        counts.add(row["lists"] if row else None)
    if counts == {None} or len(counts) > 1:
        return False
    for id_ in left.ids:
        went_on = {"build": id_, "tries": left.tries + 1, "builder": builder()}
        db.offers.execute(sql.go_on_with_build, went_on)
    return True


def keep_left(db: Databases, left: Left) -> dict[int, int]:
    """Find out who is left to do, when attributes are refreshed; answers how many by subscriber."""
    row = db.customers.execute(sql.stale_stored, {"table": left.table}).fetchone()
    forget_stored(db, row["customers"] if row else [])
    asked = {"table": left.table, "subscribers": list(left.facts)}
    found = db.customers.execute(sql.keep_left_customers, asked)
    return {row["subscriber"]: row["customers"] for row in found}


def ranges_left(db: Databases, subscriber: int) -> Iterator[Range]:
    """Those customers of a subscriber, in ranges with so many in each."""
    above = -1
    while True:
        asked = {"subscriber": subscriber, "above": above, "limit": chunk.SIZE}
        row = db.customers.execute(sql.left_customers, asked).fetchone()
        customers = row["customers"] if row else []
        if not customers:
            return
        yield Range(subscriber, above, customers[-1], tuple(customers))
        above = customers[-1]


def forget_stored(db: Databases, customers: Sequence[int]) -> None:
    """The lists of these customers are not to be gone on from."""
    for conn in db.each():
        conn.execute(sql.forget_stored, {"customers": list(customers)})
