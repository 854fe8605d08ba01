"""Starting one component: its ports must be free, and then it must answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from cordboard.settings import Settings
from cordboard.stack import paths, ports, ready, supervisor
from cordboard.stack.errors import StackError
from cordboard.stack.progress import Say

#: Longest time a component may take to answer, and to recover from failed starts, seconds.
PATIENCE = 60.0
PATIENCE_WITH_FAILURES = 6.0

#: Lines of a component's log that are shown when it fails.
TAIL = 15


def starter(settings: Settings, name: str, say: Say) -> Callable[[], None]:
    """A job that starts ``name`` and waits until it answers."""

    def start() -> None:
        if name not in supervisor.running(settings):
            ports.must_be_free(settings, name)
            supervisor.start(settings, name)
        started = time.monotonic()
        _wait_until_it_answers(settings, name)
        say(f"{name}: answers at {ready.address(settings, name)}{_took(started)}")

    return start


def _took(started: float) -> str:
    seconds = time.monotonic() - started
    return f", after {seconds:.1f} s" if seconds >= 1 else ""


def _wait_until_it_answers(settings: Settings, name: str) -> None:
    """Poll until the component answers; give up early when it keeps dying at its start."""
    began = time.monotonic()
    while problem := ready.problem(settings, name):
        waited = time.monotonic() - began
        state = supervisor.states(settings)[name]["statename"]
        dies = state in ("BACKOFF", "EXITED", "FATAL", "STOPPED")
        if waited > (PATIENCE_WITH_FAILURES if dies else PATIENCE):
            raise StackError(_failure(settings, name, problem), f"Look at 'cordboard log {name}'.")
        time.sleep(0.05)


def _failure(settings: Settings, name: str, problem: str) -> str:
    """Why ``name`` failed, with the last lines it logged."""
    path = paths.log_file(settings, name)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    tail = "\n".join(f"    {line}" for line in lines[-TAIL:])
    return f"{name} does not answer ({problem}); {path} ends in\n{tail}"
