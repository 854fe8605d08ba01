"""How many attempts may be begun now, from the agents and queues that Redis has."""

from __future__ import annotations

from typing import Any

import orjson
from redis.asyncio import Redis

from ari_app.clock import now_ms
from cordboard import keys
from cordboard.acd import queue_score
from cordboard.callbacks import AgentNow, Demand, Room, room_for

Json = dict[str, Any]


async def read_room(redis: Redis, waiting: list[Json]) -> Room:
    """Room for the groups of ``waiting``, rows of the query ``callbacks_waiting``."""
    if not waiting:
        return Room({})
    ids = sorted(str(agent_id) for agent_id in await redis.smembers(keys.AGENTS))
    pipe = redis.pipeline(transaction=False)
    for agent_id in ids:
        pipe.hgetall(keys.agent(agent_id))
    for row in waiting:
        # Whoever waits for longer than the first of those who are due is served before them.
        best = queue_score(row["priority"], row["entered_ms"])
        pipe.zrangebyscore(keys.queue(row["code"]), "-inf", f"({best}")
        pipe.zcount(keys.queue(row["code"]), f"({best}", "+inf")
    answers = await pipe.execute()
    agents = [_agent(int(i), stored) for i, stored in zip(ids, answers, strict=False)]
    queues = answers[len(ids) :]
    demands = [
        _demand(row, before, behind)
        for row, before, behind in zip(waiting, queues[::2], queues[1::2], strict=True)
    ]
    return room_for(demands, agents, now_ms())


def _agent(agent_id: int, stored: dict[str, str]) -> AgentNow:
    return AgentNow(
        id=agent_id,
        groups=frozenset(orjson.loads(stored.get("groups") or "{}")),
        state=stored.get("state", ""),
        chosen=stored.get("chosen", ""),
        registered=stored.get("registered") == "1" and stored.get("elsewhere") != "1",
        wrap_until_ms=int(stored.get("wrap_until_ms") or 0),
    )


def _demand(row: Json, before: list[str], behind: int) -> Demand:
    """An attempt under way may wait in the queue already: it counts once."""
    ahead = {str(call) for call in row["under_way"]} | set(before)
    return Demand(group=row["code"], due=row["due"], ahead=len(ahead), behind=behind > 0)
