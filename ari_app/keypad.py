"""The keys of one leg, each taken once, however often Asterisk tells of it.

Where a sound to the leg ends while a key is held, Asterisk has not seen the key begin. It then acts
the key out after its end, for as long as it was held; a key that ends meanwhile, or within 45 ms
after, is put back, read again later, and acted out in turn. Each reading is an event, so a program
hears ``*112#`` of ``*12#``: see ``__ast_read`` and ``queue_dtmf_readq`` in ``main/channel.c`` of
Asterisk. All times here are milliseconds by Asterisk's clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

#: The shortest time for which Asterisk acts a key out, and the pause after it (``mindtmfduration``,
#: ``AST_MIN_DTMF_GAP``).
ACTED_MS, PAUSE_MS = 80, 45
#: It looks once a packet.
PACKET_MS = 20
#: How many keys may be put back at a time.
MOST_BACK = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a telephone; it may be part of a PIN and is never logged.

    Attributes:
        digit: which.
        at_ms: when we heard of it, by our clock.
        told_ms: when Asterisk told, by its clock.
        held_ms: how long it was held, 0 when that is not known.
    """

    digit: str = field(repr=False)
    at_ms: int
    told_ms: int = 0
    held_ms: int = 0

    def same(self, other: Key) -> bool:
        """Whether the other may be this one, told again."""
        return (self.digit, self.held_ms) == (other.digit, other.held_ms)


@dataclass(slots=True)
class Keypad:
    """What has to be remembered of keys and sounds to know a key that is told again.

    Attributes:
        sound_ended_ms: when the last sound to this leg ended.
        acted_until_ms: until when a key is acted out, 0 when none is.
    """

    sound_ended_ms: int = 0
    acted_until_ms: int = 0
    _last: Key | None = field(default=None, repr=False)
    _back: deque[Key] = field(default_factory=lambda: deque(maxlen=MOST_BACK), repr=False)

    def is_new(self, key: Key) -> bool:
        """Whether this is another key, not another word of an earlier one; remembers it."""
        if self._told_again(key):
            self.acted_until_ms = key.told_ms + max(key.held_ms, ACTED_MS)
            return False
        self._last = key
        if key.told_ms <= self.acted_until_ms + PAUSE_MS + PACKET_MS:
            self._back.append(key)
        else:
            self._back.clear()
            self.acted_until_ms = self._acted_out_until(key)
        return True

    def _told_again(self, key: Key) -> bool:
        late_ms = key.told_ms - self.acted_until_ms - PAUSE_MS
        if self._back and self._back[0].same(key) and -PACKET_MS <= late_ms <= 3 * PACKET_MS:
            self._back.popleft()
            return True
        # Nobody presses a key twice in less time than it is held once.
        last = self._last
        return bool(last and last.same(key) and key.told_ms - last.told_ms < key.held_ms)

    def _acted_out_until(self, key: Key) -> int:
        """When it is over, if the key is acted out: a sound ended while it was held."""
        begun_ms = key.told_ms - key.held_ms - 2 * PACKET_MS
        if begun_ms <= self.sound_ended_ms <= key.told_ms:
            return key.told_ms + max(key.held_ms, ACTED_MS)
        return 0
