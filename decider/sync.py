"""Deciding from threads and gevent, as the web desk does."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import Any, Protocol

from psycopg_pool import ConnectionPool

from cordboard import exploration
from cordboard.decision import Decision, Facts, Question, decide
from cordboard.settings import Settings
from db.deadline import connection_until
from db.pool import open_pool
from db.queries import sql
from decider.facts import (
    AWAY,
    DEADLINE_MS,
    DEADLINE_S,
    NOTHING_KNOWN,
    Catalogues,
    DeciderAway,
    Unread,
    deadline,
)
from decider.remote_sync import open_remote_sync

#: Connections to each database.
CONNECTIONS = 4

Pool = ConnectionPool[Any]


class SyncDecider(Protocol):
    """Whoever decides."""

    def decide(self, question: Question) -> Decision:
        """The decision.

        Raises:
            DeciderAway: there is none, in time.
        """

    def close(self) -> None:
        """Give back what it holds."""


class SyncLocalDecider:
    """Reads and decides in this process."""

    def __init__(self, customers: Pool, offers: Pool | None = None, random: Random | None = None):
        self._customers = customers
        self._offers = offers
        self._random = random or SystemRandom()
        self._catalogues = Catalogues()

    def decide(self, question: Question) -> Decision:
        """See :class:`SyncDecider`."""
        return decide(question, self.facts(question.customer, question.subscriber), self._random)

    def facts(self, customer: int, subscriber: str) -> Facts:
        """What is known of a customer; raises as :meth:`decide`."""
        known, until = self._catalogues.known(subscriber), deadline()
        try:
            try:
                return self._facts(customer, subscriber, known, until)
            except Unread:
                return self._facts(customer, subscriber, NOTHING_KNOWN, until)
        except AWAY as error:
            raise DeciderAway(f"a database did not answer in time: {error!r}") from error

    def _facts(self, customer: int, subscriber: str, known: str, until: float) -> Facts:
        who = {"customer": customer, "subscriber": subscriber, "known": known}
        if self._offers is None:
            found = _ask(self._customers, until, sql.decision_facts, **who)
            return self._catalogues.facts_of_row(found)
        person = _ask(self._customers, until, sql.customer_facts, customer=customer)
        strategy = _ask(self._offers, until, sql.strategy_facts, **who)
        return self._catalogues.joined(person["facts"], strategy["facts"], subscriber)

    def close(self) -> None:
        """Close the connections."""
        self._customers.close()
        if self._offers is not None:
            self._offers.close()


def _ask(pool: Pool, until: float, query: bytes, **parameters: Any) -> dict[str, Any]:
    with connection_until(pool, until) as connection:
        row: dict[str, Any] | None = connection.execute(query, parameters).fetchone()
    return row or {"facts": None}


def open_decider_sync(settings: Settings) -> SyncDecider:
    """The decider that these settings name; close it at the end."""
    if settings.decider:
        return open_remote_sync(settings)
    return open_local_sync(settings)


def open_local_sync(settings: Settings) -> SyncLocalDecider:
    """One that asks the databases itself, whether or not there is a decision service."""
    exploration.get_ready()

    def pool(url: str, name: str) -> Pool:
        return open_pool(
            url, size=CONNECTIONS, name=name, timeout_s=DEADLINE_S, statement_ms=DEADLINE_MS
        )

    offers = pool(settings.offers_database, "decider-offers") if settings.is_split else None
    return SyncLocalDecider(pool(settings.database, "decider"), offers)
