"""Redis for calls: what they write goes out together, in order, and outlives a restart of Redis.

Commands are queued on a pipeline; one task sends what was queued when somebody awaits an answer, at
the latest after a few milliseconds: a hundred calls that take a step at once cost one round trip.
When the connection breaks a batch is sent again: every command here may be done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import BusyLoadingError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)

#: Commands that nobody awaits are sent after so many seconds, with what was queued meanwhile.
SOON_S = 0.005
#: Seconds between attempts while Redis is away.
AGAIN_S = 0.1
#: A Redis that does not answer for so long is taken for gone, seconds. One deadline a batch; those
#: of redis-py, one a read, cost more than the reading.
SILENCE_S = 3.0
_AWAY = (RedisConnectionError, RedisTimeoutError, OSError, TimeoutError)


def heed_cancellation() -> None:
    """End the running task if it was to end: a Redis client can swallow what tells it so.

    Raises:
        asyncio.CancelledError: somebody cancelled this task.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Bus:
    """Group commit over one Redis connection; :meth:`run` must be running."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.up = True
        self._under_way: asyncio.Task[list[Any]] | None = None
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._new_batch()

    def _new_batch(self) -> None:
        self._pipe = self.redis.pipeline(transaction=False)
        self._waiting: list[tuple[int, bool, asyncio.Future[Any]]] = []

    @property
    def pipe(self) -> Pipeline:
        """Where commands are queued; they are sent when somebody awaits them, or very soon."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON_S, self._wake.set)
        return self._pipe

    def flush(self) -> Awaitable[Any]:
        """Wait until everything queued so far is stored."""
        if len(self._pipe):
            return self._answer(len(self._pipe) - 1, raising=False)
        if self._under_way is not None:
            return asyncio.shield(self._under_way)
        return asyncio.sleep(0)

    def last(self) -> Awaitable[Any]:
        """The answer to the command queued last before this call.

        Raises:
            redis.RedisError: when awaited: Redis refused that command.
        """
        return self._answer(len(self._pipe) - 1, raising=True)

    def _answer(self, index: int, *, raising: bool) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((index, raising, future))
        self._wake.set()
        return future

    async def run(self) -> None:
        """Send batches until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if not len(self._pipe):
                continue
            commands, waiting = list(self._pipe.command_stack), self._waiting
            self._new_batch()
            self._under_way = asyncio.create_task(self._send(commands))
            results = await self._under_way
            self._under_way = None
            _report(commands, results)
            for index, raising, future in waiting:
                _settle(future, results[index], raising=raising)
            heed_cancellation()

    async def _send(self, commands: list[Any]) -> list[Any]:
        """Send one batch, for as long as it takes."""
        while True:
            try:
                pipe = self.redis.pipeline(transaction=False)
                for args, options in commands:
                    pipe.execute_command(*args, **options)
                async with asyncio.timeout(SILENCE_S):
                    results = await pipe.execute(raise_on_error=False)
                # It answers, but still reads its file after a start.
                if any(isinstance(result, BusyLoadingError) for result in results):
                    raise BusyLoadingError
            except _AWAY as error:
                if self.up:
                    log.error("redis.away", error=repr(error))
                self.up = False
                await asyncio.sleep(AGAIN_S)
            else:
                if not self.up:
                    log.info("redis.back")
                self.up = True
                return list(results)


def _settle(future: asyncio.Future[Any], result: Any, *, raising: bool) -> None:
    if future.done():
        return
    if raising and isinstance(result, RedisError):
        future.set_exception(result)
    else:
        future.set_result(result)


def _report(commands: list[Any], results: list[Any]) -> None:
    """Log what Redis refused; names of commands and keys only, never values."""
    for (args, _), result in zip(commands, results, strict=True):
        if isinstance(result, RedisError):
            log.error("redis.refused", command=args[0], key=str(args[1]), error=str(result))
