"""An agent at work in a test: a desk (through the agent-state script) and a telephone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson
import redis

from cordboard import keys
from cordboard.agent_state import SCRIPT, Event, State, change
from cordboard.sipp import Phone, eventually


def now_ms() -> int:
    """The present, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Agent:
    """One agent of the demo world."""

    id: int
    username: str
    redis: redis.Redis
    _phone: Phone | None

    @property
    def phone(self) -> Phone:
        """The SIP phone."""
        assert self._phone is not None, f"{self.username} is called at a number"
        return self._phone

    def happen(self, event: Event, reason: str = "") -> None:
        """Let the desk do something: log in, take a pause, end wrap-up."""
        run = change(self.id, event, now_ms=now_ms(), reason=reason)
        self.redis.register_script(SCRIPT)(keys=run.keys, args=run.args)

    def field(self, name: str) -> str:
        """A field of the agent's live state."""
        value = self.redis.hget(keys.agent(self.id), name)
        return value.decode() if isinstance(value, bytes) else str(value or "")

    @property
    def state(self) -> State:
        """What the agent is doing now."""
        return State(self.field("state") or "offline")

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """What the desk was told, in order: type and data."""
        entries: Any = self.redis.xrange(keys.desk(self.id))
        return [(e[b"type"].decode(), orjson.loads(e[b"data"])) for _, e in entries]

    def withdrawn(self, call_id: str) -> str:
        """Why a call was taken from this agent, as the desk was told."""

        def look() -> str:
            told = [data for kind, data in self.told() if kind == "call.withdrawn"]
            return "".join(data["reason"] for data in told if data["call_id"] == call_id)

        return str(eventually(look, what=f"the call is taken from {self.username}"))

    def becomes(self, state: State, within: float = 30.0) -> None:
        """Wait until the agent is in a state."""
        eventually(
            lambda: self.state is state,
            within=within,
            what=f"{self.username} becomes {state}, is {self.state} ({self.field('reason')})",
        )

    def plug_in(self) -> Agent:
        """Plug the phone in and wait until the app knows of it."""
        self.phone.plug_in()
        eventually(
            lambda: self.field("registered") == "1",
            what=f"the app sees the phone of {self.username}",
        )
        return self

    def be_available(self) -> Agent:
        """Take calls, from whatever state allows it."""
        self.happen(Event.LOG_IN)
        self.happen(Event.MAKE_AVAILABLE)
        # A call that waits may have taken the agent already, so the state proves nothing.
        assert self.field("chosen") == State.AVAILABLE
        return self

    def leave(self, within: float = 10.0) -> None:
        """End wrap-up, log out, take the phone away."""
        eventually(self._is_out, within=within, what=f"{self.username} is offline")
        if self._phone is not None:
            self._phone.unplug()

    def _is_out(self) -> bool:
        self.happen(Event.WRAP_UP_ENDED)
        self.happen(Event.LOG_OUT)
        return self.state is State.OFFLINE
