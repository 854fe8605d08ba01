"""What Asterisk has at one moment: channels and bridges by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Channels and bridges by id, as ARI lists them."""

    channels: dict[str, dict[str, Any]]
    bridges: dict[str, dict[str, Any]]

    def in_app(self, channel_id: str) -> bool:
        """True when a channel is in Stasis, not in the dialplan (its queue, say)."""
        return self._dialplan(channel_id).get("app_name") == "Stasis"

    def context(self, channel_id: str) -> str:
        """Context of the dialplan in which a channel is, or from which it came to us."""
        return str(self._dialplan(channel_id).get("context") or "")

    def talks(self, channel_id: str) -> bool:
        """True when the channel exists and is answered."""
        return self.channels.get(channel_id, {}).get("state") == "Up"

    def _dialplan(self, channel_id: str) -> dict[str, Any]:
        return self.channels.get(channel_id, {}).get("dialplan") or {}
