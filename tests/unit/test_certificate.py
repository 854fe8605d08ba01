"""The local certificate: whoever trusts the authority, and only they, can talk to the desk."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from cordboard.settings import Settings
from cordboard.stack import certificate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(instance="dev", run_dir=tmp_path)


def shake_hands(settings: Settings, name: str, trust: Path | None) -> None:
    """A TLS handshake in memory; raises what the client does not believe."""
    found = certificate.files(settings)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(found.certificate, found.key)
    client = ssl.create_default_context(cafile=str(trust) if trust else None)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(ends)
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                continue
        if not waiting:
            return
    raise AssertionError("the handshake does not end")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "desk.example.test"])
def test_a_client_that_trusts_the_authority_connects(settings: Settings, name: str) -> None:
    assert certificate.ensure(settings, ["desk.example.test"])
    shake_hands(settings, name, certificate.files(settings).authority)


def test_other_names_and_other_clients_are_refused(settings: Settings) -> None:
    certificate.ensure(settings)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shake_hands(settings, "elsewhere.test", certificate.files(settings).authority)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(settings, "localhost", None)


def test_the_key_is_for_its_owner(settings: Settings) -> None:
    certificate.ensure(settings)
    assert certificate.files(settings).key.stat().st_mode & 0o777 == 0o600
    names = {path.name for path in certificate.files(settings).key.parent.iterdir()}
    assert names == {"ca.pem", "web.pem", "web.key"}


def test_a_good_one_stays(settings: Settings) -> None:
    assert certificate.ensure(settings)
    before = certificate.files(settings).certificate.read_bytes()
    assert not certificate.ensure(settings)
    assert certificate.files(settings).certificate.read_bytes() == before
    assert certificate.ensure(settings, ["new.example.test"])
    assert certificate.ensure(settings, anew=True)


def test_one_that_is_nearly_over_is_made_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "DAYS", certificate.RENEW_DAYS - 1)
    certificate.ensure(settings)
    monkeypatch.undo()
    assert certificate.ensure(settings)
    assert not certificate.ensure(settings)
