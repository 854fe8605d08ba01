"""ARI events: one WebSocket that is kept alive, opened again when it drops, and never blocked.

The reader calls ``sink`` (a plain function) for each event and awaits nothing else: a reader that
falls behind is cut off by Asterisk, and everything that happened meanwhile is lost.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
import structlog

from ari_app.client.errors import AriError
from ari_app.client.http import Http

log = structlog.get_logger(__name__)

#: A socket without an answer to a ping for half of this, seconds, is taken for dead.
HEARTBEAT_S = 5.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

#: Another socket has registered our application's name; let this event pass the event filter.
REPLACED = "ApplicationReplaced"

Event = dict[str, Any]


class EventSocket:
    """The events of one application.

    Args:
        http: the pool whose session is used.
        app: name of the Stasis application; a second socket with that name replaces the first.
        sink: gets each event; must return at once.
        connecting: called before each connect.
        connected: awaited after each connect while events already flow into ``sink``; sets the
            event filter and compares our calls with Asterisk's.
    """

    def __init__(
        self,
        http: Http,
        app: str,
        sink: Callable[[Event], None],
        connecting: Callable[[], None],
        connected: Callable[[], Awaitable[None]],
    ) -> None:
        self._http = http
        self._app = app
        self._sink = sink
        self._connecting = connecting
        self._connected = connected
        self.up = False

    async def run(self) -> None:
        """Read events until cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                if await self._read_one_connection():
                    pause = FIRST_PAUSE_S
            except (aiohttp.ClientError, OSError, TimeoutError, AriError) as error:
                log.warning("ari.socket_lost", error=repr(error), again_in_s=round(pause, 1))
            self.up = False
            # The jitter keeps several apps from coming back in step.
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _read_one_connection(self) -> bool:
        """Read until the socket closes; answers whether it had been usable."""
        self._connecting()
        # subscribeAll stays off: only what belongs to our calls may reach us.
        async with self._http.session.ws_connect(
            self._http.events_url(self._app), heartbeat=HEARTBEAT_S, max_msg_size=0
        ) as socket:
            greeting = asyncio.create_task(self._greet(socket))
            try:
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        continue
                    event = orjson.loads(message.data)
                    if event["type"] == REPLACED:
                        # This socket stays open, but nothing will come from it any more.
                        log.error("ari.socket_replaced", app=self._app)
                        return False
                    self._sink(event)
                log.warning("ari.socket_closed", code=socket.close_code)
                return self.up
            finally:
                greeting.cancel()

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Set a new connection up; one that cannot be set up is closed, and the next one tries."""
        try:
            await self._connected()
            self.up = True
        except Exception:
            log.exception("ari.setup_failed")
            await socket.close()
