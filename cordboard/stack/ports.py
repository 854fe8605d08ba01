"""Whether a port is free, and who holds it when it is not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cordboard.settings import PORTS, Settings
from cordboard.stack.errors import StackError

#: Component -> the entries of ``PORTS`` that it listens on.
LISTENS = {
    "postgres": ("postgres",),
    "redis": ("redis",),
    "asterisk": ("sip", "ari"),
    "agi": ("agi", "agi_metrics"),
    "ari_app": ("ari_app_metrics",),
    "web": ("web",),
}

LISTENING = {"tcp": "0A", "udp": "07"}


def must_be_free(settings: Settings, component: str) -> None:
    """Raise a StackError that names the holder when a port of ``component`` is taken."""
    for name in LISTENS[component]:
        port = settings.port(name)
        holder = holder_of(port, PORTS[name][1])
        if holder:
            raise StackError(
                f"{component} cannot start: port {port} is held by {holder}",
                "Stop that program, or set CORDBOARD_PORT_BASE to the first of 1000 free ports.",
            )


def holder_of(port: int, transport: str) -> str:
    """Who listens on ``port``, as "redis-server (process 4711)"; empty when nobody does."""
    inodes = _listening_inodes(port, transport)
    if not inodes:
        return ""
    for folder in Path("/proc").glob("[0-9]*/fd"):
        if _open_files(folder).intersection(f"socket:[{inode}]" for inode in inodes):
            name = (folder.parent / "comm").read_text(encoding="utf-8").strip()
            return f"{name} (process {folder.parent.name})"
    return "a process of another user"


def _open_files(folder: Path) -> set[str]:
    """What the file descriptors of a process stand for; empty when it is another user's."""
    found = set()
    with suppress(PermissionError, FileNotFoundError):
        for entry in folder.iterdir():
            with suppress(FileNotFoundError):
                found.add(str(entry.readlink()))
    return found


def _listening_inodes(port: int, transport: str) -> set[str]:
    """Sockets in the kernel's tables that listen on ``port``, by inode."""
    inodes = set()
    for table in (transport, f"{transport}6"):
        path = Path("/proc/net") / table
        lines = path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []
        for fields in map(str.split, lines):
            bound = int(fields[1].rpartition(":")[2], 16)
            if bound == port and fields[3] == LISTENING[transport]:
                inodes.add(fields[9])
    return inodes
