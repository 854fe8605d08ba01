"""The whole state of a desk, as a page needs it when it is loaded or has missed something."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import structlog
from psycopg_pool import PoolTimeout

from cordboard import keys
from webdesk import agents, store
from webdesk.hub import latest
from webdesk.present import present_card, zone_of
from webdesk.services import Services, now_ms
from webdesk.sessions import SessionUser

log = structlog.get_logger(__name__)

Json = dict[str, Any]

#: Agent state -> state of the card on the desk.
CARD_STATES = {
    "reserved": "offered",
    "ringing": "offered",
    "on_call": "connected",
    "wrap_up": "wrap_up",
}


def desk_state(svc: Services, user: SessionUser) -> Json:
    """Agent, call and the stream position from which on the page must listen.

    The position is read first: what happens while the rest is read is told again by the stream,
    and telling an event twice changes nothing.
    """
    if not svc.zones:
        learn_zones(svc)
    position = latest(svc.redis, keys.desk(user.id))
    agent = agents.read_agent(svc.redis, user.id)
    return {
        "now_ms": now_ms(),
        "position": position,
        "agent": {**agent, "name": user.name, "username": user.username},
        "call": current_call(svc, user, agent),
    }


def current_call(svc: Services, user: SessionUser, agent: Json) -> Json | None:
    """The card of the call the agent is busy with, from Redis, completed from PostgreSQL."""
    call_id, state = agent["call_id"], CARD_STATES.get(agent["state"])
    if not call_id or state is None:
        return None
    text, visitor = _live_call(svc, call_id)
    live = orjson.loads(text or "{}")
    # Who has not signed on sees no more than the app shows: the record may be behind, and be of the
    # time when another agent had.
    card = live if live.get("sign_on") else merge_cards(live, stored_card(svc, call_id))
    if not card:
        return None
    if state == "offered" and card.get("state") == "signing_on":
        state = "signing_on"
    card = {**card, "id": call_id, "state": state}
    if visitor and "visitor_here" in (card.get("web") or {}):
        # The app noted it when the call began; browsers come and go.
        card["web"]["visitor_here"] = bool(svc.redis.exists(keys.presence(visitor)))
    if state == "connected":
        card.setdefault("connected_ms", agent["since_ms"])
    return present_card(card, user.name, zone_of(card, svc.zones))


def _live_call(svc: Services, call_id: str) -> tuple[str, str]:
    """The card as the app has it, as JSON, and the visitor; "" for what there is not."""
    found: Any = svc.redis.hmget(keys.call(call_id), "card", "visitor")
    return found[0] or "", found[1] or ""


def merge_cards(live: Json, stored: Json) -> Json:
    """What the app knows, completed and corrected by what is stored.

    PostgreSQL has dispositions, notes and look-ups at once; the app alone knows how long the caller
    waited and since when the two talk, and knows the rest too while PostgreSQL is away.
    """
    if not live or not stored:
        return live or stored
    filled = {field: value for field, value in stored.items() if value not in (None, [], {}, "")}
    if (live.get("queue") or {}).get("code"):
        filled.pop("queue", None)  # a menu may have led on before the journal says so
    cti = {**live.get("cti", {}), **stored.get("cti", {})}
    if "dispositions" in stored:  # none means none: another offer is presented than had a code
        filled["dispositions"] = stored["dispositions"]
    return {**live, **filled, "cti": cti, "web": merge_web(live.get("web"), stored.get("web"))}


def merge_web(live: Json | None, stored: Json | None) -> Json | None:
    """The web part of a card: the app knows a push first, PostgreSQL what became of it."""
    if not live or not stored:
        return live or stored
    filled = {field: value for field, value in stored.items() if value not in (None, [], {}, "")}
    pushes = {push["push_id"]: push for push in live.get("pushes") or ()}
    for push in stored.get("pushes") or ():
        pushes[push["push_id"]] = {**pushes.get(push["push_id"], {}), **push}
    in_order = sorted(pushes.values(), key=lambda push: push["at_ms"])
    return {**live, **filled, "pushes": in_order}


def stored_card(svc: Services, call_id: str) -> Json:
    """The card as PostgreSQL has it; empty when it is away: the desk goes on without."""
    try:
        return store.call_card(svc.pool, call_id) or {}
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("card from redis only", call_id=call_id, error=type(error).__name__)
        return {}


def learn_zones(svc: Services) -> None:
    """Remember the subscribers' time zones, for scripts that name a time of day."""
    try:
        svc.zones.update(store.subscriber_zones(svc.pool))
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("time zones unknown", error=type(error).__name__)
