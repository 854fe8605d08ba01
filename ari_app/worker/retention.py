"""Now and then: what nobody needs any more is forgotten, in parts that hold up nobody.

Which rows that are stands in ``db/queries/retention.sql``. Doing it twice changes nothing, so that
several workers may do this at once.
"""

from __future__ import annotations

import asyncio

import structlog
from psycopg.errors import QueryCanceled

from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from db.queries import sql

log = structlog.get_logger(__name__)

KINDS = {
    "webhooks": sql.forget_webhooks,
    "refusals": sql.forget_refusals,
    "timelines": sql.forget_timelines,
    "offer lists": sql.forget_offer_lists,
    "sent mails": sql.forget_sent_mails,
    "failed mails": sql.forget_failed_mails,
    "drafts": sql.forget_drafts,
}
#: Rows of a kind that go in one transaction; so many times fewer when that takes too long.
BATCH = 1000
SMALLER = 10
#: Between two of those, and between two rounds, seconds.
BREATH_S = 0.2
EVERY_S = 3600.0


async def forget(parts: Parts) -> None:
    """The worker's task: once at the start, then every hour."""

    async def once() -> None:
        await forget_old(parts)
        await asyncio.sleep(EVERY_S)

    await keep_trying(parts, "retention", once)


async def forget_old(parts: Parts, batch: int = BATCH) -> int:
    """Forget all that is too old; answers how many rows went."""
    went = {kind: await _forget_kind(parts, kind, batch) for kind in KINDS}
    total = sum(went.values())
    if total:
        log.info("retention.forgotten", rows=total, days=parts.settings.retention_days)
    return total


async def _forget_kind(parts: Parts, kind: str, batch: int) -> int:
    """All of a kind. What takes too long is tried in smaller parts, and at last left for later."""
    total = 0
    while batch:
        try:
            went = await _forget_some(parts, kind, batch)
        except QueryCanceled as error:
            log.warning("retention.slow", kind=kind, rows=batch, error=str(error))
            batch //= SMALLER
            continue
        if not went:
            break
        total += went
        await asyncio.sleep(BREATH_S)
    return total


async def _forget_some(parts: Parts, kind: str, batch: int) -> int:
    asked = {"days": parts.settings.retention_days, "limit": batch}
    async with parts.pool.connection(timeout=5) as connection:
        return int((await connection.execute(KINDS[kind], asked)).rowcount)
