"""Words in which the tests of the operations pages speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import redis
from flask import Flask
from werkzeug.test import TestResponse

from support.database import Database
from support.web import Web
from webdesk.sessions import start_session

Json = dict[str, Any]


def enter(app: Flask, live: redis.Redis, database: Database, username: str) -> Web:
    """A browser of somebody who is logged in, without the time that checking a password takes."""
    web = Web(app)
    account = database.rows(
        "SELECT id, display_name, role::text FROM user_account WHERE username = %s", username
    )[0]
    user = start_session(
        live,
        user_id=account["id"],
        username=username,
        name=account["display_name"],
        role=account["role"],
    )
    with web.client.session_transaction() as session:
        session.clear()
        session.update(_user_id=user.session, _fresh=True)
    web.token = token_of(web.client.get("/", follow_redirects=True).text)
    return web


def token_of(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found[1]


@dataclass
class Ops:
    """Somebody of ops in a browser."""

    web: Web
    database: Database

    def page(self, path: str) -> str:
        answer = self.web.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return answer.text

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send a form as the browser would, with its token."""
        return self.web.client.post(path, data={"csrf_token": self.web.token, **fields})

    def audit(self, entity: str) -> list[Json]:
        """What was written down about an entity, newest first."""
        return self.database.rows(
            "SELECT a.action, a.data, u.username AS actor FROM audit_entry a"
            " JOIN user_account u ON u.id = a.actor_id WHERE a.entity = %s ORDER BY a.id DESC",
            entity,
        )


def told(live: redis.Redis, wire: str) -> int:
    """How often everybody inside was told of something."""
    return sum(fields[b"type"].decode() == wire for _, fields in live.xrange("cb:events"))
