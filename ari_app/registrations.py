"""Which phones can be rung: Asterisk's news of device states, and its list after a connect.

A phone that talks in a call that is not ours, in the plain queue say, is registered and answers
486: so it counts as not to be rung, and is looked at again and again until that call is over.

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
from typing import Any

import structlog

from ari_app.agents import Agents
from ari_app.client import AriError, Client, Event, Gone
from ari_app.dispatcher import call_of_name

log = structlog.get_logger(__name__)

#: Events that tell of phones.
KINDS = ("DeviceStateChanged",)
#: States of a device that nobody can ring.
OUT_OF_REACH = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
#: States of a device that rings or talks.
IN_USE = frozenset({"INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"})
#: How often a phone that is in another call is looked at, seconds.
AGAIN_S = 3.0
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
        self._again: set[str] = set()
        client.on_event("DeviceStateChanged", self._changed)

    async def read(self) -> None:
        """Look up all phones; what changed while we were away is told now."""
        await self._client.subscribe("deviceState:")
        for endpoint in await self._client.get("/endpoints/PJSIP"):
            self._take(endpoint["resource"], endpoint)

    async def run(self) -> None:
        """Look at phones of which there is news, until cancelled."""
        while True:
            device = await self._to_look_at.get()
            self._again.discard(device)
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
        self._take(device, endpoint)

    def _take(self, device: str, endpoint: dict[str, Any]) -> None:
        """What Asterisk says of a phone; one in another call is looked at again."""
        others = [name for name in endpoint.get("channel_ids", ()) if call_of_name(name) is None]
        self._agents.set_registered(device, endpoint["state"] == "online")
        self._agents.set_elsewhere(device, bool(others))
        if others and self._agents.by_device(device) and device not in self._again:
            self._again.add(device)
            asyncio.get_running_loop().call_later(AGAIN_S, self._to_look_at.put_nowait, device)

    def _changed(self, event: Event) -> None:
        name, state = event["device_state"]["name"], event["device_state"]["state"]
        agent = self._agents.by_device(name.removeprefix(DEVICE))
        if agent is None:
            return
        # Whoever is in a call of ours is rung by nobody else's call, and looked at after it.
        strange = state in IN_USE and not agent.call and not agent.elsewhere
        if agent.registered == (state not in OUT_OF_REACH) and not strange:
            return
        self._to_look_at.put_nowait(agent.device)
        asyncio.get_running_loop().call_later(SETTLED_S, self._to_look_at.put_nowait, agent.device)
