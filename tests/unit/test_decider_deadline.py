"""The deadline is one, whatever a database or the decision service does meanwhile.

It is half a second; here it is shorter, so that nobody waits for long.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from cordboard.question import Question
from cordboard.settings import Settings
from decider import DeciderAway, facts, open_decider, open_decider_sync, remote
from decider.local import open_local
from support.decider import TOKEN
from support.silent import dripping, listening, silent_postgres

ASKED = Question("", 7, "halyard", channel="api", at_ms=1)
DEADLINE_S = 0.1
#: What a busy machine may add, seconds.
GRACE_S = 0.4


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "DEADLINE_S", DEADLINE_S)
    monkeypatch.setattr(remote, "DEADLINE_S", DEADLINE_S)


@contextmanager
def in_time(least: float = 0.0) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert least <= took < DEADLINE_S + GRACE_S, f"{took:.2f} s"


@pytest.fixture(params=[0, 1], ids=["at-the-test", "at-the-question"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """One that falls silent when a connection of the pool is tested, or when it is asked."""
    with silent_postgres(answers=request.param) as url:
        yield url


def settings(database: str) -> Settings:
    return Settings(port_base=1024, database_url=database)


async def test_a_database_that_falls_silent(database: str) -> None:
    decider = await open_decider(settings(database))
    try:
        for _ in range(2):
            with in_time(0.09), pytest.raises(DeciderAway):
                await decider.decide(ASKED)
        with in_time(0.09):
            assert await decider.facts_of_call("0190b7a4-12ab-7cde-8f01-0123456789ab") is None
    finally:
        await decider.close()


async def test_asked_by_threads(database: str) -> None:
    decider = open_decider_sync(settings(database))
    try:
        for _ in range(2):
            with in_time(0.09), pytest.raises(DeciderAway):
                await asyncio.to_thread(decider.decide, ASKED)
    finally:
        decider.close()


async def test_readiness_is_told_in_time_too(database: str) -> None:
    decider = await open_local(settings(database))
    try:
        with in_time():
            (problem,) = await decider.obstacles()
        assert problem.startswith("customers database: ")
    finally:
        await decider.close()


async def test_whoever_hangs_up_does_not_wait_for_the_database(database: str) -> None:
    decider = await open_decider(settings(database))
    try:
        task = asyncio.create_task(decider.decide(ASKED))
        await asyncio.wait([task], timeout=0.05)
        with in_time():
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    finally:
        await decider.close()


async def test_a_service_that_answers_drop_by_drop() -> None:
    with listening(dripping) as port:
        await away_in_time(port)


async def test_a_service_that_closes_first_and_falls_silent_then() -> None:
    asked = count()

    def talk(client: socket.socket) -> None:
        client.recv(65536)
        client.settimeout(None if next(asked) % 2 else 0.06)
        with suppress(TimeoutError):
            client.recv(1)

    with listening(talk) as port:
        await away_in_time(port)


async def away_in_time(port: int) -> None:
    asking = Settings(port_base=1024, decider_url=f"http://127.0.0.1:{port}", decider_token=TOKEN)
    remote, threads = await open_decider(asking), open_decider_sync(asking)
    try:
        with in_time(), pytest.raises(DeciderAway):
            await remote.decide(ASKED)
        with in_time(), pytest.raises(DeciderAway):
            await asyncio.to_thread(threads.decide, ASKED)
    finally:
        await remote.close()
        threads.close()
