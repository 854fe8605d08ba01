"""Deciding in mid-call for a caller whom the agent has found: the call was decided for nobody."""

from __future__ import annotations

import orjson
import psycopg
import structlog
from psycopg_pool import PoolTimeout

from cordboard.question import Question
from db.queries import sql
from decider import DeciderAway
from webdesk import agents
from webdesk.services import Services, now_ms
from webdesk.sessions import SessionUser
from webdesk.store import Json, call_card, rows

log = structlog.get_logger(__name__)

#: Nobody has proved anything: a look-up allows as much as a match on the account.
KINDS = ("service",)


def decide_for_found(svc: Services, user: SessionUser, card: Json) -> Json:
    """The card with its customer's ranked list; as it was when it has one, or nobody can decide."""
    if not card.get("customer") or card.get("decision"):
        return card
    try:
        decision = svc.decider.decide(_question(svc, user, card))
        record = orjson.dumps(decision.as_json()).decode()
        rows(svc.pool, sql.record_decision, decision=record)
        return call_card(svc.pool, card["id"]) or card
    except (DeciderAway, psycopg.Error, PoolTimeout) as error:
        log.warning("not decided anew", call_id=card["id"], error=repr(error))
        return card


def _question(svc: Services, user: SessionUser, card: Json) -> Question:
    """Whoever found the caller is there to present something: this agent, with these skills."""
    group = (card.get("queue") or {}).get("code") or ""
    skills = agents.read_agent(svc.redis, user.id)["skills"]
    return Question(
        call=card["id"],
        customer=card["customer"]["id"],
        subscriber=card["subscriber"]["code"],
        kinds=KINDS,
        reason=(card.get("cti") or {}).get("MENU_CHOICE") or "",
        group=group,
        resources={group: {"free": 1, "skills": dict.fromkeys(skills, 1)}} if group else {},
        at_ms=now_ms(),
        ivr=False,
    )
