"""One leg of a call, as far as we heard of it, and the keys that were pressed on it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ari_app.keypad import Key, Keypad

#: Keys that nobody waited for are forgotten beyond so many.
MOST_KEYS = 64


@dataclass(slots=True)
class Leg:
    """One channel of a call, as far as we heard of it.

    Attributes:
        channel: Asterisk's id of it.
        role: ``customer`` or ``agent``.
        dialled: Asterisk knows it.
        answered: it answered and entered our application.
        hung_up: somebody hung it up.
        away: it is in the dialplan for a moment, from where it comes back.
        machine: what answered is not a person.
        gone: it hung up, failed, or left our application.
        ended: it does not exist any more.
        former: the call has gone on to another agent; only its end is of interest.
        cause: Q.850 cause once it is gone, 0 when not known.
        tech_cause: SIP status of a leg that failed, 0 when there is none.
        keyed: keys pressed and not yet taken by whoever waits for them, oldest first.
    """

    channel: str
    role: str
    dialled: bool = False
    answered: bool = False
    hung_up: bool = False
    away: bool = False
    machine: bool = False
    gone: bool = False
    ended: bool = False
    former: bool = False
    cause: int = 0
    tech_cause: int = 0
    keyed: deque[Key] = field(default_factory=lambda: deque(maxlen=MOST_KEYS), repr=False)
    keypad: Keypad = field(default_factory=Keypad, repr=False)

    def press(self, key: Key) -> bool:
        """Take a key; False when it is one that was taken before."""
        new = self.keypad.is_new(key)
        if new:
            self.keyed.append(key)
        return new
