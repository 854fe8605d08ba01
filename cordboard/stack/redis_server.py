"""The stack's own Redis: append-only file, loopback, a password."""

from __future__ import annotations

from pathlib import Path

from cordboard.settings import Settings

CONFIGURATION = """\
# Written by `cordboard up`.
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def configuration(settings: Settings) -> Path:
    """The server's configuration file."""
    return settings.run / "redis.conf"


def write_configuration(settings: Settings) -> None:
    """Write the configuration, readable by this user only: it holds the password."""
    folder = settings.run / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    path = configuration(settings)
    path.touch(mode=0o600)
    text = CONFIGURATION.format(
        port=settings.port("redis"),
        password=settings.redis_password.get_secret_value(),
        folder=f'"{folder}"',
    )
    path.write_text(text, encoding="utf-8")


def server_command(settings: Settings) -> list[str]:
    """The server in the foreground."""
    return ["/usr/bin/redis-server", str(configuration(settings))]
