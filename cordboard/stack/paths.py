"""Where the local stack keeps things: the cache that instances share, and each one's own folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from cordboard.settings import ROOT, Settings

#: Longest path of a Unix socket on Linux, less the room for the longest socket name used here.
LONGEST_SOCKET_FOLDER = 107 - len("/supervisor.sock.4194304")


def cache() -> Path:
    """Folder for what is slow to make and the same for every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cordboard"


def log_folder(settings: Settings) -> Path:
    """Where every process of the instance logs, one file each."""
    return settings.run / "log"


def log_file(settings: Settings, component: str) -> Path:
    """What ``component`` printed."""
    return log_folder(settings) / f"{component}.log"


def asterisk_folder(settings: Settings) -> Path:
    """Asterisk's configuration, database, spool, logs and control socket."""
    return settings.run / "asterisk"


def socket_folder(settings: Settings) -> Path:
    """Where Unix sockets go: the run folder, or a private short one when that path is too long."""
    if len(os.fsencode(settings.run)) <= LONGEST_SOCKET_FOLDER:
        return settings.run
    digest = hashlib.sha256(os.fsencode(settings.run)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"cordboard-{os.getuid()}-{digest}"


def venv_program(name: str) -> Path:
    """A program of the virtual environment that Cordboard is installed in."""
    import sys

    return Path(sys.prefix) / "bin" / name


__all__ = [
    "ROOT",
    "asterisk_folder",
    "cache",
    "log_file",
    "log_folder",
    "socket_folder",
    "venv_program",
]
