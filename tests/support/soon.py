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
            await asyncio.sleep(0.01)
