"""A web call of the demo shop that stands: customer and agent in contact, to push pages in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
import redis

from bench.floor import Floor
from bench.stage import Stage
from bench.world import Agent
from cordboard.agent_state import State
from cordboard.sipp import Exchange, Phone, eventually

SID, SUBJECT, NUMBER = "pantry", "ORDERS", "+13125550178"
AGENT = "gus"

VISITOR = """
INSERT INTO visitor_session (id, subscriber_id) SELECT %s, id FROM subscriber WHERE code = %s
"""
REQUEST = "SELECT request FROM make_request_v1(%s::jsonb)"


@dataclass(frozen=True, slots=True)
class WebCall:
    """The visitor whose browser is pushed to, and the agent's telephone."""

    visitor: str
    phone: Phone


@contextmanager
def web_call(stage: Stage) -> Iterator[WebCall]:
    """Make it by a real request; it is hung up at the end.

    Raises:
        Late: it did not come about.
    """
    with psycopg.connect(stage.settings.database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT id FROM user_account WHERE username = %s", (AGENT,)
        ).fetchone()
    assert row is not None, "the demo world has this agent"
    agent = Agent(row[0], AGENT)
    with ExitStack() as end:
        floor = Floor(stage, [agent])
        end.callback(floor.close)
        phone = Phone(stage.settings, agent.phone)
        end.callback(phone.unplug)
        phone.plug_in()
        floor.wait_for("registered", "1", within=10)
        floor.make_ready()
        exchange = Exchange(stage.settings)
        exchange.party(NUMBER)
        end.callback(exchange.close)
        exchange.start()
        visitor = _ask(stage)
        eventually(phone.talks, within=20, what="the agent has answered the web call")
        phone.media.key("#")
        floor.wait_for("state", State.ON_CALL, within=20)
        # The first keys belong to the contact only once the app is in it.
        eventually(lambda: _in_talk(stage, visitor), within=5, what="they talk")
        # Telephones send sound all the time; by it Asterisk also measures how long keys last.
        phone.media.speak(500)
        yield WebCall(visitor, phone)


def _ask(stage: Stage) -> str:
    visitor = str(uuid.uuid4())
    wish = {
        "subscriber": SID,
        "subject": SUBJECT,
        "source": "web",
        "visitor": visitor,
        "number": NUMBER,
        "key": uuid.uuid4().hex,
        "page_title": "Gift baskets",
    }
    with psycopg.connect(stage.settings.database, autocommit=True) as connection:
        connection.execute(VISITOR, (visitor, SID))
        connection.execute(REQUEST, (json.dumps(wish),))
    return visitor


def _in_talk(stage: Stage, visitor: str) -> bool:
    with redis.Redis.from_url(stage.settings.redis, decode_responses=True) as client:
        call = client.get(f"cb:call-of:{visitor}")
        return client.hget(f"cb:call:{call}", "step") == "talk"
