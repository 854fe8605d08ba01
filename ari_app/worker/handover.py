"""An attempt is judged once more and handed to the app, or its request is told why not.

An attempt is marked as handed over before it is put into the stream: killed in between, it is
handed over again when its lease runs out. The app begins a repeated one only once.
"""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection

from ari_app.clock import now_ms
from ari_app.worker import measures
from ari_app.worker.away import AWAY
from ari_app.worker.parts import Parts
from cordboard import keys
from cordboard.policy import Verdict
from db.policy import check_async, record_async
from db.queries import sql

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: What the database says of one attempt alone: it is not away, and answers others.
FAULTS = (psycopg.DataError, psycopg.IntegrityError)


async def begin(parts: Parts, attempt: Json) -> None:
    """Judge a claimed attempt; hand it over, move its request to another time, or refuse it.

    An attempt that cannot even be judged ends as failed, so that it does not hold up the others.
    """
    try:
        await _judge(parts, attempt)
    except Exception as error:
        if isinstance(error, AWAY) and not isinstance(error, FAULTS):
            raise
        log.exception("attempt.not_judged", call_id=attempt["id"], request=attempt["request"])
        async with parts.pool.connection() as connection:
            await _end(connection, attempt, "failed")


async def _judge(parts: Parts, attempt: Json) -> None:
    async with parts.pool.connection() as connection:
        verdict = await check_async(
            connection,
            parts.settings,
            attempt["subscriber"]["code"],
            attempt["number"],
            visitor=attempt["visitor"],
            request=attempt["request"],
            can_prove=bool(attempt["proof_code"]),
        )
        if verdict.allowed:
            await _hand_over(parts, connection, attempt)
        else:
            await _refuse(connection, attempt, verdict)


async def hand_over(parts: Parts, attempt: Json) -> None:
    """Give the app an attempt that was judged before."""
    async with parts.pool.connection() as connection:
        await _hand_over(parts, connection, attempt)


async def _hand_over(parts: Parts, connection: AsyncConnection[Any], attempt: Json) -> None:
    values = {"attempt": attempt["id"]}
    row = await (await connection.execute(sql.hand_over_callback, values)).fetchone()
    if not row or not row["handed"]:
        log.info("attempt.taken_back", call_id=attempt["id"], request=attempt["request"])
        # Its request was cancelled meanwhile, and nothing was dialled.
        await _end(connection, attempt, "cancelled")
        return
    await parts.redis.xadd(keys.CALLBACKS, {"attempt": orjson.dumps(attempt)})
    measures.handed.inc()
    measures.late.observe(max(0, now_ms() - attempt["due_ms"]) / 1000)
    log.info("attempt.handed", call_id=attempt["id"], request=attempt["request"])


async def _end(connection: AsyncConnection[Any], attempt: Json, outcome: str) -> None:
    values = {"attempt": attempt["id"], "outcome": outcome, "sip_code": None}
    await connection.execute(sql.end_attempt, values)


async def _refuse(connection: AsyncConnection[Any], attempt: Json, verdict: Verdict) -> None:
    """The policy is against it: until later, when that is all, or for good."""
    reason, later = verdict.reasons[0].code, verdict.ask_again
    await record_async(connection, verdict, visitor=attempt["visitor"], request=attempt["request"])
    values = {"attempt": attempt["id"], "reason": reason, "later": later}
    await connection.execute(sql.refuse_callback, values)
    measures.refused.labels(reason).inc()
    log.info(
        "attempt.refused",
        call_id=attempt["id"],
        request=attempt["request"],
        reason=reason,
        until=later and later.isoformat(),
    )
