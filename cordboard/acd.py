"""Automatic call distribution: who is served next, by whom, and how long it will take. No I/O.

Order of service: higher priority first, then whoever came first. Among the agents who may take a
call: the lowest level of the group (the first line), then whoever has been idle longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: Priorities go from 0 (ordinary) to this.
HIGHEST_PRIORITY = 9
#: More than any time in milliseconds until the year 2286, so that priority always comes first;
#: nine times this still is an exact integer in the 64-bit floating point number of a Redis score.
_PRIORITY_STEP = 10**13
#: Poorer than any level of a skill.
_NONE = 1000
#: Mean handle time, seconds, until calls of the group have been measured.
ASSUMED_HANDLE_S = 240.0
#: Weight of the newest call in the running mean of the handle time.
_NEWEST = 0.1


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call in a queue.

    Attributes:
        id: the call.
        group: code of the agent group it waits for.
        score: its place, see :func:`queue_score`; lower is served sooner.
        entered_ms: since when it waits, milliseconds since 1970.
        needs: skills an agent must have, skill -> poorest level that will do (1 is best).
        relax_after_s: seconds of waiting after which ``needs`` no longer count; 0 means never.
        wanted: the agent whom the customer asked for, 0 for none.
        wanted_until_ms: until then nobody else will do.
    """

    id: str
    group: str
    score: float
    entered_ms: int
    needs: Mapping[str, int] = field(default_factory=dict)
    relax_after_s: int = 0
    wanted: int = 0
    wanted_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could take a call now.

    Attributes:
        id: the agent.
        groups: group code -> level; level 1 is asked first.
        skills: skill -> level; level 1 is best.
        idle_since_ms: when the last contact ended, milliseconds since 1970.
    """

    id: int
    groups: Mapping[str, int]
    skills: Mapping[str, int]
    idle_since_ms: int


def queue_score(priority: int, entered_ms: int) -> float:
    """Place in a queue; lower is served sooner. A caller who re-enters keeps ``entered_ms``."""
    rank = HIGHEST_PRIORITY - min(max(priority, 0), HIGHEST_PRIORITY)
    return float(rank * _PRIORITY_STEP + entered_ms)


def entered_of_score(score: float) -> int:
    """``entered_ms`` out of a queue score, milliseconds since 1970."""
    return int(score) % _PRIORITY_STEP


def needed_skills(call: WaitingCall, now_ms: int) -> Mapping[str, int]:
    """Skills that count now: none once the call has waited ``relax_after_s``."""
    waited_s = (now_ms - call.entered_ms) / 1000
    return {} if call.relax_after_s and waited_s >= call.relax_after_s else call.needs


def may_take(agent: Candidate, call: WaitingCall, now_ms: int) -> bool:
    """True when the agent is in the call's group and has the skills that count now."""
    if call.group not in agent.groups:
        return False
    if call.wanted not in (0, agent.id) and now_ms < call.wanted_until_ms:
        return False
    needs = needed_skills(call, now_ms)
    return all(agent.skills.get(skill, _NONE) <= level for skill, level in needs.items())


def choose_agent(
    call: WaitingCall, candidates: Iterable[Candidate], now_ms: int
) -> Candidate | None:
    """The wanted agent; else the longest idle one of the lowest level who may take it; or None."""
    able = (agent for agent in candidates if may_take(agent, call, now_ms))

    def order(agent: Candidate) -> tuple[bool, int, int, int]:
        wanted = agent.id == call.wanted
        return not wanted, agent.groups[call.group], agent.idle_since_ms, agent.id

    return min(able, key=order, default=None)


@dataclass(slots=True)
class Service:
    """What is known about how fast a group works.

    Attributes:
        handled: calls measured so far.
        handle_s: running mean of talk and wrap-up time, seconds.
    """

    handled: int = 0
    handle_s: float = ASSUMED_HANDLE_S

    def assume(self, handle_s: float) -> None:
        """Begin with a mean that is known from earlier, unless calls have been measured since."""
        if not self.handled and handle_s > 0:
            self.handle_s = handle_s

    def measure(self, handle_s: float) -> None:
        """Take one finished call into the running mean; the first one replaces the assumption."""
        weight = _NEWEST if self.handled else 1.0
        self.handle_s += weight * (max(handle_s, 0.0) - self.handle_s)
        self.handled += 1


def estimated_wait_s(position: int, agents: int, handle_s: float) -> float | None:
    """Expected seconds until the call at ``position`` (1 is the next) is served.

    While all agents are busy, contacts end at the rate ``agents / handle_s``, and the call at
    position n is served when n of them have ended: n x handle_s / agents. This is the queue-length
    predictor QL, (Q + 1) / (s mu), of W. Whitt, "Predicting queueing delays", Management Science
    45(6), 1999.

    Returns:
        None when nobody works in the group, because then nothing can be promised.
    """
    return position * handle_s / agents if agents > 0 else None
