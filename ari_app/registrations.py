"""Which phones can be rung: Asterisk's news of endpoints, and its list of them after a connect.

A phone may have several contacts for a moment (a new registration replaces an old one), so the
state of the endpoint counts, which is reachable as long as one of them is.
"""

from __future__ import annotations

from ari_app.agents import Agents
from ari_app.client import Client, Event

#: Events that tell of phones.
KINDS = ("PeerStatusChange",)


class Registrations:
    """Keeps the agents' ``registered`` right."""

    def __init__(self, client: Client, agents: Agents) -> None:
        self._client = client
        self._agents = agents
        client.on_event("PeerStatusChange", self._changed)

    async def read(self) -> None:
        """Look up all phones; what changed while we were away is told now."""
        await self._client.subscribe("endpoint:PJSIP")
        for endpoint in await self._client.get("/endpoints/PJSIP"):
            self._agents.set_registered(endpoint["resource"], endpoint["state"] == "online")

    def _changed(self, event: Event) -> None:
        reachable = event["peer"]["peer_status"] == "Reachable"
        self._agents.set_registered(event["endpoint"]["resource"], reachable)
