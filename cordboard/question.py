"""What a decider is asked about one contact. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Kinds of offers.
KINDS = ("sales", "service")
#: The channel that is not asked about: a list for the subscriber's own systems.
ANY_CHANNEL = "api"
#: Channel of the contact -> channels of an offer that can be presented in it.
_OFFER_CHANNELS = {
    "phone": frozenset({"agent", "ivr"}),
    "web": frozenset({"web"}),
    "chat": frozenset({"chat"}),
    ANY_CHANNEL: frozenset({"agent", "ivr", "web", "chat"}),
}
CHANNELS = tuple(_OFFER_CHANNELS)


@dataclass(frozen=True, slots=True)
class Question:
    """One contact.

    Attributes:
        call: its id; empty for a list on the web, in a chat, for the API.
        customer: ``customer.id``; 0 when nobody is known, and nothing is offered.
        subscriber: code.
        channel: one of ``CHANNELS``.
        kinds: of offers that identification allows.
        reason: what the caller chose in a menu, or the subject of the talk link; empty without.
        group: code of the group that was dialled or chosen.
        resources: group code -> ``free`` (agents), ``skills`` {skill: free agents who have it},
            ``wait_s`` (expected seconds, None when nobody works there) and ``skill_waits``
            {skill: seconds}; what is missing is nothing.
        at_ms: when, milliseconds since 1970.
        ivr: whether the IVR could present something in this contact.
    """

    call: str
    customer: int
    subscriber: str
    channel: str = "phone"
    kinds: tuple[str, ...] = KINDS
    reason: str = ""
    group: str = ""
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    at_ms: int = 0
    ivr: bool = True

    @property
    def offer_channels(self) -> frozenset[str]:
        """Channels of offers that can be presented in this contact."""
        channels = _OFFER_CHANNELS[self.channel]
        return channels if self.ivr else channels - {"ivr"}
