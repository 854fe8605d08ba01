"""The floor at a glance: who does what, who waits where. Read only; for supervisors and ops."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from cordboard import keys
from cordboard.acd import entered_of_score
from db.queries import sql
from webdesk import agents, store
from webdesk.services import Services, now_ms, services
from webdesk.sessions import role_required

bp = Blueprint("floor", __name__, url_prefix="/floor")

Json = dict[str, Any]

ROLES = ("supervisor", "ops", "admin")


@bp.get("")
@role_required(*ROLES)
def page() -> str:
    """The page with its first state in it."""
    return render_template("floor.html", state=floor_state(services()), reasons=agents.REASONS)


@bp.get("/state")
@role_required(*ROLES)
def state() -> Response:
    """The state alone; the page asks every two seconds."""
    return jsonify(floor_state(services()))


def floor_state(svc: Services) -> Json:
    """Agents with their states, queues with who waits and for how long."""
    found: Any = svc.redis.smembers(keys.AGENTS)
    ids = sorted(found, key=int)
    pipe = svc.redis.pipeline()
    for agent_id in ids:
        pipe.hgetall(keys.agent(agent_id))
    people = [agents.describe(i, row) for i, row in zip(ids, pipe.execute(), strict=True)]
    return {"now_ms": now_ms(), "agents": people, "queues": _queues(svc, people)}


def _queues(svc: Services, people: list[Json]) -> list[Json]:
    groups = store.groups(svc.pool)
    wishes = {row["code"]: row for row in store.rows(svc.pool, sql.requests_by_group)}
    pipe = svc.redis.pipeline()
    for group in groups:
        pipe.zrange(keys.queue(group["code"]), 0, -1, withscores=True)
    return [
        {
            "code": group["code"],
            "name": group["name"],
            "waiting": len(waiting),
            "longest_ms": _longest_wait(waiting),
            "requests": _requests(wishes.get(group["code"])),
            "available": _count(people, group["code"], "available"),
            "on_call": _count(people, group["code"], "on_call"),
            "staffed": _count(people, group["code"]) - _count(people, group["code"], "offline"),
        }
        for group, waiting in zip(groups, pipe.execute(), strict=True)
    ]


def _requests(row: Json | None) -> Json:
    """How many want to be called by a group: as soon as an agent is free, and at a later time."""
    return {"due": row["due"], "later": row["later"]} if row else {"due": 0, "later": 0}


def _longest_wait(waiting: list[tuple[str, float]]) -> int:
    """How long the first caller has waited, milliseconds; 0 when nobody waits."""
    entered = [entered_of_score(score) for _, score in waiting]
    return now_ms() - min(entered) if entered else 0


def _count(people: list[Json], group: str, state: str = "") -> int:
    return sum(group in p["groups"] and (not state or p["state"] == state) for p in people)
