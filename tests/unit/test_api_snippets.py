"""The snippets of docs/api.md and docs/webhooks.md do, as they stand there, what we check."""

from __future__ import annotations

import re
import time
import urllib.request
from typing import Any

import pytest

from cordboard import webhooks
from cordboard.secrets import signing_key
from cordboard.settings import ROOT
from webdesk.api.auth import sign, signed_text

SECRET = "cb_a_secret_of_a_business"


def snippet(page: str) -> dict[str, Any]:
    """The names that the page's one Python snippet defines."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


@pytest.mark.parametrize("body", [b"", b'{"subject": "ORDERS"}'])
def test_a_signed_request(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    sent: list[urllib.request.Request] = []
    monkeypatch.setattr(urllib.request, "urlopen", sent.append)
    target = "/api/v1/usage?month=2026-11"
    snippet("api.md")["ask"]("https://desk.example", "pantry", SECRET, "GET", target, body)
    (request,) = sent
    stamp = request.get_header("X-cb-timestamp")
    assert stamp is not None
    assert abs(time.time() - int(stamp)) < 60
    text = signed_text("GET", target, stamp, body)
    assert request.get_header("X-cb-signature") == sign(signing_key(SECRET), text)
    assert request.get_header("X-cb-business") == "pantry"
    assert (request.full_url, request.get_method()) == (f"https://desk.example{target}", "GET")


def test_a_webhook_is_verified() -> None:
    genuine = snippet("webhooks.md")["is_genuine"]
    key, now = signing_key(SECRET), int(time.time())
    header = webhooks.signature(key, b"{}", now)
    assert genuine(key.hex(), header, b"{}")
    assert not genuine(key.hex(), header, b"{ }")
    assert not genuine("00" * 32, header, b"{}")
    assert not genuine(key.hex(), webhooks.signature(key, b"{}", now - 301), b"{}")
    for broken in ("", "t=x,v1=y", "v1=", f"t={now}"):
        assert not genuine(key.hex(), broken, b"{}")
