"""Processes as the kernel knows them, and which of them a stack started."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cordboard.settings import Settings
from cordboard.stack import supervisor

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process; ``started`` (clock ticks since boot) tells it from a later one of the same id."""

    pid: int
    parent: int
    session: int
    started: int
    name: str


def read(pid: int) -> Process | None:
    """The process of that id; None when there is none, or only its exit status waits."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may hold anything, so the fields count from the last bracket.
    before, _, after = text.rpartition(")")
    fields = after.split()
    if fields[0] in "ZX":
        return None
    name = before.partition("(")[2]
    return Process(pid, int(fields[1]), int(fields[3]), int(fields[19]), name)


def every_process() -> Iterator[Process]:
    """All processes that are alive."""
    for entry in PROC.iterdir():
        process = read(int(entry.name)) if entry.name.isdigit() else None
        if process:
            yield process


def children(pid: int) -> list[Process]:
    """Direct children of a process."""
    return [process for process in every_process() if process.parent == pid]


def of_instance(settings: Settings) -> list[Process]:
    """supervisord of the instance and everything it started, also after supervisord has died.

    They share the session that supervisord opened. The kernel gives no new process the id of a
    session that still has members, and a process that names the run folder nowhere is not ours.
    """
    try:
        session = int(supervisor.session_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    members = [process for process in every_process() if process.session == session]
    return members if any(_names(process, settings.run) for process in members) else []


def _names(process: Process, folder: Path) -> bool:
    """Whether the process works in ``folder`` or its command line names it."""
    own = PROC / str(process.pid)
    try:
        working = (own / "cwd").readlink()
        command = (own / "cmdline").read_bytes()
    except OSError:
        return False
    return working.is_relative_to(folder) or os.fsencode(folder) in command


def stop_all(victims: list[Process], seconds: float) -> list[Process]:
    """Ask each to stop, then force it; answer those that live on after ``seconds``."""
    for process in victims:
        # PostgreSQL takes TERM as "when the last client has gone"; INT is "now, in order".
        _send(process, signal.SIGINT if process.name == "postgres" else signal.SIGTERM)
    left = _wait(victims, seconds)
    for process in left:
        _send(process, signal.SIGKILL)
    return _wait(left, 2)


def _send(process: Process, number: signal.Signals) -> None:
    if is_same(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def is_same(process: Process) -> bool:
    """Whether that very process is still alive."""
    now = read(process.pid)
    return now is not None and now.started == process.started


def _wait(victims: list[Process], seconds: float) -> list[Process]:
    deadline = time.monotonic() + seconds
    left = [process for process in victims if is_same(process)]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [process for process in left if is_same(process)]
    return left
