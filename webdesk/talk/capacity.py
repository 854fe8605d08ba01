"""Is there anybody who could talk now, and how many wait already?"""

from __future__ import annotations

from typing import Any

import orjson

from cordboard import keys
from webdesk.services import Services


def anybody_on_duty(svc: Services, group: str | None) -> bool:
    """Whether an agent of the group is on duty, busy or not; a call centre elsewhere always is."""
    if group is None:
        return True
    found: Any = svc.redis.smembers(keys.AGENTS)
    pipe = svc.redis.pipeline()
    for agent in found:
        pipe.hmget(keys.agent(agent), "state", "groups")
    return any(
        state not in (None, "", "offline") and group in orjson.loads(groups or "{}")
        for state, groups in pipe.execute()
    )


def waiting(svc: Services, group: str | None) -> int:
    """How many wait in the group's queue."""
    count: Any = svc.redis.zcard(keys.queue(group)) if group else 0
    return int(count)
