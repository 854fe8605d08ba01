"""Asterisk's objects in ari-py's vocabulary: ``client``, ``channel``, ``bridge``, ``playback``.

An object is an id and the commands for it, nothing more; it may be made before the thing exists,
because ids are ours. ``on_event`` registers plain functions that must return at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import structlog

from ari_app.client.errors import Gone
from ari_app.client.http import Http, Params

log = structlog.get_logger(__name__)

Event = dict[str, Any]
Handler = Callable[[Event], None]

#: Type of a bridge in which both sides hear each other and agents' digits reach us. The order of
#: the two words matters to Asterisk: the other way round there are no DTMF events.
MIXING = "mixing,dtmf_events"


class Client:
    """One ARI application: sends commands, hands events to whoever asked for their type."""

    def __init__(self, http: Http, app: str) -> None:
        self.http = http
        self.app = app
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)

    def on_event(self, kind: str, handler: Handler) -> None:
        """Call ``handler`` for each event of this type; ``*`` stands for every type."""
        self._handlers[kind].append(handler)

    def dispatch(self, event: Event) -> None:
        """Hand one event to its handlers; a handler that fails does not hurt the others."""
        for handler in (*self._handlers[event["type"]], *self._handlers["*"]):
            try:
                handler(event)
            except Exception:
                log.exception("ari.handler_failed", event_type=event["type"])

    def channel(self, channel_id: str) -> Channel:
        """The channel of that id."""
        return Channel(self, channel_id)

    def bridge(self, bridge_id: str) -> Bridge:
        """The bridge of that id."""
        return Bridge(self, bridge_id)

    async def get(self, path: str, params: Params | None = None) -> Any:
        """Look something up."""
        return await self.http.request("GET", path, params)

    async def filter_events(self, kinds: tuple[str, ...]) -> None:
        """Let only these types of event through to us; lost with each connection."""
        allowed = [{"type": kind} for kind in kinds]
        await self.http.request(
            "PUT", f"/applications/{self.app}/eventFilter", body={"allowed": allowed}
        )

    async def subscribe(self, source: str) -> None:
        """Receive events of a source outside our calls, such as ``endpoint:PJSIP``."""
        await self.http.request(
            "POST", f"/applications/{self.app}/subscription", {"eventSource": source}
        )

    async def originate(
        self,
        endpoint: str,
        channel_id: str,
        *,
        timeout_s: int,
        caller_id: str,
        variables: Mapping[str, str],
    ) -> Channel:
        """Ring an endpoint under an id of ours; its StasisStart means that it answered.

        Raises:
            Conflict: that id was dialled already.
            AriError: the endpoint cannot be rung.
        """
        params: dict[str, str | int] = {
            "endpoint": endpoint,
            "app": self.app,
            "channelId": channel_id,
            "timeout": timeout_s,
            "callerId": caller_id,
        }
        await self.http.request("POST", "/channels", params, {"variables": dict(variables)})
        return Channel(self, channel_id)


class _Object:
    """What channels, bridges and playbacks have in common."""

    collection = ""

    def __init__(self, client: Client, object_id: str) -> None:
        self.client = client
        self.id = object_id
        self._path = f"/{self.collection}/{quote(object_id, safe='')}"

    async def _do(
        self, method: str, path: str = "", params: Params | None = None, body: Any = None
    ) -> Any:
        return await self.client.http.request(method, self._path + path, params, body)


class Channel(_Object):
    """One leg of a call."""

    collection = "channels"

    async def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set variables or functions, all in one command (Asterisk 22.10 and newer)."""
        await self._do("POST", "/variables", body={"variables": dict(variables)})

    async def variables(self, *names: str) -> dict[str, str]:
        """Values of variables or functions; those that are not set are left out."""
        answer = await self._do("GET", "/variables", {"variables": ",".join(names)})
        return {k: str(v) for k, v in (answer.get("variables") or {}).items() if v}

    async def play(self, playback_id: str, media: list[str]) -> Playback:
        """Play sounds one after the other; returns at once, PlaybackFinished tells the end."""
        await self._do("POST", f"/play/{quote(playback_id, safe='')}", {"media": ",".join(media)})
        return Playback(self.client, playback_id)

    async def record(self, name: str, *, longest_s: int, silence_s: int) -> Recording:
        """Record what is heard of this leg after a beep; RecordingFinished tells the end.

        It ends by ``#``, by so much silence, or after ``longest_s`` seconds.
        """
        params: dict[str, str | int] = {
            "name": name,
            "format": Recording.FORMAT,
            "maxDurationSeconds": longest_s,
            "maxSilenceSeconds": silence_s,
            "ifExists": "overwrite",
            "beep": "true",
            "terminateOn": "#",
        }
        await self._do("POST", "/record", params)
        return Recording(self.client, name)

    async def start_moh(self) -> None:
        """Play music on hold until :meth:`stop_moh`, or until something else is played."""
        await self._do("POST", "/moh")

    async def stop_moh(self) -> None:
        """End music on hold."""
        await self._do("DELETE", "/moh")

    async def continue_in_dialplan(self, context: str, extension: str) -> None:
        """Leave our application for the dialplan."""
        await self._do(
            "POST", "/continue", {"context": context, "extension": extension, "priority": 1}
        )

    async def hangup(self, reason: str = "normal") -> None:
        """End this leg; one that is gone already counts as done."""
        with suppress(Gone):
            await self._do("DELETE", params={"reason": reason})


class Bridge(_Object):
    """Where legs hear each other."""

    collection = "bridges"

    async def create(self) -> None:
        """Make it; one that exists under this id is used as it is."""
        await self._do("POST", params={"type": MIXING})

    async def add_channel(self, channel_id: str, *, absorb_dtmf: bool = False) -> None:
        """Let a leg in; with ``absorb_dtmf`` the others do not hear its digits."""
        params = {"channel": channel_id}
        if absorb_dtmf:
            params["absorbDTMF"] = "true"
        await self._do("POST", "/addChannel", params)

    async def destroy(self) -> None:
        """Put every leg out and end the bridge; one that is gone already counts as done."""
        with suppress(Gone):
            await self._do("DELETE")


class Playback(_Object):
    """A sound being played to a leg."""

    collection = "playbacks"

    async def stop(self) -> None:
        """Stop it; one that is over already counts as done."""
        with suppress(Gone):
            await self._do("DELETE")


class Recording:
    """What was, or is being, recorded of a leg under a name of ours."""

    FORMAT = "wav"

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = quote(name, safe="")

    async def stop(self) -> None:
        """End it and keep what there is; one that has ended already counts as done."""
        with suppress(Gone):
            await self._client.http.request("POST", f"/recordings/live/{self._name}/stop")

    async def content(self) -> bytes:
        """The file, once it has ended.

        Raises:
            Gone: nothing was recorded.
        """
        return await self._client.http.content("GET", f"/recordings/stored/{self._name}/file")

    async def delete(self) -> None:
        """Remove the file; none there counts as done."""
        with suppress(Gone):
            await self._client.http.request("DELETE", f"/recordings/stored/{self._name}")
