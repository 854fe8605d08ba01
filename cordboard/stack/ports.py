"""Whether a port is free, and who holds it when it is not."""

from __future__ import annotations

from collections.abc import Iterator
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
    "decider": ("decider",),
    "ari_app": ("ari_app_metrics",),
    "worker": ("worker_metrics",),
    "web": ("web",),
    "shop": ("shop",),
}

#: Ports of one instance.
BLOCK = 1000

#: Transport -> how the kernel's tables call the state of a socket that waits for strangers.
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


def block_is_free(base: int) -> bool:
    """Whether nobody listens on any of an instance's thousand ports from ``base`` on."""
    return not any(base <= port < base + BLOCK for port, _, _ in _listening())


def free_block() -> int:
    """First port of a block that is free, below the ports that the kernel gives to clients.

    Raises:
        StackError: there is none.
    """
    for base in range(31000, 20000, -BLOCK):
        if block_is_free(base):
            return base
    raise StackError("no thousand ports are free", "Stop a stack: 'cordboard down'.")


def _listening_inodes(port: int, transport: str) -> set[str]:
    """Sockets that listen on ``port``, by inode."""
    found = {inode for bound, kind, inode in _listening() if (bound, kind) == (port, transport)}
    return found - {"0"}


def _listening() -> Iterator[tuple[int, str, str]]:
    """Port, transport and inode of each listening socket, from the kernel's tables."""
    for transport, state in LISTENING.items():
        for table in (transport, f"{transport}6"):
            path = Path("/proc/net") / table
            lines = path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []
            for fields in map(str.split, lines):
                if fields[3] == state:
                    yield int(fields[1].rpartition(":")[2], 16), transport, fields[9]
