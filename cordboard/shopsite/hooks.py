"""Webhooks that the shop received: the last ones, in memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

#: How many are remembered.
KEPT = 50


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook; ``proved`` says whether its signature was right."""

    at: datetime
    event: str
    body: str
    proved: bool


class Inbox:
    """The last webhooks, newest first."""

    def __init__(self) -> None:
        self._hooks: deque[Hook] = deque(maxlen=KEPT)

    def take(self, event: str, body: str, *, proved: bool) -> None:
        """Keep one."""
        self._hooks.appendleft(Hook(datetime.now(UTC), event, body, proved))

    def latest(self) -> list[Hook]:
        """What is kept, newest first."""
        return list(self._hooks)
