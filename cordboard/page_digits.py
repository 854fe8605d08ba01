"""What an agent keys to push pages: ``*12#``, several ``*12*15#``, the last ones again ``*0#``.

Pure: keys go in one at a time with the time at which they came, and out comes what was asked for.
A star outside of a sequence begins one; ``**`` begins it anew, so a slip is corrected at once. All
other keys outside of a sequence mean nothing here (``#`` is also the sign-on of another step).

    >>> keying, asked = Keying(), None
    >>> for n, key in enumerate("*12*15#"):
    ...     keying, asked = press(keying, key, n * 300)
    >>> asked
    Asked(codes=('12', '15'), repeat=False)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: A sequence that is not finished so long after its last key is forgotten, milliseconds.
PAUSE_MS = 5_000
#: Most pages of one sequence, and most keys: what comes after that is not kept.
MOST_PAGES = 8
MOST_KEYS = 60

#: The code of a page, as ``page.digits`` allows it.
_CODE = re.compile(r"[1-9][0-9]{0,5}")
_LAST_AGAIN = "0"


@dataclass(frozen=True, slots=True)
class Asked:
    """A finished sequence; without codes and ``repeat`` it was none that means anything.

    Attributes:
        codes: digits of the pages, in the order in which they were keyed.
        repeat: the last push again.
    """

    codes: tuple[str, ...] = ()
    repeat: bool = False


#: A sequence that means nothing, or was not finished in time.
NONSENSE = Asked()


@dataclass(frozen=True, slots=True)
class Keying:
    """What has been keyed of a sequence so far.

    Attributes:
        keys: from its star on; empty outside of a sequence. Never logged.
        last_ms: when the last of them came.
    """

    keys: str = field(default="", repr=False)
    last_ms: int = 0

    def waits_ms(self, now_ms: int) -> int | None:
        """Milliseconds until the sequence is given up; None outside of one."""
        return max(self.last_ms + PAUSE_MS - now_ms, 0) if self.keys else None


IDLE = Keying()


def press(keying: Keying, key: str, at_ms: int) -> tuple[Keying, Asked | None]:
    """Take one key; answers the new state, and what was asked for when the key finished it."""
    if keying.waits_ms(at_ms) == 0:
        keying = IDLE
    if key == "*" and (not keying.keys or keying.keys.endswith("*")):
        return Keying("*", at_ms), None
    if not keying.keys:
        return IDLE, None
    if key == "#":
        return IDLE, _understood(keying.keys)
    return Keying(keying.keys[:MOST_KEYS] + key, at_ms), None


def give_up(keying: Keying, now_ms: int) -> tuple[Keying, Asked | None]:
    """As time passes without a key: a sequence that waited too long becomes ``NONSENSE``."""
    return (IDLE, NONSENSE) if keying.waits_ms(now_ms) == 0 else (keying, None)


def _understood(keys: str) -> Asked:
    codes = tuple(keys.split("*")[1:])
    if codes == (_LAST_AGAIN,):
        return Asked(repeat=True)
    proper = len(keys) <= MOST_KEYS and len(codes) <= MOST_PAGES
    return Asked(codes) if proper and all(map(_CODE.fullmatch, codes)) else NONSENSE
