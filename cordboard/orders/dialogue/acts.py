"""What the dialogue wants done; the flow does it (docs/architecture.md says how)."""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.orders.basket import Basket
from cordboard.orders.draft import Draft


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find the clients of a number that was keyed. Answers."""

    number: str


@dataclass(frozen=True, slots=True)
class Choose:
    """This client calls; ``keyed`` when the call came from another number. Answers."""

    customer: int
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Unchoose:
    """It is not the client of this number who calls: the call is nobody's again."""


@dataclass(frozen=True, slots=True)
class TakeDraft:
    """Go on with an order of an earlier call. Answers."""

    order: str


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keep it, so that a hang-up loses nothing."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Told:
    """The client has heard at which location (a code) an order is made now."""

    order: str
    location: str


@dataclass(frozen=True, slots=True)
class DropDraft:
    """The client does not want it."""

    order: str


@dataclass(frozen=True, slots=True)
class Place:
    """The client heard it and confirmed it. Answers."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take a placed order back. Answers."""

    order: str


@dataclass(frozen=True, slots=True)
class Prefer:
    """The client wants a person at once, or the keys again."""

    no_automation: bool


@dataclass(frozen=True, slots=True)
class CountZero:
    """0 was the first key; or something else was, and it is counted from nothing again."""

    at_once: bool


@dataclass(frozen=True, slots=True)
class AssignSpeedDial:
    """``*digits`` orders this from now on."""

    digits: int
    name: str
    basket: Basket


@dataclass(frozen=True, slots=True)
class KeepAudio:
    """Keep the last recording as the client's ``name`` or ``address``."""

    what: str


@dataclass(frozen=True, slots=True)
class Enrol:
    """A new client, with what was kept of the recordings. Answers.

    ``count`` tells apart those whom one call enrols, one after another.
    """

    number: str
    postcode: str
    method: str
    billing: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class SpeakWebCode:
    """Make a code by which a browser becomes this client's. Answers."""


@dataclass(frozen=True, slots=True)
class ToPerson:
    """On to an agent, with the draft ``order`` (empty: there is none)."""

    why: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class Hangup:
    """The call is over."""


Act = (
    LookUp
    | Choose
    | Unchoose
    | TakeDraft
    | SaveDraft
    | Told
    | DropDraft
    | Place
    | Cancel
    | Prefer
    | CountZero
    | AssignSpeedDial
    | KeepAudio
    | Enrol
    | SpeakWebCode
    | ToPerson
    | Hangup
)
