"""What happened, as frozen dataclasses; ``wire`` is the name under which a desk receives it.

The list of fields is the contract in ``docs/architecture.md``. ``agent.state_changed`` is not here:
the Lua script that makes the change writes it, so that no change goes untold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from cordboard import keys

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    wire: ClassVar[str] = ""

    def fields(self) -> dict[bytes | str, bytes | str]:
        """The fields of this event's stream entry."""
        return {"type": self.wire, "data": orjson.dumps(self)}


@dataclass(frozen=True, slots=True)
class PhoneRegistered(Event):
    """An agent's phone can be rung."""

    wire: ClassVar[str] = "phone.registered"
    agent: int
    device: str


@dataclass(frozen=True, slots=True)
class PhoneUnregistered(Event):
    """An agent's phone cannot be rung any more."""

    wire: ClassVar[str] = "phone.unregistered"
    agent: int
    device: str


@dataclass(frozen=True, slots=True)
class CallOffered(Event):
    """A call is about to ring at this agent; ``call`` is the card."""

    wire: ClassVar[str] = "call.offered"
    call: Json


@dataclass(frozen=True, slots=True)
class CallConnected(Event):
    """Agent and caller hear each other from ``at_ms`` on."""

    wire: ClassVar[str] = "call.connected"
    call_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class CallUpdated(Event):
    """Fields of the card changed."""

    wire: ClassVar[str] = "call.updated"
    call_id: str
    changed: Json


@dataclass(frozen=True, slots=True)
class CallWithdrawn(Event):
    """The call left this agent unspoken; the reasons stand in docs/architecture.md."""

    wire: ClassVar[str] = "call.withdrawn"
    call_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """Agent and caller no longer hear each other."""

    wire: ClassVar[str] = "call.ended"
    call_id: str
    at_ms: int
    outcome: str


@dataclass(frozen=True, slots=True)
class DispositionRecorded(Event):
    """A disposition code was stored for the offer of one kind; ``offer`` is its code, or empty."""

    wire: ClassVar[str] = "disposition.recorded"
    call_id: str
    kind: str
    code: str
    label: str
    offer: str = ""


@dataclass(frozen=True, slots=True)
class OfferAttached(Event):
    """The agent presents another offer than the first of its kind; ``changed`` as in the card."""

    wire: ClassVar[str] = "offer.attached"
    call_id: str
    kind: str
    code: str
    changed: Json


@dataclass(frozen=True, slots=True)
class NoteSaved(Event):
    """The agent's note on the call was stored."""

    wire: ClassVar[str] = "note.saved"
    call_id: str
    body: str


@dataclass(frozen=True, slots=True)
class PagePushed(Event):
    """A page is on its way to the visitor's browser; ``origin`` is ``dtmf`` or ``desk``.

    ``page`` is None for a link that the agent typed.
    """

    wire: ClassVar[str] = "page.pushed"
    call_id: str
    push_id: str
    title: str
    url: str
    origin: str
    at_ms: int
    page: int | None
    framing: str

    def on_card(self) -> Json:
        """This push as an entry of the card's ``web.pushes``; nobody has seen the page yet."""
        return {
            "push_id": self.push_id,
            "title": self.title,
            "url": self.url,
            "origin": self.origin,
            "at_ms": self.at_ms,
            "page": self.page,
            "framing": self.framing,
            "shown_ms": None,
            "viewed_seconds": 0,
        }


@dataclass(frozen=True, slots=True)
class PageShown(Event):
    """The visitor's browser shows a pushed page."""

    wire: ClassVar[str] = "page.shown"
    call_id: str
    push_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PageViewed(Event):
    """The visitor has looked at a pushed page for so many seconds, all together."""

    wire: ClassVar[str] = "page.viewed"
    call_id: str
    push_id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class VisitorLeft(Event):
    """No browser of the visitor is connected any more; the call goes on."""

    wire: ClassVar[str] = "visitor.left"
    call_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class VisitorReturned(Event):
    """A browser of the visitor is connected again."""

    wire: ClassVar[str] = "visitor.returned"
    call_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class CallEndAsked(Event):
    """Somebody wants this call to end (``visitor``, ``merchant``, ``ops``); the app ends it."""

    wire: ClassVar[str] = "call.end_asked"
    call_id: str
    by: str


@dataclass(frozen=True, slots=True)
class EntrySaved(Event):
    """What the agent typed for the merchant was stored."""

    wire: ClassVar[str] = "entry.saved"
    call_id: str
    entry_id: str
    kind: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class RoutingChanged(Event):
    """Routing rules, pages or what visitors see were edited; keepers of copies read them again."""

    wire: ClassVar[str] = "routing.changed"
    subscriber: str


@dataclass(frozen=True, slots=True)
class AgentsChanged(Event):
    """Agents, groups or skills were edited in PostgreSQL; the app reads its directory again."""

    wire: ClassVar[str] = "agents.changed"


@dataclass(frozen=True, slots=True)
class PhonesChanged(Event):
    """Phone accounts were edited in PostgreSQL; the app provisions Asterisk again."""

    wire: ClassVar[str] = "phones.changed"


def tell_desk(pipe: Any, agent_id: int | str, event: Event) -> None:
    """Queue on a Redis pipeline (of either client) what tells an agent's desk, and all inside."""
    fields = event.fields()
    pipe.xadd(keys.desk(agent_id), fields, maxlen=keys.DESK_MAXLEN, approximate=True)
    pipe.xadd(keys.EVENTS, fields, maxlen=keys.EVENTS_MAXLEN, approximate=True)


def tell_all(pipe: Any, event: Event) -> None:
    """Queue on a Redis pipeline (of either client) what tells everybody inside."""
    pipe.xadd(keys.EVENTS, event.fields(), maxlen=keys.EVENTS_MAXLEN, approximate=True)
