"""Facts on their way to PostgreSQL: written to Redis at once, applied in order by one task.

PostgreSQL may be away while calls go on. An entry is removed from the stream only after the
database has committed it, and the database ignores an entry that it has seen (``id``).
"""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from redis.exceptions import RedisError, ResponseError

from ari_app.bus import SILENCE_S, Bus, heed_cancellation
from ari_app.clock import now_ms
from ari_app.listener import entries_of
from cordboard import keys
from db.queries import sql

log = structlog.get_logger(__name__)

GROUP = "journal"
#: Entries applied in one transaction.
BATCH = 200
#: Entries are gathered so long before the next transaction, seconds.
GATHER_S = 0.2
#: Longest wait for new entries in one read, milliseconds.
BLOCK_MS = 1000
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


class Journal:
    """Writes entries; queued on the bus, so they keep their order."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def call(self, call_id: str, **changed: Any) -> None:
        """Fields of the call row changed."""
        self._write("call", call_id, set=changed)

    def leg(self, call_id: str, channel: str, **changed: Any) -> None:
        """Fields of a leg changed."""
        self._write("leg", call_id, channel=channel, set=changed)

    def event(self, call_id: str, name: str, **data: Any) -> None:
        """A line of the call's timeline."""
        self._write("event", call_id, name=name, data=data)

    def disposition(
        self, call_id: str, agent: int, offer_kind: str, code: str, key: str, offer: str = ""
    ) -> None:
        """A disposition that no agent chose; ``key`` makes a second one count as the same.

        ``offer`` is the code of the offer; empty is the attached one of the kind.
        """
        more = {"offer": offer} if offer else {}
        self._write(
            "disposition", call_id, agent=agent, offer_kind=offer_kind, code=code, key=key, **more
        )

    def decision(self, call_id: str, decision: dict[str, Any]) -> None:
        """What was decided for this call: the record of ``cordboard/decision.py``."""
        self._write("decision", call_id, decision=decision)

    def exposure(self, call_id: str, *, offer: int, channel: str) -> None:
        """An offer (its id) was really presented in this call."""
        self._write("exposure", call_id, exposure={"offer": offer, "channel": channel})

    def attempt(self, call_id: str, **changed: Any) -> None:
        """Fields of the callback attempt of this call changed; an outcome moves its request on.

        Fields are ``state`` (``dialled``), ``dialled_ms``, ``outcome``, ``sip_code``, ``ended_ms``.
        """
        self._write("attempt", call_id, set=changed)

    def push(self, call_id: str, push: dict[str, Any]) -> None:
        """A page went to the visitor: ``id visitor page title url framing agent origin``."""
        self._write("push", call_id, push=push)

    def request_event(self, call_id: str, request: str, name: str, **data: Any) -> None:
        """A line of a call request's timeline, and of this call's."""
        self._write("request_event", call_id, request=request, name=name, data=data)

    def _write(self, kind: str, call_id: str, **fields: Any) -> None:
        entry = {"id": uuid4().hex, "kind": kind, "call": call_id, "at_ms": now_ms(), **fields}
        self._bus.pipe.xadd(keys.JOURNAL, {"entry": orjson.dumps(entry)})


class JournalWriter:
    """Applies entries to PostgreSQL; :meth:`run` must be running."""

    def __init__(self, bus: Bus, pool: AsyncConnectionPool[Any]) -> None:
        self._redis = bus.redis
        self._pool = pool
        self.behind = 0

    async def run(self) -> None:
        """Apply entries until cancelled; what was taken but not applied comes first."""
        start, pause = "0", FIRST_PAUSE_S
        while True:
            heed_cancellation()
            try:
                taken = await self._take(start)
                if taken:
                    await self._apply(taken)
                    # Entries of several calls in one transaction cost one commit.
                    await asyncio.sleep(GATHER_S)
                # After what was left over, only what is new.
                start = "0" if taken and start == "0" else ">"
                pause = FIRST_PAUSE_S
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                await self._redis.xgroup_create(keys.JOURNAL, GROUP, id="0", mkstream=True)
            except (psycopg.Error, PoolTimeout, RedisError, OSError, TimeoutError) as error:
                log.warning("journal.waits", error=repr(error), again_in_s=round(pause, 1))
                start = "0"
                await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _take(self, start: str) -> list[tuple[str, dict[str, str]]]:
        async with asyncio.timeout(BLOCK_MS / 1000 + SILENCE_S):
            answer: Any = await self._redis.xreadgroup(
                GROUP, "app", {keys.JOURNAL: start}, count=BATCH, block=BLOCK_MS
            )
        return entries_of(answer)

    async def _apply(self, taken: list[tuple[str, dict[str, str]]]) -> None:
        self.behind = len(taken)
        entries = b"[%s]" % b",".join(fields["entry"].encode() for _, fields in taken if fields)
        async with self._pool.connection(timeout=5) as connection:
            await connection.execute(sql.apply_journal, {"entries": entries.decode()})
        ids = [entry_id for entry_id, _ in taken]
        pipe = self._redis.pipeline(transaction=True)
        pipe.xack(keys.JOURNAL, GROUP, *ids)
        pipe.xdel(keys.JOURNAL, *ids)
        await pipe.execute()
        self.behind = 0
