"""The agents' floor: phones plugged in, everybody logged in and available, and back again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import redis

from bench.phones import plugged_in
from bench.stage import NotMeasured, Stage
from bench.world import Agent
from cordboard import events, keys
from cordboard.agent_state import SCRIPT, Event, State, change
from cordboard.sipp import Late, Switch, eventually

#: How long calls may take to end by themselves, seconds.
PATIENCE_S = 30.0


class Floor:
    """Some agents, seen and moved through Redis, as their desks would."""

    def __init__(self, stage: Stage, agents: Sequence[Agent]) -> None:
        self._redis = redis.Redis.from_url(stage.settings.redis, decode_responses=True)
        self._script = self._redis.register_script(SCRIPT)
        self._switch = Switch(stage.settings)
        self.agents = agents

    def hire(self) -> None:
        """Tell the app of agents and phones that are new in the database; wait for the phones.

        Raises:
            Late: the app did not bring them into Asterisk.
        """
        events.tell_all(self._redis, events.AgentsChanged())
        last = self.agents[-1].phone
        eventually(
            lambda: self._switch.knows_phone(last) and self._redis.hexists(keys.PHONES, last),
            within=60,
            every=0.2,
            what="the app has given Asterisk the agents' phones",
        )

    def happen(self, event: Event) -> None:
        """Let something happen to everybody."""
        for agent in self.agents:
            run = change(agent.id, event, now_ms=time.time_ns() // 1_000_000)
            self._script(keys=run.keys, args=run.args)

    def count(self, field: str, value: str) -> int:
        """How many agents have this value in a field of their live state."""
        pipe = self._redis.pipeline(transaction=False)
        for agent in self.agents:
            pipe.hget(keys.agent(agent.id), field)
        return pipe.execute().count(value)

    def wait_for(self, field: str, value: str, within: float) -> None:
        """Wait until all agents have this value in a field."""
        eventually(
            lambda: self.count(field, value) == len(self.agents),
            within=within,
            every=0.2,
            what=f"{field} of all {len(self.agents)} agents is {value!r}",
        )

    def is_quiet(self) -> bool:
        """Whether no call is under way, in the app or in Asterisk."""
        return not self._redis.scard(keys.CALLS) and not self._switch.channels()

    def make_ready(self) -> None:
        """Wait until all calls are over, then make everybody available again."""
        try:
            eventually(self.is_quiet, within=PATIENCE_S, every=0.2)
        except Late:
            self._switch_off()
            eventually(self.is_quiet, within=PATIENCE_S, every=0.2, what="all calls are over")
        for event in (Event.WRAP_UP_ENDED, Event.LOG_IN, Event.MAKE_AVAILABLE):
            self.happen(event)
        self.wait_for("state", State.AVAILABLE, within=10)

    def _switch_off(self) -> None:
        """Hang up what an overload has left behind."""
        for channel in self._switch.channels():
            self._switch.hang_up(channel["id"])

    def close(self) -> None:
        """Everybody goes home."""
        self.happen(Event.WRAP_UP_ENDED)
        self.happen(Event.LOG_OUT)
        self._redis.close()


@contextmanager
def staffed(stage: Stage, agents: Sequence[Agent], *, talk_s: float) -> Iterator[Floor]:
    """All agents with phones that answer at once and hang up after ``talk_s`` seconds, available.

    Raises:
        NotMeasured: somebody did not become available.
    """
    floor = Floor(stage, agents)
    try:
        floor.hire()
        with plugged_in(stage, [agent.phone for agent in agents], talk_s=talk_s):
            # A phone whose first answer was lost on a busy machine is asked again after 30 s.
            floor.wait_for("registered", "1", within=75)
            floor.make_ready()
            yield floor
            floor.happen(Event.LOG_OUT)
    except Late as late:
        raise NotMeasured(str(late)) from late
    finally:
        floor.close()
