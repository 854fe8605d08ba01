"""P5: strategies of all customers, 5 million × 50 offers, end to end.

Ours is ``cordboard strategies build``: attributes and answers are read from PostgreSQL, rules run,
the model is applied, the offers ranked, the lists written, indexed and put into force, by as many
processes as there are processors, PostgreSQL on the same ones. Attributes are not computed anew,
and the world is made before the clock runs.

The peer is numpy alone, see ``bench/numpy_strategies.py``. That both rank the same is checked:
their lists have as many offers, and expected values of one sum, but for roundings.
"""

from __future__ import annotations

import time

import psycopg
from psycopg.rows import dict_row

from bench.numpy_strategies import Memory, Sums
from bench.result import Goal, Result
from bench.stage import NotMeasured, Stage
from bench.strategies_world import OFFERS, make_world, sql
from cordboard.settings import Settings
from db.strategies import build_whole
from db.strategies.claim import find_subscribers
from db.strategies.facts import read_facts

CUSTOMERS = 5_000_000
#: 5 million in 60 s, and at least half as fast as numpy.
GOAL = Goal(ours_at_least=CUSTOMERS / 60, ratio_at_least=0.5)


def measure(stage: Stage) -> list[Result]:
    """One result."""
    customers = stage.samples(CUSTOMERS, least=20_000)
    stage.say(f"  {customers:,} customers are made …")
    settings = make_world(stage.settings, customers)
    memory = _memory(settings)
    ours: list[float] = []
    peer: list[float] = []
    parts: list[dict[str, float]] = []
    for number in range(1, stage.rounds + 1):
        stage.say(f"  round {number} of {stage.rounds}: a build, then numpy …")
        seconds, told = _build(settings)
        ours.append(customers / seconds)
        parts.append(told)
        started = time.perf_counter()
        found = memory.run()
        peer.append(customers / (time.perf_counter() - started))
        _compare(settings, found)
    return [
        Result(
            id="P5",
            what=f"strategies of all customers, {customers:,} × {OFFERS} offers, end to end",
            peer_is="the same arithmetic by numpy, one process, arrays in memory",
            unit="customers/s",
            ours=ours,
            peer=peer,
            goal=GOAL,
            n=customers * stage.rounds,
            details={
                "ours_seconds": [round(customers / rate, 1) for rate in ours],
                "ours_parts": parts,
                "peer_seconds": [round(customers / rate, 1) for rate in peer],
            },
        )
    ]


def _build(settings: Settings) -> tuple[float, dict[str, float]]:
    """Seconds of one build, and of its parts: until the first lists, all lists, in force."""
    marks = [time.perf_counter()]
    (built,) = build_whole(
        settings, refresh=False, tell=lambda *_: marks.append(time.perf_counter())
    )
    end = time.perf_counter()
    if built.warnings:
        raise NotMeasured(" ".join(built.warnings))
    first, last = marks[2], marks[-1]
    parts = {"first": first - marks[0], "rest": last - first, "index_and_swap": end - last}
    return end - marks[0], {name: round(seconds, 1) for name, seconds in parts.items()}


def _memory(settings: Settings) -> Memory:
    with psycopg.connect(settings.database, row_factory=dict_row) as conn:
        (subscriber,) = find_subscribers(conn, None)
        facts = read_facts(conn, subscriber.id, subscriber.today)
    return Memory(settings.database, facts)


def _compare(settings: Settings, found: Sums) -> None:
    with psycopg.connect(settings.database, row_factory=dict_row) as conn:
        row = conn.execute(sql.p5_sums).fetchone()
    assert row is not None
    same = (row["lists"], row["offers"]) == (found.lists, found.offers)
    if not same or abs(row["ev_cents"] - found.ev_cents) > found.ev_cents / 10_000:
        raise NotMeasured(f"the lists differ: {row} here, {found} by numpy")
