"""``CORDBOARD_TLS=1``: the real web server speaks https, to those who trust the local authority."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from email.message import Message
from pathlib import Path

import pytest

from cordboard.settings import Settings, load_settings
from cordboard.sipp import eventually
from cordboard.stack import certificate, ports, ready
from cordboard.stack.components import python_command
from db.demo.web import SECRETS
from db.demo.world import PANTRY


@pytest.fixture
def secure(
    database_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings of a web server with TLS, on ports of its own and the demo world of the tests."""
    environment = {
        "CORDBOARD_INSTANCE": "tls",
        "CORDBOARD_PORT_BASE": str(ports.free_block()),
        "CORDBOARD_RUN_DIR": str(tmp_path),
        "CORDBOARD_DATABASE_URL": database_settings.database,
        "CORDBOARD_REDIS_URL": database_settings.redis,
        "CORDBOARD_SECRET_KEY": database_settings.secret_key.get_secret_value(),
        "CORDBOARD_TLS": "1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = subprocess.run(
        [sys.executable, "-c", "from cordboard.cli import main; main()", "tls"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "web.pem made" in made.stdout, made.stderr
    settings = load_settings()
    with (tmp_path / "web.log").open("wb") as log:
        server = subprocess.Popen(python_command("web"), env=os.environ, stdout=log, stderr=log)
    try:
        eventually(lambda: not ready.problem(settings, "web"), within=30, what="the desk is ready")
        yield settings
    finally:
        server.terminate()
        server.wait(timeout=10)


def ask(settings: Settings, path: str, trust: ssl.SSLContext) -> tuple[int, Message, bytes]:
    """Status, headers and body."""
    both = base64.b64encode(f"pantry:{SECRETS[PANTRY]}".encode()).decode()
    host, port = "localhost", settings.port("web")
    with closing(http.client.HTTPSConnection(host, port, context=trust, timeout=10)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Basic {both}"})
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


def test_the_desk_and_the_api_by_https(secure: Settings) -> None:
    trust = ssl.create_default_context(cafile=str(certificate.files(secure).authority))
    status, headers, _ = ask(secure, "/login", trust)
    assert status == 200
    assert headers["Strict-Transport-Security"]
    assert "Secure" in headers["Set-Cookie"]
    _, _, document = ask(secure, "/api/v1/openapi.json", trust)
    assert json.loads(document)["servers"][0]["url"] == f"{secure.web}/api/v1"
    assert secure.web.startswith("https://")
    assert ask(secure, "/api/v1/usage", trust)[0] == 200

    with pytest.raises(ssl.SSLCertVerificationError):
        ask(secure, "/login", ssl.create_default_context())
    with socket.create_connection(("127.0.0.1", secure.port("web")), timeout=10) as plain:
        plain.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"Cordboard" not in received(plain)


def received(plain: socket.socket) -> bytes:
    """What comes until the other side closes."""
    got = b""
    with suppress(ConnectionError):
        while more := plain.recv(4096):
            got += more
    return got
