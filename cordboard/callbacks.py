"""Calling people back: whom there is room for, and what became of an attempt. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cordboard.agent_state import State

#: An agent whose wrap-up ends within this time is counted as free: so long takes a customer to
#: answer and to be greeted, milliseconds.
AHEAD_MS = 6000


#: An agent who is free, or will be when a call is over.
AT_WORK = frozenset({State.AVAILABLE, State.RESERVED, State.RINGING, State.ON_CALL, State.WRAP_UP})


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent as Redis has it.

    Attributes:
        id: the agent.
        groups: codes of the agent's groups.
        state: what the agent does.
        chosen: the state that the agent chose for after the call.
        registered: the phone can be rung, and is in no call that is not ours.
        wrap_until_ms: when wrap-up ends, milliseconds since 1970; 0 when there is none.
    """

    id: int
    groups: frozenset[str]
    state: str
    chosen: str
    registered: bool
    wrap_until_ms: int = 0

    def free_at_ms(self, now_ms: int) -> int | None:
        """When the agent can take a call: now, at the end of wrap-up, or None for not soon."""
        if not self.registered:
            return None
        if self.state == State.AVAILABLE:
            return now_ms
        if self.state == State.WRAP_UP and self.chosen == State.AVAILABLE and self.wrap_until_ms:
            return max(now_ms, self.wrap_until_ms)
        return None


@dataclass(frozen=True, slots=True)
class Demand:
    """What a group is asked for.

    Attributes:
        group: its code.
        due: requests that are due.
        ahead: calls that come first: under way without an agent, or waiting for longer.
        behind: callers who came later wait on the line; the next free agent would get one of them.
    """

    group: str
    due: int
    ahead: int = 0
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How many attempts may be begun for each group, and when to look again.

    Attributes:
        by_group: group code -> attempts; groups without room are left out.
        again_ms: when the next wrap-up is nearly over, milliseconds since 1970; None for never.
    """

    by_group: Mapping[str, int]
    again_ms: int | None = None


def room_for(
    demands: Iterable[Demand], agents: Iterable[AgentNow], now_ms: int, ahead_ms: int = AHEAD_MS
) -> Room:
    """As many attempts as agents are free or about to be, each agent counted once.

    Agents who serve few groups are given away first, so that those of many are left for the others.
    Whoever is next, with later callers on the line, is called before an agent is free: else a place
    that was kept would fall behind all who stayed.
    """
    agents = list(agents)
    times = {agent: agent.free_at_ms(now_ms) for agent in agents}
    soon = {a for a, at in times.items() if at is not None and at <= now_ms + ahead_ms}
    later = [at for a, at in times.items() if at is not None and a not in soon]
    free = sorted(soon, key=lambda agent: (len(agent.groups), agent.id))
    by_group = {}
    for demand in demands:
        able = [agent for agent in free if demand.group in agent.groups]
        taken = able[: demand.ahead + demand.due]
        works = any(demand.group in agent.groups and agent.state in AT_WORK for agent in agents)
        least = 1 if demand.behind and not demand.ahead and works else 0
        if room := max(least, len(taken) - demand.ahead):
            by_group[demand.group] = room
        free = [agent for agent in free if agent not in taken]
    return Room(by_group, min(later) - ahead_ms if later else None)


class Fate(StrEnum):
    """What to do about an attempt whose lease ran out."""

    LIVES = "lives"  # its call goes on: look again later
    ON_ITS_WAY = "on_its_way"  # the app, or the database, has yet to take it: look again soon
    BEGIN = "begin"  # nobody handed it over: judge it and do so
    HAND_OVER = "hand_over"  # it was to be handed over, and the app never got it
    UNKNOWN = "unknown"  # it was begun, and nobody knows how it ended: never dial it again


@dataclass(frozen=True, slots=True)
class Signs:
    """What is found of an attempt, all at one moment.

    Attributes:
        state: of the attempt in the database (``claimed``, ``handed``, ``dialled``).
        in_stream: the app has not taken it yet.
        live: its call is one of the app's live calls.
        begun: the app remembers that it began the call, or the call has a record.
        in_journal: facts about the call are on their way to the database.
    """

    state: str
    in_stream: bool = False
    live: bool = False
    begun: bool = False
    in_journal: bool = False


def fate_of(signs: Signs) -> Fate:
    """What to do; only what was certainly never begun is handed over again."""
    if signs.live:
        return Fate.LIVES
    if signs.in_stream or signs.in_journal:
        return Fate.ON_ITS_WAY
    if signs.begun or signs.state == "dialled":
        return Fate.UNKNOWN
    return Fate.BEGIN if signs.state == "claimed" else Fate.HAND_OVER
