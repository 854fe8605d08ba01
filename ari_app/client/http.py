"""ARI commands: HTTP requests over a pool of kept-alive connections, each with a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from ari_app.client.errors import Unreachable, error_for

Params = Mapping[str, str | int]

#: Connections kept open; more commands than this at once wait their turn.
POOL = 16
#: Seconds a command may take, connecting included.
DEADLINE_S = 5.0


class Http:
    """Sends commands; use :meth:`open` inside the running loop and :meth:`close` at the end."""

    def __init__(self, base: str, user: str, password: str) -> None:
        self._base = f"{base}/ari"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool; nothing is connected yet."""
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            connector=aiohttp.TCPConnector(limit=POOL, keepalive_timeout=30),
            timeout=aiohttp.ClientTimeout(total=DEADLINE_S),
            raise_for_status=False,
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open pool; the events socket uses it as well."""
        assert self._session is not None, "open() was not awaited"
        return self._session

    def events_url(self, app: str) -> str:
        """Where the events of an application are read."""
        return f"{self._base.replace('http', 'ws', 1)}/events?app={app}"

    async def request(
        self, method: str, path: str, params: Params | None = None, body: Any = None
    ) -> Any:
        """One command; answers its decoded JSON, or None when it has none.

        Raises:
            AriError: a typed refusal, or Unreachable.
        """
        content = await self.content(method, path, params, body)
        return orjson.loads(content) if content else None

    async def content(
        self, method: str, path: str, params: Params | None = None, body: Any = None
    ) -> bytes:
        """One command; answers what came with it as it is: the sound of a recording.

        Raises:
            AriError: a typed refusal, or Unreachable.
        """
        headers = {"Content-Type": "application/json"} if body is not None else None
        data = orjson.dumps(body) if body is not None else None
        try:
            async with self.session.request(
                method, self._base + path, params=params, data=data, headers=headers
            ) as response:
                content = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        if status >= 400:
            raise error_for(status, f"{method} {path}: {_message(content)}")
        return content


def _message(content: bytes) -> str:
    """The reason in an error's body; Asterisk does not always send JSON."""
    try:
        return str(orjson.loads(content).get("message", ""))
    except (orjson.JSONDecodeError, AttributeError):
        return content[:200].decode(errors="replace")
