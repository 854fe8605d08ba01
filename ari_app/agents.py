"""The agents as the app knows them: a mirror of ``cb:agent:<id>``, and changes of their state.

The mirror may be a moment old; that is safe, because a claim is decided inside Redis. Who the
agents are comes from PostgreSQL; when it is away, what Redis knows from last time is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from ari_app.bus import Bus
from ari_app.clock import now_ms
from cordboard import agent_state, keys
from cordboard.acd import Candidate
from cordboard.agent_state import Event, State
from cordboard.attempt import E164
from cordboard.events import PhoneRegistered, PhoneUnregistered, tell_desk

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: States of an agent who serves callers.
AT_WORK = frozenset({State.AVAILABLE, State.RESERVED, State.RINGING, State.ON_CALL, State.WRAP_UP})
#: An agent who comes back from here was not busy: the place among the idle ones stays.
NEVER_REACHED = frozenset({State.AVAILABLE, State.RESERVED, State.RINGING})


@dataclass(slots=True)
class Agent:
    """One agent: who it is, and what we last heard of its state."""

    id: int
    name: str
    username: str
    device: str
    groups: dict[str, int]
    skills: dict[str, int]
    number: str = ""
    state: str = State.OFFLINE
    registered: bool = False
    elsewhere: bool = False
    idle_since_ms: int = 0
    call: str = ""
    wrap_until_ms: int = 0

    @property
    def endpoint(self) -> str:
        """What is dialled to reach this agent: a phone of ours, or a number over the trunk."""
        return over_trunk(self.number) if self.number else f"PJSIP/{self.device}"

    @property
    def can_be_rung(self) -> bool:
        """Free, at a phone that is there and in no call that is not ours."""
        return self.state == State.AVAILABLE and self.registered and not self.elsewhere

    def candidate(self) -> Candidate:
        """This agent as the ACD sees it."""
        return Candidate(self.id, self.groups, self.skills, self.idle_since_ms)

    def fields(self) -> dict[Any, Any]:
        """Who it is, as stored in its hash; nothing of its state."""
        return {
            "name": self.name,
            "username": self.username,
            "device": self.device,
            "number": self.number,
            "groups": orjson.dumps(self.groups),
            "skills": orjson.dumps(self.skills),
        }


def over_trunk(number: str) -> str:
    """What is dialled to reach a number of the telephone network.

    Raises:
        ValueError: not a number in international form.
    """
    if not E164.fullmatch(number):
        raise ValueError("not a number that can be dialled")
    return f"PJSIP/{number}@trunk"


@dataclass(slots=True)
class Agents:
    """All agents by id; ``changed`` is called when one may have become free.

    ``pins`` has the hashes of the PINs by which agents sign on; they are kept nowhere but here.
    """

    bus: Bus
    changed: Callable[[], None] = lambda: None
    by_id: dict[int, Agent] = field(default_factory=dict)
    pins: dict[int, bytes] = field(default_factory=dict, repr=False)
    _by_device: dict[str, Agent] = field(default_factory=dict)

    def free(self) -> list[Agent]:
        """Agents who could be claimed, as far as we know."""
        return [a for a in self.by_id.values() if a.can_be_rung]

    def in_group(self, group: str) -> list[Agent]:
        """Agents of a group who are logged in."""
        return [a for a in self.by_id.values() if group in a.groups and a.state != State.OFFLINE]

    def wraps_up(self, agent_id: int, call_id: str) -> bool:
        """Whether the agent is in the wrap-up of that call, as far as we know."""
        agent = self.by_id.get(agent_id)
        return agent is not None and (agent.state, agent.call) == (State.WRAP_UP, call_id)

    def at_work(self, group: str) -> int:
        """How many agents of a group take calls, or will when they have finished what they do."""
        return sum(1 for agent in self.in_group(group) if agent.state in AT_WORK)

    def by_device(self, device: str) -> Agent | None:
        """Whose phone this is."""
        return self._by_device.get(device)

    async def store(self, rows: Iterable[Json]) -> None:
        """Take the directory from PostgreSQL; agents who left it are forgotten, states stay."""
        found = {row["id"]: _from_row(row) for row in rows}
        pipe = self.bus.pipe
        for agent in found.values():
            pipe.sadd(keys.AGENTS, agent.id)
            pipe.hset(keys.agent(agent.id), mapping=agent.fields())
            pipe.hsetnx(keys.agent(agent.id), "state", State.OFFLINE)
            if agent.number:
                # A number can always be rung; nobody tells us when it cannot.
                pipe.hset(keys.agent(agent.id), "registered", 1)
        await self.bus.flush()
        for known in await self.bus.redis.smembers(keys.AGENTS):
            if int(known) not in found:
                self.bus.pipe.srem(keys.AGENTS, known)
                self.bus.pipe.delete(keys.agent(int(known)))
        await self.bus.flush()
        await self.read()

    async def read(self) -> None:
        """Read the mirror from Redis."""
        ids = sorted(int(known) for known in await self.bus.redis.smembers(keys.AGENTS))
        pipe = self.bus.redis.pipeline(transaction=False)
        for agent_id in ids:
            pipe.hgetall(keys.agent(agent_id))
        hashes = await pipe.execute() if ids else []
        self.by_id = {i: _from_hash(i, stored) for i, stored in zip(ids, hashes, strict=True)}
        self._by_device = {a.device: a for a in self.by_id.values() if a.device}
        self.changed()

    async def refresh(self, agent_id: int) -> Agent:
        """Read one agent again, after the mirror turned out to be old."""
        self.bus.pipe.hgetall(keys.agent(agent_id))
        agent = self.by_id[agent_id] = _from_hash(agent_id, await self.bus.last())
        self._by_device[agent.device] = agent
        return agent

    async def change(
        self,
        agent_id: int,
        event: Event,
        *,
        call_id: str = "",
        reason: str = "",
        wrap_until_ms: int = 0,
    ) -> bool:
        """Let something happen to an agent; False when the table does not allow it now."""
        script = agent_state.change(
            agent_id,
            event,
            now_ms=now_ms(),
            call_id=call_id,
            reason=reason,
            wrap_until_ms=wrap_until_ms,
        )
        self.bus.pipe.eval(agent_state.SCRIPT, len(script.keys), *script.keys, *script.args)
        done, old, new = await self.bus.last()
        if agent := self.by_id.get(agent_id):
            self._moved(agent, str(new if done else old), str(old), now_ms())
        log.info(
            "agent.moved" if done else "agent.move_refused",
            agent=agent_id,
            call_id=call_id,
            move=f"{old} -> {event} -> {new}",
        )
        return bool(done)

    def heard(self, data: Json) -> None:
        """Take an ``agent.state_changed`` into the mirror."""
        agent = self.by_id.get(int(data["agent"]))
        if agent is None:
            return
        agent.call = data.get("call_id", "")
        self._moved(agent, data["state"], data.get("previous", ""), int(data["since_ms"]))

    def _moved(self, agent: Agent, state: str, before: str, at_ms: int) -> None:
        agent.state = state
        if state != State.AVAILABLE:
            return
        if before not in NEVER_REACHED:
            agent.idle_since_ms = at_ms
        self.changed()

    def set_registered(self, device: str, registered: bool) -> None:
        """A phone registered, or is gone; tells the desk when that is new."""
        agent = self.by_device(device)
        if agent is None or agent.registered == registered:
            return
        agent.registered = registered
        event = PhoneRegistered if registered else PhoneUnregistered
        pipe = self.bus.pipe
        pipe.hset(keys.agent(agent.id), "registered", int(registered))
        tell_desk(pipe, agent.id, event(agent=agent.id, device=device))
        log.info(event.wire, agent=agent.id, device=device)
        self.changed()

    def set_elsewhere(self, device: str, elsewhere: bool) -> None:
        """A phone is in a call that is not ours, or is not any more."""
        agent = self.by_device(device)
        if agent is None or agent.elsewhere == elsewhere:
            return
        agent.elsewhere = elsewhere
        self.bus.pipe.hset(keys.agent(agent.id), "elsewhere", int(elsewhere))
        log.info("phone.elsewhere" if elsewhere else "phone.free", agent=agent.id, device=device)
        self.changed()


def _from_row(row: Json) -> Agent:
    return Agent(
        id=row["id"],
        name=row["name"],
        username=row["username"],
        device=row["device"] or "",
        number=row["number"] or "",
        groups=dict(row["groups"] or {}),
        skills=dict(row["skills"] or {}),
    )


def _from_hash(agent_id: int, stored: dict[str, str]) -> Agent:
    return Agent(
        id=agent_id,
        name=stored.get("name", ""),
        username=stored.get("username", ""),
        device=stored.get("device", ""),
        number=stored.get("number", ""),
        groups=orjson.loads(stored.get("groups") or "{}"),
        skills=orjson.loads(stored.get("skills") or "{}"),
        state=stored.get("state", State.OFFLINE),
        registered=stored.get("registered") == "1",
        elsewhere=stored.get("elsewhere") == "1",
        idle_since_ms=int(stored.get("idle_since_ms") or 0),
        call=stored.get("call", ""),
        wrap_until_ms=int(stored.get("wrap_until_ms") or 0),
    )
