"""Customer and agent reached at once: two sides of one call, each through its own steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ari_app.call import Call, CallHungUp
from ari_app.verbs.dial_customer import dial

Side = Callable[[Call], Awaitable[str]]
#: How long the news of the customer's end may be behind its first effect, seconds.
NEWS_S = 1.0


async def reach_both(call: Call, customer: Side, agent: Side) -> tuple[str, str]:
    """Ring both phones; answers what went wrong on each side, or nothing twice.

    When the customer is not reached the agent's side is broken off: there is nobody to wait for.

    Raises:
        CallHungUp: the customer was reached, and left before both were ready.
        AriError: Asterisk could not do a command.
    """
    if failure := await dial(call):
        return failure, ""
    sides = (asyncio.ensure_future(customer(call)), asyncio.ensure_future(agent(call)))
    try:
        await _until_decided(*sides)
        return await _results(*sides)
    finally:
        for side in sides:
            side.cancel()
        await asyncio.gather(*sides, return_exceptions=True)


async def _until_decided(customer: asyncio.Future[str], agent: asyncio.Future[str]) -> None:
    """Until both sides are through, one of them broke off, or the customer was not reached."""
    pending: set[asyncio.Future[str]] = {customer, agent}
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if any(side.exception() or (side is customer and side.result()) for side in done):
            return


async def _results(customer: asyncio.Future[str], agent: asyncio.Future[str]) -> tuple[str, str]:
    if agent.done() and isinstance(agent.exception(), CallHungUp):
        # The agent's side noticed first that there is no customer; why, the other side says.
        await asyncio.wait((customer,), timeout=NEWS_S)
    if customer.done() and customer.exception() is None and (failure := customer.result()):
        return failure, ""
    return await customer, await agent
