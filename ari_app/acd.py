"""The ACD at work: one task that brings waiting calls and free agents together.

It wakes when a call is queued, when an agent may have become free, and every second, because a
waiting call's demands relax. Who gets whom is decided by :mod:`cordboard.acd`; a claim is one
atomic operation in Redis.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

import structlog

from ari_app.agents import Agents
from ari_app.clock import now_ms
from cordboard import keys
from cordboard.acd import Service, WaitingCall, choose_agent, estimated_wait_s
from cordboard.agent_state import Event, State

log = structlog.get_logger(__name__)

#: The matcher looks at the queue this often even if nothing happened, seconds.
TICK_S = 1.0


class Acd:
    """The queues; calls enter and leave, and are told when an agent is reserved for them."""

    def __init__(self, agents: Agents) -> None:
        self.agents = agents
        self.service: defaultdict[str, Service] = defaultdict(Service)
        self._waiting: dict[str, WaitingCall] = {}
        self._deliver: dict[str, Callable[[int], None]] = {}
        #: Agents whom a claim under way may have reserved already.
        self.claiming: set[int] = set()
        self._wake = asyncio.Event()
        agents.changed = self._wake.set

    def enter(self, call: WaitingCall, deliver: Callable[[int], None]) -> None:
        """Queue a call; ``deliver`` gets the id of the agent reserved for it."""
        self._waiting[call.id] = call
        self._deliver[call.id] = deliver
        self.agents.bus.pipe.zadd(keys.queue(call.group), {call.id: call.score})
        self._wake.set()

    def leave(self, call_id: str) -> None:
        """Take a call out of its queue, if it is in one."""
        call = self._waiting.pop(call_id, None)
        self._deliver.pop(call_id, None)
        if call is not None:
            self.agents.bus.pipe.zrem(keys.queue(call.group), call_id)

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting_in(self, group: str) -> int:
        """How many calls wait for a group."""
        return sum(1 for call in self._waiting.values() if call.group == group)

    def position(self, call_id: str) -> int:
        """Place of a waiting call in its group's queue, 1 is the next."""
        own = self._waiting[call_id]
        group = (c for c in self._waiting.values() if c.group == own.group)
        return 1 + sum(1 for c in group if (c.score, c.id) < (own.score, own.id))

    def expected_wait_s(self, call_id: str) -> float | None:
        """Estimated seconds until a waiting call is served, or None when nothing can be said."""
        group = self._waiting[call_id].group
        agents = self.agents.at_work(group)
        return estimated_wait_s(self.position(call_id), agents, self.service[group].handle_s)

    async def run(self) -> None:
        """Match until cancelled."""
        while True:
            try:
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self._match()

    async def _match(self) -> None:
        """Give every waiting call that can be served an agent, in the order of service."""
        for call in sorted(self._waiting.values(), key=lambda c: (c.score, c.id)):
            free = self.agents.free()
            if not free:
                return
            chosen = choose_agent(call, [a.candidate() for a in free], now_ms())
            if chosen is not None:
                self.claiming.add(chosen.id)
                try:
                    await self._claim(call, chosen.id)
                finally:
                    self.claiming.discard(chosen.id)

    async def _claim(self, call: WaitingCall, agent_id: int) -> None:
        """Reserve an agent for a call; when another was quicker, the next round tries again."""
        if not await self._reserved(call.id, agent_id):
            self._wake.set()
            return
        deliver = self._deliver.get(call.id)
        if deliver is None:
            # The caller left while the agent was being claimed.
            await self.agents.change(agent_id, Event.RELEASE, call_id=call.id)
            return
        self.leave(call.id)
        deliver(agent_id)

    async def _reserved(self, call_id: str, agent_id: int) -> bool:
        if await self.agents.change(agent_id, Event.RESERVE, call_id=call_id):
            return True
        # The mirror was old; or Redis restarted after it had done what we asked; we asked again.
        agent = await self.agents.refresh(agent_id)
        return agent.state == State.RESERVED and agent.call == call_id
