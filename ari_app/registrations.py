"""Which phones can be rung: Asterisk's news of device states, and its list after a connect.

A phone may have several contacts for a moment (a new registration replaces an old one), so the
state of the endpoint counts, which is reachable as long as one of them is.

Not a subscription to ``endpoint:PJSIP``, although it has an event of its own for this: it also
brings every event of every channel of every endpoint, from the caller's first step in the dialplan
on. Asterisk makes JSON of each before our filter drops it; that was a quarter of its work.

Device states may arrive out of order when a phone registers again, so news that would change what
we know only makes us look, at once and once more when things have settled.
"""

from __future__ import annotations

import asyncio

import structlog

from ari_app.agents import Agents
from ari_app.client import AriError, Client, Event, Gone

log = structlog.get_logger(__name__)

#: Events that tell of phones.
KINDS = ("DeviceStateChanged",)
#: States of a device that nobody can ring.
OUT_OF_REACH = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
#: What Asterisk calls a phone's device: this and the name of its endpoint.
DEVICE = "PJSIP/"
#: Asterisk has published everything that belongs to one change after so many seconds.
SETTLED_S = 1.0


class Registrations:
    """Keeps the agents' ``registered`` right; :meth:`run` must be running."""

    def __init__(self, client: Client, agents: Agents) -> None:
        self._client = client
        self._agents = agents
        self._to_look_at: asyncio.Queue[str] = asyncio.Queue()
        client.on_event("DeviceStateChanged", self._changed)

    async def read(self) -> None:
        """Look up all phones; what changed while we were away is told now."""
        await self._client.subscribe("deviceState:")
        for endpoint in await self._client.get("/endpoints/PJSIP"):
            self._agents.set_registered(endpoint["resource"], endpoint["state"] == "online")

    async def run(self) -> None:
        """Look at phones of which there is news, until cancelled."""
        while True:
            device = await self._to_look_at.get()
            try:
                await self._look(device)
            except AriError as error:
                # After the next connect all of them are looked up.
                log.warning("phone.not_looked_up", device=device, error=str(error))

    async def _look(self, device: str) -> None:
        try:
            endpoint = await self._client.get(f"/endpoints/PJSIP/{device}")
        except Gone:
            endpoint = {"state": "offline"}
        self._agents.set_registered(device, endpoint["state"] == "online")

    def _changed(self, event: Event) -> None:
        name, state = event["device_state"]["name"], event["device_state"]["state"]
        agent = self._agents.by_device(name.removeprefix(DEVICE))
        if agent is None or agent.registered == (state not in OUT_OF_REACH):
            return
        self._to_look_at.put_nowait(agent.device)
        asyncio.get_running_loop().call_later(SETTLED_S, self._to_look_at.put_nowait, agent.device)
