"""Where a call stands inside Asterisk, asked over ARI."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any, cast
from urllib.parse import quote, urlsplit

from cordboard.settings import Settings

Json = dict[str, Any]


class Switch:
    """Looks into a running Asterisk."""

    def __init__(self, settings: Settings) -> None:
        self._host = urlsplit(settings.ari).netloc
        secret = f"{settings.ari_user}:{settings.ari_password.get_secret_value()}"
        self._headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}

    def _ask(self, method: str, path: str) -> Any:
        """JSON answer, or None when there is no such thing."""
        connection = http.client.HTTPConnection(self._host, timeout=5)
        try:
            connection.request(method, f"/ari{path}", headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status in (404, 409):
            return None
        if answer.status >= 400:
            raise AssertionError(f"ARI answered {answer.status} to {method} {path}")
        return json.loads(body) if body else None

    def channels(self) -> list[Json]:
        """All channels."""
        return cast("list[Json]", self._ask("GET", "/channels") or [])

    def bridges(self) -> list[Json]:
        """All bridges."""
        return cast("list[Json]", self._ask("GET", "/bridges") or [])

    def channel_of(self, sip_call_id: str) -> Json | None:
        """The channel of a SIP dialogue, while it exists."""
        return next((c for c in self.channels() if c.get("protocol_id") == sip_call_id), None)

    def variable(self, channel: str, name: str) -> str:
        """Value of a channel variable or dialplan function, "" when it is not set."""
        found = self._ask(
            "GET", f"/channels/{quote(channel)}/variable?variable={quote(name, safe='')}"
        )
        return str(found["value"]) if found else ""

    def set_variable(self, channel: str, name: str, value: str) -> None:
        """Set a channel variable or dialplan function."""
        path = f"/channels/{quote(channel)}/variable?variable={quote(name, safe='')}"
        self._ask("POST", f"{path}&value={quote(value, safe='')}")

    def global_variable(self, name: str) -> str:
        """Value of a global variable of the dialplan."""
        found = self._ask("GET", f"/asterisk/variable?variable={quote(name)}")
        return str(found["value"]) if found else ""

    def set_global_variable(self, name: str, value: str) -> None:
        """Change a global variable of the dialplan, until it is read again."""
        self._ask("POST", f"/asterisk/variable?variable={quote(name)}&value={quote(value)}")

    def knows_phone(self, device: str) -> bool:
        """Whether an agent's phone has its SIP account, registered or not."""
        return self._ask("GET", f"/endpoints/PJSIP/{quote(device)}") is not None

    def playback(self, name: str) -> Json | None:
        """What is being played, or waits for its turn."""
        return cast("Json | None", self._ask("GET", f"/playbacks/{quote(name)}"))

    def recording(self, name: str) -> Json | None:
        """A recording that is being made."""
        return cast("Json | None", self._ask("GET", f"/recordings/live/{quote(name)}"))

    def recordings(self) -> list[str]:
        """Names of the recordings that are kept."""
        return [found["name"] for found in self._ask("GET", "/recordings/stored") or []]

    def hang_up(self, channel: str) -> None:
        """End a channel, if it is still there."""
        self._ask("DELETE", f"/channels/{quote(channel)}")
