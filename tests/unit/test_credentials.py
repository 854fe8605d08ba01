"""Secrets of an instance: made once, private, never replaced."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cordboard.settings import load_settings
from cordboard.stack.credentials import GENERATED, ensure_secrets


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORDBOARD_RUN_DIR", str(tmp_path / "run"))
    for name in GENERATED:
        monkeypatch.delenv(f"CORDBOARD_{name.upper()}", raising=False)
    return tmp_path / "run"


def test_every_secret_is_made_and_only_its_user_reads_it(run: Path) -> None:
    settings = ensure_secrets(load_settings())
    values = {getattr(settings, name).get_secret_value() for name in GENERATED}
    assert len(values) == len(GENERATED)
    assert all(len(value) == 48 for value in values)
    assert stat.S_IMODE((run / "secrets.env").stat().st_mode) == 0o600


def test_a_second_time_keeps_them(run: Path) -> None:
    first = ensure_secrets(load_settings())
    assert ensure_secrets(load_settings()) == first


def test_only_what_is_missing_is_added(run: Path) -> None:
    run.mkdir()
    (run / "secrets.env").write_text("CORDBOARD_SSN_KEY=kept\n")
    settings = ensure_secrets(load_settings())
    assert settings.ssn_key.get_secret_value() == "kept"
    assert settings.ari_password.get_secret_value()


def test_addresses_carry_the_passwords(run: Path) -> None:
    settings = ensure_secrets(load_settings())
    assert settings.database_password.get_secret_value() in settings.database
    assert settings.redis_password.get_secret_value() in settings.redis


def test_a_secret_shows_neither_in_text_nor_in_errors(run: Path) -> None:
    settings = ensure_secrets(load_settings())
    assert settings.ari_password.get_secret_value() not in repr(settings)
