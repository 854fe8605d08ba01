"""What is stored of a live call in ``cb:call:<id>``, and how it is read again after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from cordboard import keys
from cordboard.events import PagePushed

#: Fields of the card that are objects of which a change tells a part.
_MERGED = frozenset({"cti", "dispositions"})
#: The card keeps the latest of the pages that were pushed.
MOST_PUSHES = 100
#: Seconds for which a call that an agent talked to stays readable, for wrap-up.
AFTERWARDS_S = 3600


@dataclass(slots=True)
class CallState:
    """The stored state; texts and numbers are hash fields, ``card`` and ``needs`` are JSON.

    Attributes:
        id: the call.
        flow: name of its flow.
        channel: the caller's channel.
        step: the step that runs, or is to be run again.
        group: code of the agent group it is for; empty until decided.
        menu_choice: what the caller chose in a menu, a word; empty without a menu.
        priority: 0 to 9.
        needs: skill -> poorest level that will do (1 is best).
        started_ms: when it reached us.
        entered_ms: since when it waits; kept when it returns to the queue.
        attempt: number of the newest attempt to ring an agent.
        agent: id of the agent who is rung or talks, 0 when none.
        connected_ms: when caller and agent first heard each other, 0 before.
        ended_ms: when caller and agent stopped hearing each other, 0 before.
        outcome: how it ended, empty before.
        pushed: how many pages the agent has pushed by keys.
        subscriber: code of whose call it is; empty until a web call says so.
        request: the request to be called that this call serves; empty for others.
        visitor: whose browsers are told of this call; empty without a web session.
        dialled_ms: when the customer was dialled, 0 before. Stored before it is done: once it is
            there the customer is never dialled again.
        answered_ms: when the customer whom we dialled was let in, 0 before.
        proved_ms: when the customer keyed the code that the page shows, 0 before.
        greeted_ms: when the customer had heard the hold text, 0 before.
        signed_on_ms: when the agent signed on, 0 before; only then the card is whole.
        offered_ms: when the caller was offered to be called back, 0 before.
        presented_ms: when the IVR began to present an offer, 0 before. Once it is there it is never
            begun again.
        fate: what became of the attempt (``attempt_outcome``), empty before.
        settled_ms: when that was recorded, 0 before.
        sip_code: SIP status that says why the customer was not reached, 0 when there is none.
        card: the card as the desk shows it.
        withheld: the whole card of a web call, of which the agent sees little before signing on.
        callback: the attempt as the engine handed it over, see :mod:`cordboard.attempt`.
        order: what an order call remembers, see :mod:`ari_app.verbs.order_memory`.
    """

    id: str
    flow: str
    channel: str
    step: str = ""
    ani: str = ""
    dnis: str = ""
    group: str = ""
    menu_choice: str = ""
    priority: int = 0
    started_ms: int = 0
    entered_ms: int = 0
    attempt: int = 0
    agent: int = 0
    connected_ms: int = 0
    ended_ms: int = 0
    outcome: str = ""
    pushed: int = 0
    subscriber: str = ""
    request: str = ""
    visitor: str = ""
    dialled_ms: int = 0
    answered_ms: int = 0
    proved_ms: int = 0
    greeted_ms: int = 0
    signed_on_ms: int = 0
    offered_ms: int = 0
    presented_ms: int = 0
    fate: str = ""
    settled_ms: int = 0
    sip_code: int = 0
    needs: dict[str, int] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    withheld: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    _stored: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def change_card(self, changed: dict[str, Any], whole: tuple[str, ...] = ()) -> None:
        """Take changed fields into the card; what ``whole`` names is replaced, never merged."""
        for name, value in changed.items():
            old = self.card.get(name)
            if name in _MERGED and name not in whole and isinstance(old, dict):
                value = {**old, **value}
            self.card[name] = value

    def pushes(self) -> list[dict[str, Any]]:
        """The pages that were pushed on this call, as the card has them, oldest first."""
        web = self.card.get("web")
        return list((web or {}).get("pushes") or ())

    def add_push(self, push: PagePushed) -> None:
        """Note a push on the card; told twice it is one."""
        before = self.pushes()
        if all(known["push_id"] != push.push_id for known in before):
            web = self.card.get("web") or {}
            kept = [*before, push.on_card()][-MOST_PUSHES:]
            self.card["web"] = {**web, "pushes": kept}

    def queue_save(self, pipe: Pipeline) -> None:
        """Queue the commands that store what changed since the last time."""
        if not self._stored:
            pipe.sadd(keys.CALLS, self.id)
        values = self.hash_fields()
        if changed := {k: v for k, v in values.items() if self._stored.get(k) != v}:
            pipe.hset(keys.call(self.id), mapping=changed)
        self._stored = values

    def queue_forget(self, pipe: Pipeline) -> None:
        """Queue the commands that end this call's life in Redis."""
        pipe.srem(keys.CALLS, self.id)
        if self.connected_ms:
            self.queue_save(pipe)
            pipe.expire(keys.call(self.id), AFTERWARDS_S)
        else:
            pipe.delete(keys.call(self.id))

    def hash_fields(self) -> dict[Any, Any]:
        """The fields of the hash."""
        values = ((name, getattr(self, name)) for name in _NAMES)
        return {name: orjson.dumps(v) if isinstance(v, dict) else v for name, v in values}


_NAMES = tuple(f.name for f in fields(CallState) if not f.name.startswith("_"))


def from_hash(stored: dict[str, str]) -> CallState:
    """The state of a hash.

    Raises:
        KeyError, ValueError: the hash is not that of a call.
    """
    state = CallState(id=stored["id"], flow=stored["flow"], channel=stored["channel"])
    for name in _NAMES:
        if name not in stored:
            continue
        old, text = getattr(state, name), stored[name]
        setattr(state, name, orjson.loads(text) if isinstance(old, dict) else type(old)(text))
    return state


async def load_all(redis: Redis) -> list[CallState]:
    """Every live call that is stored; what cannot be read is no live call."""
    ids = sorted(str(call_id) for call_id in await redis.smembers(keys.CALLS))
    pipe = redis.pipeline(transaction=False)
    for call_id in ids:
        pipe.hgetall(keys.call(call_id))
    states = []
    for call_id, stored in zip(ids, await pipe.execute() if ids else [], strict=True):
        try:
            states.append(from_hash(stored))
        except (KeyError, ValueError):
            await redis.srem(keys.CALLS, call_id)
    return states
