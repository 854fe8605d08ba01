"""A desk with a call that began on a web page: the rows, keys and events that such a call has."""

from __future__ import annotations

import time
import uuid
from typing import Any

import orjson

from cordboard import keys
from cordboard.agent_state import Event
from cordboard.events import (
    CallOffered,
    CallUpdated,
    PageShown,
    PageViewed,
    VisitorLeft,
    VisitorReturned,
)
from support.scene import Scene, now_ms

#: A number of the demo world that belongs to nobody we know.
NUMBER = "+13125550177"

ATTEMPT = """
INSERT INTO callback_attempt (id, request_id, attempt, state, worker, lease_until, due_at)
VALUES (%s, %s, 1, 'handed', 'scene', now() + interval '1 hour', now()) RETURNING id
"""


class WebScene(Scene):
    """An agent of the shop, and visitors of the shop's pages who are called back."""

    visitor = ""

    def ring_web(self, **wish: Any) -> str:
        """A visitor's call rings at this agent, who has not signed on yet; answers its id."""
        call = self.open_web_call(**wish)
        self.happen(Event.RESERVE, call)
        self.journal(call, state="ringing", agent=self.agent)
        card = self.card(call) | {"state": "offered", "waited_s": 3}
        self._store(call, card)
        self.tell(CallOffered(card))
        self.happen(Event.RING, call)
        return call

    def open_web_call(self, **wish: Any) -> str:
        """The rows that visitor pages, engine and app make."""
        call, self.visitor = str(uuid.uuid4()), str(uuid.uuid4())
        self.database.value(
            "INSERT INTO visitor_session (id, subscriber_id)"
            " SELECT %s, id FROM subscriber WHERE code = 'pantry' RETURNING id",
            self.visitor,
        )
        asked = {
            "subscriber": "pantry",
            "subject": "ORDERS",
            "source": "web",
            "visitor": self.visitor,
            "number": NUMBER,
            "note": "Is there a basket without nuts?",
            "page_title": "Gift baskets",
            "page_url": "https://shop.example.com/baskets",
            "pages": viewed(),
            # Nobody but this test makes it due.
            "wanted_ms": now_ms() + 3_600_000,
            **wish,
        }
        made = self.database.rows("SELECT * FROM make_request_v1(%s::jsonb)", _json(asked))
        request = made[0]["request"]
        self.database.rows(
            "UPDATE call_request SET state = 'dialling', attempts = 1 WHERE id = %s RETURNING id",
            request,
        )
        self.database.rows(ATTEMPT, call, request)
        self.database.value("SELECT open_callback_v1(%s)", call)
        self.redis.hset(keys.call(call), mapping={"id": call, "visitor": self.visitor})
        return call

    def sign_on(self, call: str) -> None:
        """The agent has pressed the key: the desk sees the whole card."""
        self.journal(call, signed_on_ms=now_ms())
        card = self.card(call) | {"sign_on": None, "state": "offered"}
        card["web"] |= {"whisper": "Corner Pantry. Web call about baskets.", "visitor_here": True}
        self._store(call, card)
        changed = {name: value for name, value in card.items() if name != "state"}
        self.tell(CallUpdated(call, changed))

    def talk_web(self, **wish: Any) -> str:
        """A visitor's call that the agent has signed on to and talks on."""
        call = self.ring_web(**wish)
        self.sign_on(call)
        self.connect(call)
        return call

    def card(self, call: str) -> dict[str, Any]:
        """The card as the database has it."""
        card: dict[str, Any] = self.database.value("SELECT call_card_v1(%s)", call)
        return card

    def _store(self, call: str, card: dict[str, Any]) -> None:
        self.redis.hset(keys.call(call), "card", orjson.dumps(card))

    def shown(self, call: str, push: str) -> None:
        """The visitor's browser shows a page."""
        self.database.value(
            "UPDATE page_push SET shown_at = now() WHERE id = %s RETURNING id::text", push
        )
        self.tell(PageShown(call, push, now_ms()))

    def viewed(self, call: str, push: str, seconds: int) -> None:
        """The visitor has looked at a page for so long."""
        self.database.value(
            "UPDATE page_push SET viewed_seconds = %s WHERE id = %s RETURNING id::text",
            seconds,
            push,
        )
        self.tell(PageViewed(call, push, seconds))

    def leave(self, call: str) -> None:
        """No browser of the visitor is connected any more."""
        self.tell(VisitorLeft(call, now_ms()))

    def come_back(self, call: str) -> None:
        """A browser of the visitor is connected again."""
        self.tell(VisitorReturned(call, now_ms()))

    def arrived(self) -> list[dict[str, Any]]:
        """Pages that the visitor's browsers were told of, in order."""
        entries: Any = self.redis.xrange(keys.visitor(self.visitor))
        told = [(_field(fields, "type"), _field(fields, "data")) for _, fields in entries]
        return [orjson.loads(data) for kind, data in told if kind == "page.pushed"]


def viewed() -> list[dict[str, Any]]:
    """Two pages that a visitor looked at."""
    at = time.time_ns() // 1_000_000
    shop = "https://shop.example.com"
    return [
        {"url": f"{shop}/", "title": "Corner Pantry", "at_ms": at - 90_000, "seconds": 15},
        {"url": f"{shop}/baskets", "title": "Gift baskets", "at_ms": at - 75_000, "seconds": 75},
    ]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _field(fields: dict[Any, Any], name: str) -> str:
    """A field of a stream's entry, of clients that decode and that do not."""
    return str(fields[name]) if name in fields else fields[name.encode()].decode()
