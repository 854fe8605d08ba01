"""Which phones can be rung: Asterisk's news of device states, and its list after a connect.

A phone may have several contacts for a moment (a new registration replaces an old one), so the
state of the endpoint counts, which is reachable as long as one of them is.

Not a subscription to ``endpoint:PJSIP``, although it has an event of its own for this: it also
brings every event of every channel of every endpoint, from the caller's first step in the dialplan
on. Asterisk makes JSON of each before our filter drops it; that was a quarter of its work.
"""

from __future__ import annotations

from ari_app.agents import Agents
from ari_app.client import Client, Event

#: Events that tell of phones.
KINDS = ("DeviceStateChanged",)
#: States of a device that nobody can ring.
OUT_OF_REACH = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
#: What Asterisk calls a phone's device: this and the name of its endpoint.
DEVICE = "PJSIP/"


class Registrations:
    """Keeps the agents' ``registered`` right."""

    def __init__(self, client: Client, agents: Agents) -> None:
        self._client = client
        self._agents = agents
        client.on_event("DeviceStateChanged", self._changed)

    async def read(self) -> None:
        """Look up all phones; what changed while we were away is told now."""
        await self._client.subscribe("deviceState:")
        for endpoint in await self._client.get("/endpoints/PJSIP"):
            self._agents.set_registered(endpoint["resource"], endpoint["state"] == "online")

    def _changed(self, event: Event) -> None:
        device = event["device_state"]
        if device["name"].startswith(DEVICE):
            reachable = device["state"] not in OUT_OF_REACH
            self._agents.set_registered(device["name"].removeprefix(DEVICE), reachable)
