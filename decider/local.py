"""The decider that asks the databases itself: both at once, or one when they are one."""

from __future__ import annotations

import asyncio
from random import Random, SystemRandom
from typing import Any, Protocol

from psycopg_pool import AsyncConnectionPool

from cordboard import exploration
from cordboard.decision import Decision, Facts, Question, decide
from cordboard.settings import Settings
from db.deadline import async_connection_until
from db.pool import open_async_pool
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

#: Connections to each database.
CONNECTIONS = 4

Pool = AsyncConnectionPool[Any]


class Decider(Protocol):
    """Whoever decides."""

    async def facts_of_call(self, call: str) -> Facts | None:
        """What can be read while it is not known yet who is on the call; None: nothing, wait.

        It never raises: ``decide`` reads what is missing, or says that it cannot.
        """

    async def decide(self, question: Question, facts: Facts | None = None) -> Decision:
        """The decision.

        Args:
            question: the contact.
            facts: what :meth:`facts_of_call` answered for this call.

        Raises:
            DeciderAway: there is none, in time.
        """

    async def close(self) -> None:
        """Give back what it holds."""


class LocalDecider:
    """Reads and decides in this process.

    Args:
        customers: the database of customers and calls.
        offers: that of offers and strategies, when it is another.
        random: where the chance of exploration comes from.
    """

    def __init__(self, customers: Pool, offers: Pool | None = None, random: Random | None = None):
        self._customers = customers
        self._offers = offers
        self._random = random or SystemRandom()
        self._catalogues = Catalogues()

    async def facts_of_call(self, call: str) -> Facts | None:
        """One round trip, where both databases are one."""
        if self._offers is not None:
            return None
        known = self._catalogues.known()
        try:
            found = await _ask(self._customers, deadline(), sql.call_facts, call=call, known=known)
            return self._catalogues.facts_of_row(found)
        except (*AWAY, DeciderAway, Unread):
            return None

    async def decide(self, question: Question, facts: Facts | None = None) -> Decision:
        """See :class:`Decider`."""
        if facts is None or facts.customer != question.customer:
            facts = await self._read(question)
        return decide(question, facts, self._random)

    async def _read(self, question: Question) -> Facts:
        known, until = self._catalogues.known(question.subscriber), deadline()
        try:
            try:
                return await self._facts(question, known, until)
            except Unread:
                return await self._facts(question, NOTHING_KNOWN, until)
        except AWAY as error:
            raise DeciderAway(f"a database did not answer in time: {error!r}") from error

    async def _facts(self, question: Question, known: str, until: float) -> Facts:
        who = {"customer": question.customer, "subscriber": question.subscriber, "known": known}
        if self._offers is None:
            found = await _ask(self._customers, until, sql.decision_facts, **who)
            return self._catalogues.facts_of_row(found)
        customer, strategy = await asyncio.gather(
            _ask(self._customers, until, sql.customer_facts, customer=question.customer),
            _ask(self._offers, until, sql.strategy_facts, **who),
        )
        return self._catalogues.joined(customer["facts"], strategy["facts"], question.subscriber)

    async def obstacles(self) -> list[str]:
        """What keeps it from deciding, one line each."""
        pools = {"customers database": self._customers, "offers database": self._offers}
        asked = [(name, pool) for name, pool in pools.items() if pool is not None]
        found = await asyncio.gather(*(_problem(name, pool) for name, pool in asked))
        return [line for line in found if line]

    async def close(self) -> None:
        """Close the connections."""
        await self._customers.close()
        if self._offers is not None:
            await self._offers.close()


async def _problem(name: str, pool: Pool) -> str:
    """Why a database does not answer; empty when it does."""
    try:
        async with async_connection_until(pool, deadline()) as connection:
            await connection.execute("SELECT 1")
    except AWAY as error:
        return f"{name}: {type(error).__name__}"
    return ""


async def _ask(pool: Pool, until: float, query: bytes, **parameters: Any) -> dict[str, Any]:
    async with async_connection_until(pool, until) as connection:
        row: dict[str, Any] | None = await (await connection.execute(query, parameters)).fetchone()
    return row or {"facts": None}


async def open_local(settings: Settings) -> LocalDecider:
    """One that asks the databases of these settings; for the running event loop.

    It takes a tenth of a second: open it before there is anything to do.
    """
    exploration.get_ready()

    async def pool(url: str, name: str) -> Pool:
        return await open_async_pool(
            url, size=CONNECTIONS, name=name, timeout_s=DEADLINE_S, statement_ms=DEADLINE_MS
        )

    customers = await pool(settings.database, "decider")
    if not settings.is_split:
        return LocalDecider(customers)
    return LocalDecider(customers, await pool(settings.offers_database, "decider-offers"))
