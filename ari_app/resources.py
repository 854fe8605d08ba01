"""What is free right now, as the decider is told: agents by group and skill, and expected waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ari_app.acd import Acd
from ari_app.agents import AT_WORK, Agent
from cordboard.acd import estimated_wait_s


def resources(acd: Acd, groups: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Group code -> what is free in it, as ``cordboard/question.py`` describes it.

    An agent whom the ACD is about to give to another call is not free.
    """
    free = {agent.id for agent in acd.agents.free()} - acd.claiming
    at_work: dict[str, list[Agent]] = {group: [] for group in groups}
    for agent in acd.agents.by_id.values():
        if agent.state in AT_WORK:
            for group in agent.groups.keys() & at_work.keys():
                at_work[group].append(agent)
    return {group: _seen(acd, group, staff, free) for group, staff in at_work.items()}


def _seen(acd: Acd, group: str, staff: list[Agent], free: set[int]) -> dict[str, Any]:
    position, handle_s = acd.waiting_in(group) + 1, acd.service[group].handle_s
    idle = [agent for agent in staff if agent.id in free]
    skilled = Counter(skill for agent in staff for skill in agent.skills)
    idle_skilled = Counter(skill for agent in idle for skill in agent.skills)
    return {
        "free": len(idle),
        "skills": dict(idle_skilled),
        "wait_s": 0.0 if idle else estimated_wait_s(position, len(staff), handle_s),
        "skill_waits": {
            skill: 0.0 if idle_skilled[skill] else estimated_wait_s(position, able, handle_s)
            for skill, able in skilled.items()
        },
    }
