"""A merchant's own server: asks the API by secret or by signature."""

from __future__ import annotations

import base64
import time
from typing import Any
from uuid import uuid4

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from cordboard.secrets import signing_key
from db.demo.web import SECRETS
from db.demo.world import HALYARD, PANTRY
from webdesk.api.auth import sign, signed_text

BASE = "/api/v1"

PANTRY_SECRET = SECRETS[PANTRY]
HALYARD_SECRET = SECRETS[HALYARD]

WISH: dict[str, Any] = {"subject": "ORDERS", "number": "+13125550150"}


class Api:
    """One business, by default Corner Pantry, by default by its secret."""

    def __init__(self, app: Flask, business: str = "pantry", secret: str = PANTRY_SECRET) -> None:
        self.client = app.test_client()
        self.business = business
        self.secret = secret

    def basic(self) -> dict[str, str]:
        """The header of HTTP Basic."""
        both = base64.b64encode(f"{self.business}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {both}"}

    def signed(self, method: str, target: str, body: bytes = b"", at: int = 0) -> dict[str, str]:
        """The headers of a signed request; ``at`` is seconds since 1970, now when left out."""
        stamp = str(at or int(time.time()))
        text = signed_text(method, target, stamp, body)
        return {
            "X-CB-Business": self.business,
            "X-CB-Timestamp": stamp,
            "X-CB-Signature": sign(signing_key(self.secret), text),
        }

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask, by secret."""
        headers = {**self.basic(), **more.pop("headers", {})}
        return self.client.get(BASE + path, headers=headers, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send, by secret; with a new key, unless ``key`` is given ("" for none)."""
        key = more.pop("key", uuid4().hex)
        headers = {**self.basic(), **({"Idempotency-Key": key} if key else {})}
        headers |= more.pop("headers", {})
        if body is not None:
            more = {"data": orjson.dumps(body), "content_type": "application/json", **more}
        return self.client.post(BASE + path, headers=headers, **more)

    def make(self, key: str = "", **wish: Any) -> TestResponse:
        """A call request."""
        return self.post("/call-requests", {**WISH, **wish}, key=key or uuid4().hex)

    def made(self, **wish: Any) -> dict[str, Any]:
        """A call request that was taken."""
        answer = self.make(**wish)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.get_json()
        return found


def problem(answer: TestResponse, status: int) -> str:
    """The code of the problem document that this must be."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    told = answer.get_json()
    assert told["status"] == status
    assert told["detail"]
    assert told["title"]
    assert told["type"].endswith(told["code"])
    return str(told["code"])
