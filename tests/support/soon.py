"""Waiting in asynchronous tests, for a sign and with a deadline."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any


async def soon(look: Callable[[], Any | Awaitable[Any]], within: float = 10.0) -> None:
    """Wait until ``look`` answers something true.

    Raises:
        TimeoutError: it did not within so many seconds.
    """
    async with asyncio.timeout(within):
        while True:
            answer = look()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            # Between two looks; it ends with the sign, whether the machine is quick or slow.
            await asyncio.sleep(0.01)


async def one_turn() -> None:
    """Let each task that was started run to its first wait.

    No time passes: the event loop runs what is ready in the order in which it became so, and comes
    back here after that.
    """
    await asyncio.sleep(0)
