"""Now and then: what nobody needs any more is forgotten, in parts that hold up nobody.

Which rows that are stands at ``forget_old_v1``. Doing it twice changes nothing, so that several
workers may do this at once.
"""

from __future__ import annotations

import asyncio

import structlog

from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from db.queries import sql

log = structlog.get_logger(__name__)

#: Rows of a kind that go in one transaction.
BATCH = 1000
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
    values = {"days": parts.settings.retention_days, "limit": batch}
    total = 0
    while went := await _forget_some(parts, values):
        total += went
        await asyncio.sleep(BREATH_S)
    if total:
        log.info("retention.forgotten", rows=total, days=parts.settings.retention_days)
    return total


async def _forget_some(parts: Parts, values: dict[str, int]) -> int:
    async with parts.pool.connection(timeout=5) as connection:
        row = await (await connection.execute(sql.forget_old, values)).fetchone()
    return int(row["forgotten"]) if row else 0
