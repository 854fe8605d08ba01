"""Secrets of a local instance: made once, kept in ``.run/<instance>/secrets.env``, mode 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cordboard.settings import Settings, load_settings

#: Settings that a local stack makes for itself when nobody set them.
GENERATED = (
    "ari_password",
    "database_password",
    "redis_password",
    "decider_token",
    "secret_key",
    "ssn_key",
)


def ensure_secrets(settings: Settings) -> Settings:
    """Make the secrets that are missing; answer the settings with all of them in force."""
    path = settings.run / "secrets.env"
    present = _names(path)
    missing = [name for name in GENERATED if f"CORDBOARD_{name.upper()}" not in present]
    if missing:
        _append(path, missing)
    return load_settings(settings.instance)


def _names(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {line.partition("=")[0] for line in path.read_text(encoding="utf-8").splitlines()}


def _append(path: Path, names: list[str]) -> None:
    """Add a random value for each name; 0600 from the start, so that nobody reads it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"CORDBOARD_{name.upper()}={secrets.token_hex(24)}\n" for name in names)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(lines)
