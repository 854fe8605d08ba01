"""The stack called ``test``: brought up once for all tests that need it."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from cordboard.settings import Settings, load_settings
from cordboard.sipp import eventually
from cordboard.stack import components, ports, ready, supervisor
from cordboard.stack.down import down
from cordboard.stack.up import up

#: Which of pytest-xdist's processes this is: empty without it, and for the first.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw").removeprefix("0")
#: Another instance, with a ``CORDBOARD_PORT_BASE`` of its own, lets two test runs go side by side.
INSTANCE = os.environ.get("CORDBOARD_TEST_INSTANCE", "test") + (WORKER and f"-{WORKER}")

STORES = frozenset({"postgres", "redis"})


def bring_up(only: Collection[str] = components.NAMES) -> Settings:
    """Bring the test stack up, or what is missing of it; answer its settings."""
    os.environ["CORDBOARD_INSTANCE"] = INSTANCE
    # Prompts and announcements are most of a test call's time: nobody has to understand them here.
    os.environ["CORDBOARD_TTS_WORDS_PER_MINUTE"] = "450"
    os.environ["CORDBOARD_WANTED_AGENT_SECONDS"] = "12"
    # Nobody's list is to change under a test by itself.
    os.environ["CORDBOARD_NIGHTLY_HOUR"] = "-1"
    os.environ["CORDBOARD_STRATEGIES_EVERY_MINUTES"] = "0"
    if INSTANCE == "test":
        os.environ.pop("CORDBOARD_PORT_BASE", None)
        _make_way_for_another_checkout()
    with _alone_with_ports():
        settings = load_settings(INSTANCE)
        return up(settings, say=lambda line: print(f"  {line}", flush=True), only=only)


@contextmanager
def _alone_with_ports() -> Iterator[None]:
    """Ports of our own for the second process and those that follow, which choose one by one."""
    with (Path(gettempdir()) / "cordboard-test-ports").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if WORKER:
            os.environ["CORDBOARD_PORT_BASE"] = str(_ports_of_worker())
        yield


def _ports_of_worker() -> int:
    """Those that its stack has if it was kept up, else the lowest that are free.

    Tests that need a block of their own take the highest.
    """
    note = load_settings(INSTANCE).run / "test-ports"
    if supervisor.is_running(load_settings(INSTANCE)) and note.exists():
        return int(note.read_text())
    base = next(base for base in range(21000, 31000, ports.BLOCK) if ports.block_is_free(base))
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(base))
    return base


def _make_way_for_another_checkout() -> None:
    """Take other ports when the test stack of another folder of this machine has the usual ones."""
    settings = load_settings(INSTANCE)
    if not supervisor.is_running(settings) and not ports.block_is_free(settings.base):
        os.environ["CORDBOARD_PORT_BASE"] = str(ports.free_block())


def take_down(settings: Settings) -> None:
    """End the stack, unless somebody wants to look at it afterwards (``CORDBOARD_TEST_KEEP=1``)."""
    if os.environ.get("CORDBOARD_TEST_KEEP") != "1":
        down(settings)
    else:
        run_all_but(settings)


def pid_of(settings: Settings, component: str) -> int:
    """Process id of a component, 0 when it does not run."""
    return int(supervisor.states(settings)[component]["pid"])


def answers(settings: Settings, component: str) -> bool:
    """Whether a component does its work."""
    return not ready.problem(settings, component)


def kill(settings: Settings, component: str) -> int:
    """``kill -9``; supervisor starts it again. Answers the id of the killed process."""
    pid = pid_of(settings, component)
    assert pid, f"{component} does not run"  # 0 would be ourselves
    os.kill(pid, signal.SIGKILL)
    return pid


def wait_until_back(settings: Settings, component: str, killed: int, within: float = 15.0) -> None:
    """Wait until another process than ``killed`` does the component's work."""
    eventually(
        lambda: pid_of(settings, component) not in (0, killed) and answers(settings, component),
        within=within,
        what=f"{component} is back",
    )


@contextmanager
def stopped(settings: Settings, component: str) -> Iterator[None]:
    """While this lasts, the component is not there and supervisor does not start it."""
    supervisor.stop(settings, component)
    try:
        yield
    finally:
        supervisor.start(settings, component)
        eventually(lambda: answers(settings, component), within=20, what=f"{component} is back")


#: What :func:`run_all_but` has stopped.
_away: set[str] = set()


def run_all_but(settings: Settings, *names: str) -> None:
    """Stop these components and start those of an earlier call, until the next call.

    A component takes seconds to start: tests that follow each other without it share its absence.
    """
    back = _away.difference(names)
    for name in sorted(back):
        supervisor.start(settings, name)
    for name in sorted(set(names) - _away):
        supervisor.stop(settings, name)
    _away.difference_update(back)
    _away.update(names)
    for name in sorted(back):
        eventually(lambda name=name: answers(settings, name), within=20, what=f"{name} is back")
