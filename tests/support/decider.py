"""A decision service in this process, on a port that the kernel chose."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from aiohttp import web

from cordboard.decision import Decision, Facts, Question, decide
from cordboard.decision_facts import Offer, Ranked
from decider import DeciderAway
from decider.service import application

TOKEN = "known to those who ask"

FIBER = Offer(1, "FIBER", "sales", "Fiber", "https://x.example/{call}", value_cents=18000)
CARE = Offer(
    4,
    "CARE",
    "service",
    "Care",
    channels=("agent", "ivr"),
    group="desk",
    skill="care",
    ivr_text="Care for you.",
)
#: What is known of customer 7.
FACTS = Facts(
    customer=7, offers=(FIBER, CARE), build=3, ranked={1: Ranked(1, 0.1), 4: Ranked(2, 0.3)}
)


class FixedDecider:
    """Decides from ``FACTS``; ``away`` and ``broken`` make it fail."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.away = False
        self.broken = False

    async def facts_of_call(self, call: str) -> Facts | None:
        """Nothing."""
        return None

    async def decide(self, question: Question, facts: Facts | None = None) -> Decision:
        """As the real one."""
        self.asked.append(question)
        if self.away:
            raise DeciderAway("the database sleeps")
        if self.broken:
            raise RuntimeError("a slip")
        return decide(question, FACTS, Random(1))

    async def close(self) -> None:
        """Hold nothing."""


@asynccontextmanager
async def serving(decider: FixedDecider, port: int = 0) -> AsyncIterator[str]:
    """The service's base URL while this lasts."""

    async def obstacles() -> list[str]:
        return ["offers database: PoolTimeout"] if decider.away else []

    runner = web.AppRunner(application(decider, TOKEN, obstacles), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
