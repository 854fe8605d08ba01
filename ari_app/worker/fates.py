"""What became of attempts whose lease ran out: their worker died, or the app is slow."""

from __future__ import annotations

from typing import Any

import structlog
from redis.asyncio import Redis

from ari_app.worker import handover, measures
from ari_app.worker.parts import Parts
from cordboard import keys
from cordboard.callbacks import Fate, Signs, fate_of
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: A call that goes on is looked at again after so many seconds.
LIVE_LEASE_S = 30.0
#: What has yet to be taken is looked at again after so many seconds.
SOON_S = 2.0
#: Entries of a stream that are looked through; whoever may be behind these is waited for.
MOST_ENTRIES = 20_000


async def look_after(parts: Parts, expired: list[Json]) -> None:
    """Find out, and do what is to be done, for rows of the query ``expired_attempts``."""
    fates = await read_fates(parts.redis, expired)
    for fate, found in zip(fates, expired, strict=True):
        attempt = found["attempt"]
        measures.found.labels(fate).inc()
        if fate is not Fate.LIVES:
            log.warning("attempt.found", call_id=attempt["id"], fate=fate, state=found["state"])
        await _act(parts, fate, attempt)


async def _act(parts: Parts, fate: Fate, attempt: Json) -> None:
    match fate:
        case Fate.LIVES:
            await _extend(parts, attempt, LIVE_LEASE_S)
        case Fate.ON_ITS_WAY:
            await _extend(parts, attempt, SOON_S)
        case Fate.BEGIN:
            await handover.begin(parts, attempt)
        case Fate.HAND_OVER:
            await handover.hand_over(parts, attempt)
        case Fate.UNKNOWN:
            values = {"attempt": attempt["id"], "outcome": "unknown", "sip_code": None}
            async with parts.pool.connection() as connection:
                await connection.execute(sql.end_attempt, values)


async def _extend(parts: Parts, attempt: Json, lease_s: float) -> None:
    values = {"attempts": [attempt["id"]], "lease_s": lease_s}
    async with parts.pool.connection() as connection:
        await connection.execute(sql.extend_lease, values)


async def read_fates(redis: Redis, expired: list[Json]) -> list[Fate]:
    """The fate of each, from one look at everything: between two looks it could slip by."""
    pipe = redis.pipeline(transaction=True)
    pipe.xrange(keys.CALLBACKS, count=MOST_ENTRIES)
    pipe.xrange(keys.JOURNAL, count=MOST_ENTRIES)
    for found in expired:
        pipe.sismember(keys.CALLS, found["attempt"]["id"])
        pipe.exists(keys.attempt(found["attempt"]["id"]))
    stream, journal, *answers = await pipe.execute()
    handed, untold = _text_of(stream), _text_of(journal)
    unread = [len(entries) >= MOST_ENTRIES for entries in (stream, journal)]
    return [
        fate_of(
            Signs(
                state=found["state"],
                in_stream=unread[0] or found["attempt"]["id"] in handed,
                live=bool(live),
                begun=bool(begun) or found["recorded"],
                in_journal=unread[1] or found["attempt"]["id"] in untold,
            )
        )
        for found, live, begun in zip(expired, answers[::2], answers[1::2], strict=True)
    ]


def _text_of(entries: list[tuple[str, dict[str, str]]]) -> str:
    """All values of a stream; ids of calls are found in it, whatever the entries are."""
    return "\n".join(value for _, fields in entries for value in (fields or {}).values())
