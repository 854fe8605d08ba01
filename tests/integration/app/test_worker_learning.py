"""The worker's nights: one of several workers takes each, in a process that holds nothing up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis

from ari_app.worker import learning
from ari_app.worker.learning import (
    keep_strategies,
    learn_nightly,
    night_of_mine,
    run_command,
    spend_night,
)
from ari_app.worker.parts import Parts
from cordboard.settings import Settings
from db.pool import open_async_pool
from support.beside import running
from support.soon import soon
from support.web import with_values

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture
async def parts(stores: Settings, fresh_database_url: str, redis: Redis) -> AsyncIterator[Parts]:
    settings = with_values(stores, database_url=fresh_database_url, nightly_hour=_hour_of(-5))
    async with await open_async_pool(settings.database, size=4, name="test") as pool:
        yield Parts(settings, pool, redis)


def _hour_of(zone: int) -> int:
    """The hour now, that many hours from UTC; the demo world's subscribers are near -5."""
    return (time.gmtime().tm_hour + zone) % 24


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have run."""
    words: list[str] = []

    async def run(*command: str) -> bool:
        words.append(" ".join(command))
        return "pantry" not in command

    monkeypatch.setattr(learning, "run_command", run)
    monkeypatch.setattr(learning, "LOOK_S", 0.05)
    return words


async def test_of_two_workers_one_takes_each_night(
    parts: Parts, ran: list[str], connect: Callable[[], Connection]
) -> None:
    conn = connect()
    conn.execute("UPDATE subscriber SET timezone = 'Etc/GMT+5'")

    async with running(learn_nightly(parts), learn_nightly(parts)):
        ended = "SELECT subscriber_id, ok FROM nightly_run WHERE ended_at IS NOT NULL ORDER BY 1"
        await soon(lambda: len(conn.execute(ended).fetchall()) == 2)
        async with night_of_mine(parts) as none:
            assert none is None

    assert sorted(ran) == [
        "strategies build --subscriber halyard",
        "strategies build --subscriber pantry",
        "train --subscriber halyard",
        "train --subscriber pantry",
    ]
    assert [row["ok"] for row in conn.execute(ended)] == [True, False]


async def test_by_day_nothing_is_learned(
    parts: Parts, ran: list[str], connect: Callable[[], Connection]
) -> None:
    conn = connect()
    conn.execute("UPDATE subscriber SET timezone = 'Etc/GMT-7'")  # twelve hours away
    async with night_of_mine(parts) as none:
        assert none is None
    conn.execute("UPDATE subscriber SET timezone = 'Etc/GMT+5'")
    async with night_of_mine(parts) as night:
        assert night is not None


async def test_the_night_of_a_worker_that_died_is_begun_anew(
    parts: Parts, ran: list[str], connect: Callable[[], Connection]
) -> None:
    """Killed by its session's end, as when a process dies; while it lives nobody else has it."""
    conn = connect()
    conn.execute("UPDATE subscriber SET timezone = 'Etc/GMT+5'")
    taken: list[dict[str, Any] | None] = []

    async def take_and_die() -> None:
        async with night_of_mine(parts) as first:
            async with night_of_mine(parts) as second, night_of_mine(parts) as third:
                taken.extend([first, second, third])
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks l"
                " JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()"
                " WHERE locktype = 'advisory' AND objid = %s",
                [first["id"] if first else None],
            )

    with pytest.raises(psycopg.OperationalError):
        await take_and_die()
    first, second, third = taken
    assert [first and first["code"], second and second["code"]] == ["halyard", "pantry"]
    assert third is None

    async with night_of_mine(parts) as anew:
        assert anew is not None
        assert anew == first
        await spend_night(parts, anew)
    async with night_of_mine(parts) as other:
        assert other == second, "what has ended is not begun again"


async def test_never_is_never(parts: Parts) -> None:
    parts.settings = with_values(parts.settings, nightly_hour=-1, strategies_every_minutes=0)

    async with asyncio.timeout(2):
        await learn_nightly(parts)
        await keep_strategies(parts)


async def test_what_has_changed_is_built_again_and_again(
    parts: Parts, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when no customer has changed: an edit of offers marks nobody."""
    monkeypatch.setattr(learning, "MINUTE_S", 0.001)
    parts.settings = with_values(parts.settings, strategies_every_minutes=5)
    async with running(keep_strategies(parts)):
        await soon(lambda: ran[:2] == ["strategies build --changed"] * 2)


async def test_a_command_runs_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop goes on meanwhile: the command ends when it is told so. How it ended is told."""
    monkeypatch.setattr(learning, "COMMAND", (sys.executable, "-c"))
    monkeypatch.setattr(learning, "LONGEST_S", 20)
    begun, end = tmp_path / "begun", tmp_path / "end"
    os.mkfifo(end)
    telling = os.open(end, os.O_RDWR)

    async def tell_to_end() -> None:
        await soon(begun.exists)
        os.write(telling, b"!")

    command = f"import sklearn; open({str(begun)!r}, 'w'); open({str(end)!r}, 'rb').read(1)"
    ended_well, _ = await asyncio.gather(run_command(command), tell_to_end())
    os.close(telling)
    assert ended_well
    assert not await run_command("raise SystemExit(3)")


def test_the_worker_loads_no_training() -> None:
    assert "sklearn" not in _modules_of("import ari_app.worker.__main__")


async def test_a_command_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "COMMAND", (sys.executable, "-c"))
    monkeypatch.setattr(learning, "LONGEST_S", 0.3)

    assert not await run_command("import signal; signal.pause()")


def _modules_of(statement: str) -> list[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_command_line_starts_as_a_module() -> None:
    done = subprocess.run(
        [*learning.COMMAND, "train", "--help"], capture_output=True, text=True, check=True
    )
    assert "Learn who takes which offer" in done.stdout
