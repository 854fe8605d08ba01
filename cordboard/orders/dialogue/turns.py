"""What the caller hears next, what is then expected, and what was heard of the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: Seconds to think after the last word, and between two keys of a number.
THINK_S, NEXT_S = 5.0, 3.0
#: A key that is pressed twice is pressed again within so many seconds.
TWICE_S = 0.6
#: The key that ends a number.
POUND = "#"
#: With these ``Keys.opens`` a number begins; any other key, 0 too, is an answer by itself.
NUMBER = "123456789"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys are expected.

    Attributes:
        most: with so many the answer is complete, but for the key that ends it.
        ends: the key that ends it, and is no part of it; empty: each key counts.
        think_s: silence for so long after the last word is an answer too.
        next_s: so long after a key without another the answer is complete.
        opens: with keys here, one key is the answer, unless it is one of these: then a number of
            up to ``most`` keys, this one among them, begins.
        barge_in: a key ends what is being said.
        deaf_s: keys so soon after the first word do not count: what was pressed twice by mistake
            answers nothing that matters.
    """

    most: int = 1
    ends: str = ""
    think_s: float = THINK_S
    next_s: float = NEXT_S
    opens: str = ""
    barge_in: bool = True
    deaf_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    """The caller is recorded after the last word: ``name`` or ``address``, for so many seconds."""

    what: str
    longest_s: float


@dataclass(frozen=True, slots=True)
class Answers:
    """The last act has an answer, which is heard before the caller says anything."""


#: What is expected after a turn; None: the call is over, or goes to a person.
Then = Keys | Record | Answers | None


@dataclass(frozen=True, slots=True)
class Turn:
    """``say`` are texts, ``prompt:<name>`` or ``audio:<customer>:name``, in order."""

    say: tuple[str, ...]
    then: Then


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys of the caller.

    Attributes:
        digits: without the key that ended them; empty: that one alone.
        heard: texts of the turn that had been heard to their end before the first key.
    """

    digits: str
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, for as long as the caller had to think.

    ``heard``: texts of the turn that were heard to their end; one that could not be played is none.
    """

    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller was recorded; ``silent`` when there is nothing to be heard in it."""

    what: str
    seconds: float
    silent: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What an act answered.

    Attributes:
        refused: why it was not done, a word; empty when it was.
        number: of the order.
        location: code of where the order is made.
        due_at: when it will be ready, or at the door.
        total_cents: what it costs with tax.
        code: six digits for the web.
    """

    refused: str = ""
    number: int = 0
    location: str = ""
    due_at: datetime | None = None
    total_cents: int = 0
    code: str = ""


Heard = Pressed | Silence | Recorded | Answered
