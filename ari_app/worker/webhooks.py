"""Delivers webhooks: claims what is due, posts it, notes how that ended.

Several workers may run: a delivery is leased to one of them at a time, and whoever dies leaves it
to the others when the lease is over. A delivery may therefore come twice; its id tells.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from ari_app.worker.away import AWAY, keep_trying
from ari_app.worker.parts import Parts
from ari_app.worker.post import Outcome, post
from cordboard import webhooks
from cordboard.secrets import unseal
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: Posted at the same time, all together and to one subscriber.
AT_ONCE = 16
EACH = 4
#: Longer than a post can take, seconds.
LEASE_S = 30
#: Time between two looks for what is due, seconds.
EVERY_S = 1.0


class Deliveries:
    """Webhooks on their way; :meth:`run` must be running."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pool = parts.pool
        self._settings = parts.settings
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then is left to its lease."""
        try:
            await keep_trying(self._parts, "webhooks", self._once)
        finally:
            for task in self._under_way:
                task.cancel()

    async def _once(self) -> None:
        await self.take()
        if len(self._under_way) < AT_ONCE:
            await asyncio.sleep(EVERY_S)
        else:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def take(self) -> int:
        """Begin what is due, as far as there is room; answers how many that were."""
        values = {"lease_s": LEASE_S, "limit": AT_ONCE - len(self._under_way), "each": EACH}
        async with self._pool.connection(timeout=5) as conn:
            due = await (await conn.execute(sql.claim_webhooks, values)).fetchall()
        for delivery in due:
            task = asyncio.create_task(self._deliver(delivery), name=f"webhook {delivery['id']}")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(due)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def _deliver(self, delivery: Json) -> None:
        outcome = await self._try(delivery)
        again = webhooks.next_try(delivery["attempts"], outcome.status)
        if outcome.final:
            again = None
        values = {
            "delivery": delivery["id"],
            "attempt": delivery["attempts"],
            "status": outcome.status,
            "error": outcome.error,
            "retry_s": again if outcome.error else None,
        }
        log.info(
            "webhook.tried",
            delivery=str(delivery["id"]),
            webhook=delivery["event"],
            subscriber=delivery["subscriber"],
            attempt=delivery["attempts"],
            status=outcome.status,
            error=outcome.error,
            again_in_s=values["retry_s"],
        )
        try:
            async with self._pool.connection(timeout=5) as conn:
                await conn.execute(sql.end_webhook_try, values)
        except AWAY as error:
            # Nobody knows how it ended: it comes again when the lease is over.
            log.warning("webhook.unnoted", delivery=str(delivery["id"]), error=repr(error))

    async def _try(self, delivery: Json) -> Outcome:
        try:
            key = unseal(
                bytes(delivery["signing_key"]), self._settings.secret_key.get_secret_value()
            )
        except ValueError as error:  # UnsealError too: all of them say what to do
            return Outcome(error=str(error)[:280])
        sent = webhooks.body(
            str(delivery["id"]),
            delivery["event"],
            delivery["subscriber"],
            delivery["created_at"],
            delivery["payload"],
        )
        headers = {
            "X-CB-Event": delivery["event"],
            "X-CB-Delivery": str(delivery["id"]),
            "X-CB-Attempt": str(delivery["attempts"]),
        }
        return await post(
            delivery["url"], sent, key, headers, private=self._settings.webhook_private_targets
        )


async def deliver(parts: Parts) -> None:
    """The worker's task."""
    await Deliveries(parts).run()
