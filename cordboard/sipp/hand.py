"""A telephone in the hand: what is typed is keyed, Enter alone hangs up, what happens is told."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from typing import Protocol, TextIO

from cordboard.sipp.called import Called
from cordboard.sipp.caller import Caller
from cordboard.sipp.media import KEYS, Media
from cordboard.sipp.messages import Message
from cordboard.sipp.overheard import Overheard
from cordboard.sipp.process import SippRun

#: How often it looks whether something has happened, seconds.
LOOK_S = 0.2

Tell = Callable[[str], None]


class Telephone(Protocol):
    """What a hand can hold."""

    @property
    def media(self) -> Media:
        """Its ear and mouth."""

    @property
    def run(self) -> SippRun:
        """The process behind it."""

    def talks(self) -> bool:
        """Whether it is in a call."""

    def news(self) -> list[str]:
        """What happened since the last time, beyond the begin and the end of a call."""

    def hang_up(self) -> None:
        """End the call that it is in."""


class Answering:
    """A telephone that is called, and answers by itself."""

    def __init__(self, called: Called) -> None:
        self._called = called
        self.media, self.run, self.talks = called.media, called.run, called.talks
        self.hang_up = called.go_on
        self._told = 0

    def news(self) -> list[str]:
        """Each call that came in."""
        invites = self._called.invites()[self._told :]
        self._told += len(invites)
        return [f"It rings: {_about(invite)}." for invite in invites]


class Dialling:
    """A telephone that calls, and shows what it hears."""

    def __init__(self, caller: Caller, overheard: Overheard) -> None:
        self.media, self.run, self.hang_up = caller.media, caller.run, caller.hang_up
        self.talks = caller.talks
        self._overheard = overheard

    def news(self) -> list[str]:
        """What was said."""
        return [f"  {line}" for line in self._overheard.lines()]


class Hand:
    """Holds one telephone.

    Args:
        phone: what it holds.
        tell: hears each line that is to be shown.
    """

    def __init__(self, phone: Telephone, tell: Tell) -> None:
        self._phone = phone
        self._tell = tell
        self._talking = False
        phone.media.hush()  # a telephone that is silent, and not one that sends nothing

    def hold(self, typed: TextIO = sys.stdin) -> None:
        """Until what is typed ends (Ctrl-D), or SIPp does."""
        while self._phone.run.running:
            self.look()
            if select.select([typed], [], [], LOOK_S)[0]:
                line = typed.readline()
                if not line:
                    return
                self.do(line.strip())
        self.look()

    def look(self) -> None:
        """Tell what has happened since the last look."""
        for line in self._phone.news():
            self._tell(line)
        if (talking := self._phone.talks()) != self._talking:
            self._tell("You are connected." if talking else "The call is over.")
        self._talking = talking

    def do(self, line: str) -> None:
        """Key what was typed; nothing typed hangs up."""
        keys = line.upper().replace(" ", "")
        if not self._phone.talks():
            self._tell("There is no call now.")
        elif not keys:
            self._phone.hang_up()
        elif strange := set(keys) - set(KEYS):
            self._tell(f"Not on a telephone: {' '.join(sorted(strange))}. Type digits, * and #.")
        else:
            self._phone.media.key(keys)
            self._tell(f"Keyed {len(keys)}.")


def _about(invite: Message) -> str:
    """Who is called by whom, and what a softphone would pop up with."""
    dialled = invite.start.removeprefix("INVITE sip:").partition("@")[0]
    caller = invite.header("From").partition(";")[0]
    data = "".join(f", {name} {value}" for name, value in sorted(invite.custom().items()))
    return f"{dialled} is called by {caller}{data}"
