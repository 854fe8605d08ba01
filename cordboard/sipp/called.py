"""Somebody who is called: an agent's phone, or a number of the telephone network."""

from __future__ import annotations

from dataclasses import dataclass, field

from cordboard.sipp.media import Media
from cordboard.sipp.messages import Message
from cordboard.sipp.process import SippRun
from cordboard.sipp.waiting import eventually


@dataclass(slots=True)
class Called:
    """What all have in common who are called.

    Attributes:
        name: for messages.
        number: the number it is called at, when others share the run; else empty.
        media: its ear and mouth.
        run: the SIPp process that answers for it.
    """

    name: str = field(init=False, default="")
    number: str = field(init=False, default="")
    media: Media = field(init=False)
    run: SippRun = field(init=False)

    def invites(self) -> list[Message]:
        """The INVITE of each call that came, in order."""
        first = {m.call_id: m for m in reversed(self.run.messages()) if self._is_invite(m)}
        return list(reversed(first.values()))

    def _is_invite(self, message: Message) -> bool:
        called = not self.number or message.start.startswith(f"INVITE sip:{self.number}@")
        return message.received and message.method == "INVITE" and called

    def rings(self, nth: int = 1, within: float = 20.0) -> Message:
        """Wait for the ``nth`` call (from 1) and answer its INVITE."""
        what = f"call {nth} rings at {self.name}"
        return eventually(lambda: self.invites()[nth - 1 :], within=within, what=what)[0]

    def go_on(self, nth: int = 0) -> None:
        """Answer the ringing call, or hang up the answered one; the last call unless told."""
        call_id = self.invites()[nth - 1].call_id
        eventually(lambda: self._listens(call_id), what=f"{self.name} can be told to go on")
        self.run.nudge(call_id)

    def _listens(self, call_id: str) -> bool:
        """Whether the scenario of that call is where it waits: it rings, or it talks."""
        seen = [m.method for m in self.run.messages() if m.call_id == call_id]
        return "ACK" in seen or ("180" in seen and "200" not in seen)

    def talks(self) -> bool:
        """Whether the last call was answered and is not over."""
        if not (invites := self.invites()):
            return False
        seen = [m.method for m in self.run.messages() if m.call_id == invites[-1].call_id]
        return "ACK" in seen and not {"BYE", "CANCEL"} & set(seen)
