"""What a visitor's browser is told, as frozen dataclasses; contract: ``docs/architecture.md``.

App, worker and web all tell visitors; the browser reads one stream, resumed by ``Last-Event-ID``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from cordboard import keys
from cordboard.events import Event


@dataclass(frozen=True, slots=True)
class RequestChanged(Event):
    """The request to be called is in another state; ``due_ms`` is when the next attempt is made."""

    wire: ClassVar[str] = "request.changed"
    request_id: str
    state: str
    due_ms: int = 0
    outcome: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LegChanged(Event):
    """``leg`` (customer, agent) is now ``state`` (dialling, ringing, answered, ended)."""

    wire: ClassVar[str] = "leg.changed"
    leg: str
    state: str


@dataclass(frozen=True, slots=True)
class TalkBegan(Event):
    """Customer and agent hear each other; ``agent`` is a first name."""

    wire: ClassVar[str] = "call.connected"
    call_id: str
    at_ms: int
    agent: str


@dataclass(frozen=True, slots=True)
class PageArrived(Event):
    """The agent pushed a page; ``framing`` is ``frame`` or ``window``."""

    wire: ClassVar[str] = "page.pushed"
    push_id: str
    title: str
    url: str
    framing: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TalkEnded(Event):
    """The call is over."""

    wire: ClassVar[str] = "call.ended"
    call_id: str
    at_ms: int
    outcome: str


def tell_visitor(pipe: Any, visitor_id: str, event: Event) -> None:
    """Queue on a Redis pipeline (of either client) what tells a visitor's browsers."""
    stream = keys.visitor(visitor_id)
    pipe.xadd(stream, event.fields(), maxlen=keys.VISITOR_MAXLEN, approximate=True)
    pipe.expire(stream, keys.VISITOR_S)
