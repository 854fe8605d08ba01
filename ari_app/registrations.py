"""Which phones can be rung: Asterisk's news of contacts, and its list of them after a connect."""

from __future__ import annotations

from ari_app.agents import Agents
from ari_app.client import Client, Event

#: States of a contact that can be rung; ``NonQualified`` is one that is not asked.
USABLE = frozenset({"Reachable", "NonQualified", "Created", "Updated"})
#: Events that tell of phones.
KINDS = ("ContactStatusChange", "PeerStatusChange", "EndpointStateChange")


class Registrations:
    """Keeps the agents' ``registered`` right."""

    def __init__(self, client: Client, agents: Agents) -> None:
        self._client = client
        self._agents = agents
        client.on_event("ContactStatusChange", self._contact_changed)
        client.on_event("EndpointStateChange", self._endpoint_changed)

    async def read(self) -> None:
        """Look up all phones; what changed while we were away is told now."""
        await self._client.subscribe("endpoint:PJSIP")
        for endpoint in await self._client.get("/endpoints/PJSIP"):
            self._agents.set_registered(endpoint["resource"], endpoint["state"] == "online")

    def _contact_changed(self, event: Event) -> None:
        status = event["contact_info"]["contact_status"]
        self._agents.set_registered(event["endpoint"]["resource"], status in USABLE)

    def _endpoint_changed(self, event: Event) -> None:
        endpoint = event["endpoint"]
        self._agents.set_registered(endpoint["resource"], endpoint["state"] == "online")
