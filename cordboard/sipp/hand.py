"""A telephone in the hand: what is typed is keyed, Enter alone hangs up, what happens is told."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from typing import TextIO

from cordboard.sipp.called import Called
from cordboard.sipp.media import KEYS
from cordboard.sipp.messages import Message

#: How often it looks whether something has happened, seconds.
LOOK_S = 0.2

Tell = Callable[[str], None]


class Hand:
    """Holds one telephone.

    Args:
        phone: who is called; it answers by itself.
        tell: hears each line that is to be shown.
    """

    def __init__(self, phone: Called, tell: Tell) -> None:
        self._phone = phone
        self._tell = tell
        self._invites = 0
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

    def look(self) -> None:
        """Tell what has happened since the last look."""
        invites = self._phone.invites()
        for invite in invites[self._invites :]:
            self._tell(f"It rings: {_about(invite)}.")
        self._invites = len(invites)
        if (talking := self._phone.talks()) != self._talking:
            self._tell("You are connected." if talking else "The call is over.")
        self._talking = talking

    def do(self, line: str) -> None:
        """Key what was typed; nothing typed hangs up."""
        keys = line.upper().replace(" ", "")
        if not self._phone.talks():
            self._tell("There is no call now.")
        elif not keys:
            self._phone.go_on()
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
