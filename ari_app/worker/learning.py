"""What is learned and ranked without anybody asking: nightly, and when customers have changed.

Each night a subscriber's model is trained and all lists are built anew (which also lets attributes
age that count days); every few minutes the lists of customers who have changed, or of all when
offers have. Both are commands of the command line in a process of their own, so that neither the
training library nor the work is in the worker, and both see to it themselves that no two do the
same at once. Which night a subscriber has had is kept in ``nightly_run``: of several workers one
takes it, and when that one dies before the end, another, or the same again, begins it anew.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from ari_app.worker.away import keep_trying
from ari_app.worker.parts import Parts
from db.queries import sql

log = structlog.get_logger(__name__)

#: Between two looks at the clock, seconds.
LOOK_S = 60.0
MINUTE_S = 60.0
#: A command that takes longer is ended, seconds: a build may wait for a backup for hours.
LONGEST_S = 8 * 3600.0
#: Other programs of the machine go first.
COMMAND = ("nice", "-n", "10", sys.executable, "-m", "cordboard")
#: So much of what a command says last is logged, characters.
TAIL = 500


async def learn_nightly(parts: Parts) -> None:
    """The worker's task: train and build once a night and subscriber."""

    async def once() -> None:
        async with night_of_mine(parts) as night:
            if night is not None:
                await spend_night(parts, night)
        if night is None:
            await asyncio.sleep(LOOK_S)

    if parts.settings.nightly_hour >= 0:
        await keep_trying(parts, "nightly", once)


async def keep_strategies(parts: Parts) -> None:
    """The worker's task: rank anew what has changed, customers or offers."""
    every = parts.settings.strategies_every_minutes * MINUTE_S

    async def once() -> None:
        await asyncio.sleep(every)
        # It finds out itself whether there is anything to do: an edit and a cool-down that ends
        # mark nobody.
        await run_command("strategies", "build", "--changed")

    if every:
        await keep_trying(parts, "strategies", once)


@asynccontextmanager
async def night_of_mine(parts: Parts) -> AsyncIterator[dict[str, Any] | None]:
    """A subscriber whose night it is, nobody else's while the block lasts; None without one.

    The connection is kept: its session holds the lock, which ends with whoever dies.
    """
    async with parts.pool.connection(timeout=5) as connection:
        claimed = await connection.execute(sql.claim_night, {"hour": parts.settings.nightly_hour})
        try:
            yield await claimed.fetchone()
        finally:
            await connection.execute(sql.leave_night)


async def spend_night(parts: Parts, night: dict[str, Any]) -> None:
    """Train one subscriber's model, then build all lists; a failure of one is no reason to skip."""
    code = night["code"]
    trained = await run_command("train", "--subscriber", code)
    built = await run_command("strategies", "build", "--subscriber", code)
    async with parts.pool.connection(timeout=5) as connection:
        await connection.execute(
            sql.end_night, {"subscriber": night["id"], "day": night["day"], "ok": trained and built}
        )


async def run_command(*words: str) -> bool:
    """Run a command of the command line to its end; whether it ended well."""
    name = " ".join(words)
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            said, _ = await process.communicate()
    except TimeoutError:
        log.error("learning.too_long", command=name, after_s=LONGEST_S)
        return False
    finally:
        await _end(process)
    level = log.info if process.returncode == 0 else log.warning
    level("learning.command_ended", command=name, code=process.returncode, said=_tail(said))
    return process.returncode == 0


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no process behind: neither after a time-out nor when the worker is stopped."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _tail(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").split())[-TAIL:]
