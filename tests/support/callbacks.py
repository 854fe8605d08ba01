"""A request to be called, made in the database and handed to the app as the worker does it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import orjson
import redis

from cordboard import keys
from cordboard.sipp import eventually
from support.database import Database, Json

MAKE = "SELECT request FROM make_request_v1(%s::jsonb)"
CLAIM = "SELECT claim_callback_v1('test', 60, 100) AS attempt"
HAND_OVER = "SELECT hand_over_callback_v1(%s)"
NEWEST = "SELECT id FROM callback_attempt WHERE request_id = %s ORDER BY attempt DESC LIMIT 1"
VISITOR = """
INSERT INTO visitor_session (id, subscriber_id)
SELECT gen_random_uuid(), id FROM subscriber WHERE code = %s RETURNING id
"""


class Callback:
    """One request, its newest attempt and the call that it is.

    The real worker may be quicker at taking the request; it does the same with it.
    """

    def __init__(self, database: Database, live: redis.Redis, wish: Json) -> None:
        self.database = database
        self.redis = live
        subscriber = wish.get("subscriber", "pantry")
        self.visitor = str(database.value(VISITOR, subscriber))
        told = {
            "subscriber": subscriber,
            "source": "web",
            "visitor": self.visitor,
            "key": uuid4().hex,
            "page_title": "Gift baskets",
            **wish,
        }
        self.request = str(database.value(MAKE, json.dumps(told)))
        self.hand_over()
        self.id = str(eventually(self._attempt, what="the request has an attempt"))

    def _attempt(self) -> Any:
        return self.database.value(NEWEST, self.request)

    def call_id(self) -> str:
        """Our id of the call."""
        return self.id

    def hand_over(self) -> None:
        """Do the worker's part for whatever is due."""
        for row in self.database.rows(CLAIM):
            attempt = row["attempt"]
            if self.database.value(HAND_OVER, attempt["id"]):
                self.redis.xadd(keys.CALLBACKS, {"attempt": json.dumps(attempt)})

    def take_back(self) -> None:
        """Nothing more may come of the request."""
        if self.request_state() in ("waiting", "dialling"):
            self.database.value("SELECT cancel_request_v1(%s, 'test')", self.request)

    def told(self) -> list[tuple[str, Json]]:
        """What the visitor's browsers were told, in order: type and data."""
        entries: Any = self.redis.xrange(keys.visitor(self.visitor))
        return [(e[b"type"].decode(), orjson.loads(e[b"data"])) for _, e in entries]

    def legs_told(self) -> list[str]:
        """``customer ringing``, ``agent answered``, … as the visitor was told."""
        return [f"{d['leg']} {d['state']}" for kind, d in self.told() if kind == "leg.changed"]

    def attempt(self) -> Json:
        """The attempt as the database has it."""
        return self.database.rows("SELECT * FROM callback_attempt WHERE id = %s", self.id)[0]

    def becomes(self, outcome: str, within: float = 30.0) -> Json:
        """Wait until the attempt has ended so; answer it."""

        def look() -> Json:
            attempt = self.attempt()
            found = attempt["outcome"], self.database.timeline(self.id)
            assert attempt["outcome"] == outcome, f"{found}"
            return attempt

        return eventually(look, within=within, what=f"the attempt becomes {outcome}")

    def request_state(self) -> str:
        """State of the request."""
        return str(
            self.database.value("SELECT state::text FROM call_request WHERE id = %s", self.request)
        )
