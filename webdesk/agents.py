"""The live state of agents in Redis: reading it, and letting an agent's choice happen."""

from __future__ import annotations

from typing import Any

import orjson
import redis

from cordboard import keys
from cordboard.agent_state import SCRIPT, Event, change
from webdesk.services import now_ms

Json = dict[str, Any]

#: Why an agent pauses: code -> label. The order is the order of the menu.
PAUSE_REASONS = {
    "break": "Break",
    "lunch": "Lunch",
    "meeting": "Meeting",
    "training": "Training",
    "back_office": "Back office",
    "technical": "Technical trouble",
}

#: Every reason a state may carry, in words.
REASONS = {
    **PAUSE_REASONS,
    "log_in": "Just logged in",
    "no_answer": "Phone was not answered",
    "rejected": "Call was rejected",
    "unreachable": "Phone was not reached",
    "phone_away": "Phone is not registered",
}


def read_agent(client: redis.Redis, agent_id: int | str) -> Json:
    """One agent as the pages show it; an agent whom the app does not know yet is offline."""
    row: Any = client.hgetall(keys.agent(agent_id))
    return describe(agent_id, row)


def describe(agent_id: int | str, row: dict[str, str]) -> Json:
    """The hash of an agent with its types put right."""
    return {
        "id": int(agent_id),
        "name": row.get("name", ""),
        "username": row.get("username", ""),
        "device": row.get("device", ""),
        "registered": row.get("registered") == "1",
        "groups": orjson.loads(row.get("groups") or "{}"),
        "skills": orjson.loads(row.get("skills") or "{}"),
        "state": row.get("state") or "offline",
        "reason": row.get("reason", ""),
        "chosen": row.get("chosen") or "offline",
        "since_ms": int(row.get("since_ms") or 0),
        "wrap_until_ms": int(row.get("wrap_until_ms") or 0),
        "call_id": row.get("call", ""),
    }


def let_happen(client: redis.Redis, agent_id: int, event: Event, reason: str = "") -> bool:
    """Let an event happen to an agent; False when it may not happen in the agent's state."""
    run = change(agent_id, event, now_ms=now_ms(), reason=reason)
    answer: Any = client.register_script(SCRIPT)(keys=run.keys, args=run.args)
    return bool(answer[0] == 1)
