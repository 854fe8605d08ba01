"""What has opened an offer without any change of a customer: an edit, a new model, or time.

What closes one is seen in the call itself. What opens one wants a place in the list, which is
ranked by a probability: so the lists are formed anew, of all customers or of those that it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from db.queries import sql
from db.strategies.claim import Subscriber
from db.strategies.databases import Databases
from db.strategies.facts import read_facts
from db.strategies.portable import digest_of


def outdated(db: Databases, subscribers: Sequence[Subscriber]) -> list[Subscriber]:
    """Those whose last build of all was formed of other offers, rules, exclusions or model.

    An offer that is valid today and was not then counts, and so does another release.
    """
    return [one for one in subscribers if _in_force(db, one) != _digest(db, one)]


def _in_force(db: Databases, one: Subscriber) -> str | None:
    row = db.offers.execute(sql.strategies_in_force, {"subscriber": one.id}).fetchone()
    return row["digest"] if row else None


def _digest(db: Databases, one: Subscriber) -> str:
    return digest_of(read_facts(db.offers, one.id, one.today))


def mark_rested(db: Databases, one: Subscriber) -> datetime | None:
    """Mark whoever has an offer whose cool-down has ended since the last build.

    Answers when that was asked, by the clock of the customers: the build that follows has begun
    then, so that the next one asks from there.
    """
    row = db.offers.execute(sql.strategies_in_force, {"subscriber": one.id}).fetchone()
    asked = {"subscriber": one.id, "since": row["since"] if row else None}
    marked = db.customers.execute(sql.mark_rested_customers, asked).fetchone()
    return marked["at"] if marked else None
