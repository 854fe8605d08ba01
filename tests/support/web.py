"""A browser without pages: logs in, carries cookie and form token, reads event streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.scene import Scene
from webdesk.sessions import start_session

PASSWORD = "cordboard-demo"


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event."""

    type: str
    data: Any
    id: str = ""


class Web:
    """One browser with its own cookies."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""

    def read_token(self) -> str:
        """The form token of the page; it changes at log-in."""
        page = self.client.get("/login", follow_redirects=True).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        self.token = found[1]
        return self.token

    def log_in(self, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        form = {"username": username, "password": password, "csrf_token": self.read_token()}
        answer = self.client.post("/login", data=form, **more)
        if answer.status_code == 302:
            self.read_token()
        return answer

    def enter(self, scene: Scene) -> Web:
        """As :meth:`log_in`, without the time that checking a password takes."""
        who = scene.username
        user = start_session(
            scene.redis, user_id=scene.agent, username=who, name=scene.name, role="agent"
        )
        with self.client.session_transaction() as session:
            session.clear()
            session.update(_user_id=user.session, _fresh=True)
        scene.happen(Event.LOG_IN, reason="log_in")
        self.read_token()
        return self

    def log_out(self) -> TestResponse:
        return self.client.post("/logout", data={"csrf_token": self.token})

    def get(self, url: str, **more: Any) -> TestResponse:
        """As the page's scripts ask."""
        return self.client.get(url, headers={"X-Requested-With": "fetch"}, **more)

    def post(self, url: str, **fields: Any) -> TestResponse:
        """As the page's scripts send a form."""
        headers = {"X-Requested-With": "fetch", "X-CSRFToken": self.token}
        return self.client.post(url, data=fields, headers=headers)

    def follow(self, position: str = "", *, last_event_id: str = "") -> Iterator[Message]:
        """The desk's events; heartbeats are left out."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        answer = self.client.get(f"/desk/events?from={position}", headers=headers, buffered=False)
        assert answer.status_code == 200, answer.text
        return (message for message in messages(answer) if message.type != "heartbeat")


def messages(answer: TestResponse) -> Iterator[Message]:
    """The events of a stream, as they come."""
    text = ""
    for chunk in answer.response:
        text += chunk.decode() if isinstance(chunk, bytes) else chunk
        while "\n\n" in text:
            block, _, text = text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            yield Message(fields["event"], orjson.loads(fields["data"]), fields.get("id", ""))


def with_values(settings: Settings, **changed: str) -> Settings:
    """A copy; values computed from the old ones are forgotten."""
    copy = settings.model_copy(update=changed)
    for name in ("database", "offers_database", "is_split", "redis", "web", "decider"):
        copy.__dict__.pop(name, None)
    return copy
