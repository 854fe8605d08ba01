"""P4: ``decide`` for one caller, end to end, against a bare indexed SELECT.

From: the app knows the call's id. To: it has the caller's card (who, outage, disposition codes),
has read what must be known of 50 offers, their rules and the customer's strategy, has looked at
each again, ranked what may be offered and chosen offers, group and skills; the record is written,
as far as Redis. Ours runs the app's own code: ``ari_app.cards.Cards.load`` and the decider beside
it, as the step ``open_call`` asks them, and the step ``decide`` of the inbound flow.

The peer is the least that any database application must do for a call: take a connection of the
same pool, read one row by its primary key, give the connection back. Same event loop, same pool
(with its test of each connection), same PostgreSQL, one question at a time, and the questions of
both sides in turn, in blocks. Each round gives one 99th percentile; the medians of the rounds are
compared.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
import uvloop
from psycopg_pool import AsyncConnectionPool

from ari_app.call import Call
from ari_app.cards import Cards
from ari_app.flows.inbound import decide
from ari_app.services import Services
from ari_app.state import CallState
from bench import p4_world
from bench.figures import percentile, summary
from bench.result import Goal, Result
from bench.stage import NotMeasured, Stage
from db.pool import open_async_pool
from decider import open_decider

COUNT = 3000
#: Questions of one side before the other's turn.
BLOCK = 100
#: Questions before the first that counts: statements get prepared, pages get warm.
WARM_UP = 300
GOAL = Goal(ours_at_most=5, ratio_at_most=3)

Ask = Callable[[str], Awaitable[None]]


def measure(stage: Stage) -> list[Result]:
    """One result."""
    calls = p4_world.populate(stage.settings)
    with _logged_to(stage.settings.run / "log" / "bench-p4.log"):
        ours, peer = uvloop.run(_rounds(stage, calls))
    return [
        Result(
            id="P4",
            what="decide for one caller, end to end, p99",
            peer_is="SELECT of one row by primary key, through the same pool",
            unit="ms",
            ours=[percentile(samples, 0.99) for samples in ours],
            peer=[percentile(samples, 0.99) for samples in peer],
            goal=GOAL,
            n=sum(map(len, ours)),
            details={
                "ours_ms": summary(sample for samples in ours for sample in samples),
                "peer_ms": summary(sample for samples in peer for sample in samples),
            },
        )
    ]


@contextmanager
def _logged_to(path: Path) -> Iterator[None]:
    """Each decision logs a line, as in the app; it goes there, and not between the figures."""
    with path.open("w", encoding="utf-8") as file:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(file))
        try:
            yield
        finally:
            structlog.reset_defaults()


async def _rounds(stage: Stage, calls: list[str]) -> tuple[list[list[float]], list[list[float]]]:
    count = stage.samples(COUNT, least=100)
    pool = await open_async_pool(stage.settings.database, size=4, name="bench")
    decider = await open_decider(stage.settings)
    try:
        services = p4_world.services(decider)
        sides: tuple[Ask, Ask] = (_decide_with(Cards(pool), services), _select_with(pool))
        for ask in sides:
            await _timed(ask, calls, WARM_UP)
        found: tuple[list[list[float]], list[list[float]]] = ([], [])
        for number in range(1, stage.rounds + 1):
            stage.say(f"  round {number} of {stage.rounds}: both sides, a hundred questions each …")
            for rounds, samples in zip(found, await _round(sides, calls, count), strict=True):
                rounds.append(samples)
        return found
    finally:
        await decider.close()
        await pool.close()


async def _round(
    sides: tuple[Ask, Ask], calls: list[str], count: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of ``count`` questions to each side, in blocks of which the sides take turns."""
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(count // BLOCK):
        for ask, own in zip(sides, samples, strict=True):
            own.extend(await _timed(ask, calls, BLOCK))
    return samples


async def _timed(ask: Ask, calls: list[str], count: int) -> list[float]:
    """Milliseconds of each of ``count`` questions."""
    samples = []
    for number in range(count):
        started = time.perf_counter()
        await ask(calls[number % len(calls)])
        samples.append((time.perf_counter() - started) * 1000)
    return samples


def _decide_with(cards: Cards, services: Services) -> Ask:
    """The app's way from a call id to a decision."""

    async def ask(call_id: str) -> None:
        card, facts = await asyncio.gather(
            cards.load(call_id), services.decider.facts_of_call(call_id)
        )
        if card is None:
            raise NotMeasured(f"call {call_id} has no card; see `cordboard log postgres`")
        call = Call(CallState(id=call_id, flow="inbound", channel="", card=card), services)
        call.facts = facts
        await decide(call)
        if not call.state.card.get("decision"):
            raise NotMeasured(f"call {call_id} was not decided; see `cordboard log postgres`")

    return ask


def _select_with(pool: AsyncConnectionPool[Any]) -> Ask:
    """The least there is."""

    async def ask(call_id: str) -> None:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT state FROM call WHERE id = %s", (call_id,))
            await cursor.fetchone()

    return ask
