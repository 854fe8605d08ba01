"""Visitors whose browser is gone and of whom nobody was left to say so.

A web worker tells the agent when the last page of a visitor closes. One that is killed tells
nobody; its pages come back to another worker, or their signs of life in Redis run out. So call
control looks for itself after the visitors of its calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog
from redis.exceptions import RedisError

from ari_app.bus import Bus
from ari_app.call import Call
from ari_app.clock import now_ms
from cordboard import keys
from cordboard.events import VisitorLeft, tell_desk

log = structlog.get_logger(__name__)

#: Time between two looks, seconds.
EVERY_S = 6.0
#: A visitor is away who is found missing so often in a row. A page that is there says so every ten
#: seconds, so after a loss of all live state it has done that meanwhile.
MISSING = 3


class Visitors:
    """Looks after the visitors of calls whose agent has signed on.

    Args:
        bus: where presence is read.
        calls: the calls that run.
    """

    def __init__(self, bus: Bus, calls: Callable[[], Iterable[Call]]) -> None:
        self._bus = bus
        self._calls = calls
        self._missing: dict[str, int] = {}

    async def run(self) -> None:
        """Do it until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except (RedisError, OSError) as error:
                log.warning("visitors.wait", error=repr(error))

    async def look(self) -> None:
        """One look: who is missing for long is told of, once."""
        watched = {call.state.visitor: call for call in self._calls() if _is_watched(call)}
        pipe = self._bus.redis.pipeline(transaction=False)
        for visitor in watched:
            pipe.exists(keys.presence(visitor))
        here = dict(zip(watched, await pipe.execute(), strict=True))
        self._missing = {v: self._missing.get(v, 0) + 1 for v, there in here.items() if not there}
        for visitor, times in self._missing.items():
            if times >= MISSING:
                await self._say_left(watched[visitor])

    async def _say_left(self, call: Call) -> None:
        away = keys.visitor_away(call.state.visitor)
        if await self._bus.redis.set(away, "1", nx=True, ex=keys.VISITOR_S):
            call.log.info("visitor.lost")
            tell_desk(self._bus.pipe, call.state.agent, VisitorLeft(call.id, now_ms()))


def _is_watched(call: Call) -> bool:
    state = call.state
    return bool(state.visitor and state.agent and state.signed_on_ms and not state.ended_ms)
