"""What an order call remembers beside the dialogue's own memory; stored in the call's state.

With it a call that an earlier process left goes on at the prompt where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ari_app.call import Call
from cordboard.orders.dialogue import Memory
from cordboard.orders.facts import Facts


@dataclass(slots=True)
class Notes:
    """Attributes:
    memory: of the dialogue, as JSON; empty before the first turn.
    number: a number that was keyed, by which the callers were found.
    client: id of the client who calls, 0 before that is known.
    playing: playbacks of the turn that is being said.
    open_ms: from when on keys count in this turn, milliseconds since 1970; 0 before it is said.
    recording: name of the recording that is being made, or was made last.
    kept: recordings of a new client, ``name`` and ``address``, until they are enrolled.
    placed: number of the order that was placed last, 0: none was.
    """

    memory: dict[str, Any] = field(default_factory=dict)
    number: str = ""
    client: int = 0
    playing: list[str] = field(default_factory=list)
    open_ms: int = 0
    recording: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    placed: int = 0


def notes_of(call: Call) -> Notes:
    """What is stored of this call; empty notes at its beginning."""
    known = {f.name for f in fields(Notes)}
    return Notes(**{name: value for name, value in call.state.order.items() if name in known})


@dataclass(slots=True)
class Conversation:
    """A call, what is known for its dialogue, and what it remembers."""

    call: Call
    facts: Facts
    notes: Notes

    @property
    def holder(self) -> str:
        """Who holds the drafts of this call."""
        return holder_of(self.call)

    def remember(self, memory: Memory | None = None) -> None:
        """Queue the storing of all that changed."""
        if memory is not None:
            self.notes.memory = memory.as_json()
        store(self.call, self.notes)


def store(call: Call, notes: Notes) -> None:
    """Queue the storing of these notes."""
    call.state.order = {f.name: getattr(notes, f.name) for f in fields(Notes)}
    call.state.queue_save(call.services.bus.pipe)


def holder_of(call: Call) -> str:
    """Who holds the drafts of a call, as ``sales_order.held_by`` has it."""
    return f"call:{call.id}"
