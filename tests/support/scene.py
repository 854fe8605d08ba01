"""Plays the telephone side for one desk: the same rows, keys and events as the real app.

With it a browser test decides when a call rings, connects and ends. Whole calls through Asterisk
are tested in ``tests/sip`` and by the demo.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

import orjson
import redis

from cordboard import keys
from cordboard.agent_state import SCRIPT, Event, change
from cordboard.events import (
    CallConnected,
    CallEnded,
    CallOffered,
    CallWithdrawn,
    PhoneRegistered,
    PhoneUnregistered,
    tell_desk,
)
from cordboard.events import Event as DeskEvent
from cordboard.identity import hash_ssn
from cordboard.settings import Settings
from support.database import Database
from support.people import CUSTOMER_LINE, DANA, STRANGER, Person

WRAP_UP_S = 30


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Scene:
    """One agent at a desk, and what the telephone does to it."""

    def __init__(
        self, settings: Settings, live: redis.Redis, database: Database, username: str
    ) -> None:
        self.settings = settings
        self.redis = live
        self.database = database
        self.username = username
        account = database.rows(
            "SELECT id, display_name FROM user_account WHERE username = %s", username
        )[0]
        self.agent: int = account["id"]
        self.name: str = account["display_name"]

    # --- the phone ---------------------------------------------------------------------------
    def sit_down(self, *, registered: bool = True) -> Scene:
        """Off duty, nothing on the desk, the phone registered or not."""
        self.redis.delete(keys.agent(self.agent))
        groups = self.database.rows(
            "SELECT g.code, m.level FROM group_member m JOIN agent_group g ON g.id = m.group_id"
            " WHERE m.user_id = %s",
            self.agent,
        )
        self.redis.sadd(keys.AGENTS, self.agent)
        self.redis.hset(
            keys.agent(self.agent),
            mapping={
                "name": self.name,
                "username": self.username,
                "device": f"phone-{self.username}",
                "groups": orjson.dumps({row["code"]: row["level"] for row in groups}),
                "skills": "{}",
                "state": "offline",
                "registered": str(int(registered)),
            },
        )
        return self

    def unplug(self) -> None:
        self._register("0", PhoneUnregistered(self.agent, f"phone-{self.username}"))

    def plug_in(self) -> None:
        self._register("1", PhoneRegistered(self.agent, f"phone-{self.username}"))

    def _register(self, value: str, event: DeskEvent) -> None:
        self.redis.hset(keys.agent(self.agent), "registered", value)
        self.tell(event)

    # --- a call ------------------------------------------------------------------------------
    def ring(self, person: Person = DANA, *, dnis: str = CUSTOMER_LINE, keyed: bool = False) -> str:
        """A call rings at this agent; answers its id. ``keyed``: account and SSN were given."""
        call = self.open_call(person, dnis=dnis, keyed=keyed)
        self.offer(call)
        return call

    def open_call(self, person: Person, *, dnis: str, keyed: bool = False) -> str:
        """The rows that the IVR makes."""
        call = str(uuid.uuid4())
        self.database.rows(
            "SELECT * FROM open_call_v1(%s, %s, %s)", call, dnis, person.phone or STRANGER
        )
        self.database.value("SELECT identify_by_ani_v1(%s)", call)
        if keyed:
            key = self.settings.ssn_key.get_secret_value().encode()
            digest = hash_ssn(person.ssn, key)
            verify = "SELECT verify_account_v1(%s, %s, %s)"
            self.database.value(verify, call, person.account, None)
            self.database.value(verify, call, person.account, digest)
        return call

    def offer(self, call: str, *, journal: bool = True, thin: bool = False) -> None:
        """The card to the desk, then the phone rings; the record of it may come later.

        ``thin``: as when the database did not answer the app in time.
        """
        self.happen(Event.RESERVE, call)
        if journal:
            self.journal(call, state="ringing", agent=self.agent)
        card: Any = self.database.value("SELECT call_card_v1(%s)", call)
        if thin:
            card = {"id": call, "ani": card["ani"], "customer": None, "cti": {}, "offers": []}
        card |= {"state": "offered", "waited_s": 17}
        self.redis.hset(keys.call(call), "card", orjson.dumps(card))
        self.tell(CallOffered(card))
        self.happen(Event.RING, call)

    def connect(self, call: str) -> None:
        at = now_ms()
        self.journal(call, state="connected", answered_ms=at)
        self.tell(CallConnected(call, at))
        self.happen(Event.ANSWER, call)

    def hang_up(self, call: str, *, wrap_up_s: float = WRAP_UP_S) -> None:
        at = now_ms()
        self.journal(call, state="wrap_up", outcome="answered", ended_ms=at)
        self.tell(CallEnded(call, at, "answered"))
        self.happen(Event.CALL_ENDED, call, wrap_until_ms=at + int(wrap_up_s * 1000))

    def end_wrap_up(self, call: str) -> None:
        self.happen(Event.WRAP_UP_ENDED, call)
        self.journal(call, state="ended")

    def withdraw(self, call: str, reason: str) -> None:
        self.tell(CallWithdrawn(call, reason))
        free = reason == "caller_hung_up" or reason.startswith("customer_")
        event = Event.RELEASE if free else Event.NO_ANSWER
        self.happen(event, call, reason=reason)

    # --- the wires ---------------------------------------------------------------------------
    def tell(self, event: DeskEvent) -> None:
        pipe = self.redis.pipeline()
        tell_desk(pipe, self.agent, event)
        pipe.execute()

    def happen(self, event: Event, call: str = "", **more: Any) -> None:
        run = change(self.agent, event, now_ms=now_ms(), call_id=call, **more)
        answer = self.redis.register_script(SCRIPT)(keys=run.keys, args=run.args)
        assert answer[0] == 1, f"{event} may not happen in state {answer[1]!r}"

    JOURNAL = "SELECT apply_journal_v1(%s::jsonb)"

    def journal(self, call: str, **fields: Any) -> None:
        assert self.database.value(self.JOURNAL, self.entry(call, **fields)) == 0

    def entry(self, call: str, **fields: Any) -> str:
        """One journal entry, as a batch."""
        entry = {
            "id": uuid.uuid4().hex,
            "kind": "call",
            "call": call,
            "at_ms": now_ms(),
            "set": fields,
        }
        return orjson.dumps([entry]).decode()

    @property
    def state(self) -> str:
        value: Any = self.redis.hget(keys.agent(self.agent), "state")
        return value.decode() if isinstance(value, bytes) else str(value)


def renew_offers(database: Database, person: Person) -> None:
    """Forget what this customer was shown and answered: every offer is open again."""
    customer = database.value("SELECT customer_id FROM account WHERE number = %s", person.account)
    database.rows(
        "WITH seen AS (DELETE FROM exposure WHERE customer_id = %s)"
        " DELETE FROM customer_offer WHERE customer_id = %s RETURNING offer_id",
        customer,
        customer,
    )
