"""Orders that a location did not accept in time go to the next one that can, or to a person.

Several workers may do this: who finds an order has its row until it is moved. Drafts that nobody
went on with are given up here too.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import structlog
from psycopg import AsyncConnection

from ari_app.bus import heed_cancellation
from ari_app.worker import order_news
from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from cordboard.orders import postcodes
from cordboard.orders.failover import next_place, waits_until
from cordboard.orders.places import Place, places_from_json
from db.errors import LocationCannotServe
from db.orders import ask_async
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: The longest sleep, seconds, should a wake-up get lost.
LONGEST_SLEEP_S = 30.0
#: Between two looks for old drafts, seconds.
DRAFTS_S = 600.0
DRAFTS_BATCH = 500


async def look_after_orders(parts: Parts) -> None:
    """The worker's task: news of orders, those not accepted in time, old drafts."""
    failover = Failover(parts)
    async with asyncio.TaskGroup() as group:
        group.create_task(order_news.listen(parts, failover.wake))
        group.create_task(failover.run())
        group.create_task(give_up_drafts(parts))


class Failover:
    """One loop; :meth:`wake` makes it look at once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """An order may have become due."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.to_thread(postcodes.load)
        await keep_trying(self.parts, "failover", self._round)

    async def _round(self) -> None:
        self._wake.clear()
        if not await pass_over_one(self.parts):
            await self._sleep(await self._until_next_s())

    async def _until_next_s(self) -> float:
        async with self.parts.pool.connection(timeout=5) as conn:
            at: datetime | None = await ask_async(conn, self.parts.settings, sql.next_due_order)
        if at is None:
            return LONGEST_SLEEP_S
        # Another worker has those that are due already.
        return min(max(0.1, (at - datetime.now(UTC)).total_seconds()), LONGEST_SLEEP_S)

    async def _sleep(self, seconds: float) -> None:
        heed_cancellation()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return


async def pass_over_one(parts: Parts) -> bool:
    """Move the order that is most overdue; False: none is, that another worker does not move.

    One in a transaction: of two workers with several orders each, one might wait for a location
    that the other has, and the other way about.
    """
    async with parts.pool.connection(timeout=5) as conn, conn.transaction():
        due = await ask_async(conn, parts.settings, sql.due_orders, limit=1)
        if due:
            await _pass_over(parts, conn, due)
    return bool(due)


async def _pass_over(parts: Parts, conn: AsyncConnection[Any], due: Json) -> None:
    """To the nearest that can, unless its location was closed all the time.

    One that refuses at the last moment is not asked again.
    """
    found = await ask_async(
        conn, parts.settings, sql.subscriber_locations, subscriber=due["subscriber"]
    )
    places = places_from_json(found)
    if until := waits_until(due, places, datetime.now(UTC)):
        values = {"order": due["order"], "until": until, "version": due["version"]}
        await ask_async(conn, parts.settings, sql.put_off_order, **values)
        log.info("order.put_off", order=due["order"], at=due["location"], until=until.isoformat())
        return
    refused: frozenset[str] = frozenset()
    while True:
        place = next_place(due, places, datetime.now(UTC), refused)
        try:
            await _give(parts, conn, due, place)
            return
        except LocationCannotServe:
            assert place is not None  # a person refuses nothing
            refused |= {place.code}


async def _give(parts: Parts, conn: AsyncConnection[Any], due: Json, place: Place | None) -> None:
    code = place.code if place else None
    values = {"order": due["order"], "location": code, "version": due["version"]}
    async with conn.transaction():
        await ask_async(conn, parts.settings, sql.pass_over_order, **values)
    log.info("order.passed_over", order=due["order"], was_at=due["location"], to=code or "a person")


async def give_up_drafts(parts: Parts) -> None:
    """Now and then abandon what nobody went on with."""

    async def once() -> None:
        values = {"limit": DRAFTS_BATCH, "hours": parts.settings.draft_hours}
        while True:
            async with parts.pool.connection(timeout=5) as conn:
                went = await ask_async(conn, parts.settings, sql.abandon_old_drafts, **values)
            if went < DRAFTS_BATCH:
                break
        heed_cancellation()
        await asyncio.sleep(DRAFTS_S)

    await keep_trying(parts, "drafts", once)
