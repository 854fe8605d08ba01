"""Deciding from threads and gevent, as the web desk does."""

from __future__ import annotations

import http.client
import ssl
from queue import Empty, LifoQueue
from random import Random, SystemRandom
from typing import Any, Protocol
from urllib.parse import urlsplit

from psycopg_pool import ConnectionPool

from cordboard.decision import Decision, Facts, Question, decide
from cordboard.settings import Settings
from db.pool import open_pool
from db.queries import sql
from decider.facts import AWAY, DEADLINE_S, NOTHING_KNOWN, Catalogues, DeciderAway, Unread
from decider.wire import answer_of, headers, question_json

#: Connections to each database, and kept to the service.
CONNECTIONS = 4
#: Longest wait for a connection and for one statement, milliseconds.
DEADLINE_MS = round(DEADLINE_S * 1000)

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
        try:
            try:
                return self._facts(customer, subscriber, self._catalogues.known(subscriber))
            except Unread:
                return self._facts(customer, subscriber, NOTHING_KNOWN)
        except AWAY as error:
            raise DeciderAway(f"a database did not answer in time: {error!r}") from error

    def _facts(self, customer: int, subscriber: str, known: str) -> Facts:
        who = {"customer": customer, "subscriber": subscriber, "known": known}
        if self._offers is None:
            found = _ask(self._customers, sql.decision_facts, **who)
            return self._catalogues.facts_of_row(found)
        person = _ask(self._customers, sql.customer_facts, customer=customer)
        strategy = _ask(self._offers, sql.strategy_facts, **who)
        return self._catalogues.joined(person["facts"], strategy["facts"], subscriber)

    def close(self) -> None:
        """Close the connections."""
        self._customers.close()
        if self._offers is not None:
            self._offers.close()


def _ask(pool: Pool, query: bytes, **parameters: Any) -> dict[str, Any]:
    with pool.connection(timeout=DEADLINE_S) as connection:
        row: dict[str, Any] | None = connection.execute(query, parameters).fetchone()
    return row or {"facts": None}


class SyncRemoteDecider:
    """Asks the decision service; a few connections are kept between questions."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._path = parts.netloc, f"{parts.path}/decide"
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._headers = headers(token)
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue()

    def decide(self, question: Question) -> Decision:
        """See :class:`SyncDecider`."""
        body = question_json(question)
        try:
            return self._ask(self._idle.get_nowait(), body, question)
        except Empty:
            pass
        except (http.client.HTTPException, ConnectionError):
            self._forget_idle()  # the service has started anew: what was kept is closed
        except OSError as error:
            raise _away(error) from error
        try:
            return self._ask(self._connect(), body, question)
        except (http.client.HTTPException, OSError) as error:
            raise _away(error) from error

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls:
            return http.client.HTTPSConnection(self._host, timeout=DEADLINE_S, context=self._tls)
        return http.client.HTTPConnection(self._host, timeout=DEADLINE_S)

    def _ask(
        self, connection: http.client.HTTPConnection, body: bytes, question: Question
    ) -> Decision:
        try:
            connection.request("POST", self._path, body, self._headers)
            answer = connection.getresponse()
            told = answer.read()
        except BaseException:
            connection.close()
            raise
        if self._idle.qsize() < CONNECTIONS:
            self._idle.put(connection)
        else:
            connection.close()
        return answer_of(answer.status, told, question)

    def _forget_idle(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def close(self) -> None:
        """Close the connections."""
        self._forget_idle()


def _away(error: Exception) -> DeciderAway:
    return DeciderAway(f"the decision service did not answer: {error!r}")


def open_decider_sync(settings: Settings) -> SyncDecider:
    """The decider that these settings name; close it at the end."""
    if settings.decider:
        return SyncRemoteDecider(settings.decider, settings.decider_token.get_secret_value())
    return open_local_sync(settings)


def open_local_sync(settings: Settings) -> SyncLocalDecider:
    """One that asks the databases itself, whether or not there is a decision service."""

    def pool(url: str, name: str) -> Pool:
        return open_pool(
            url, size=CONNECTIONS, name=name, timeout_s=DEADLINE_S, statement_ms=DEADLINE_MS
        )

    offers = pool(settings.offers_database, "decider-offers") if settings.is_split else None
    return SyncLocalDecider(pool(settings.database, "decider"), offers)
