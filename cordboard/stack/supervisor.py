"""supervisord of one instance: starting it, and talking to it over its socket."""

from __future__ import annotations

import os
import re
import subprocess
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport  # type: ignore[import-untyped]

from cordboard.settings import Settings
from cordboard.stack import paths
from cordboard.stack.components import Component
from cordboard.stack.errors import StackError
from cordboard.stack.supervisor_conf import configuration

#: Variables that a component keeps from the shell in which `up` ran, besides CORDBOARD_*.
KEPT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "XDG_CACHE_HOME", "SSL_CERT_FILE")

#: States of a program that supervisor keeps running, or tries to.
ALIVE = ("RUNNING", "STARTING", "BACKOFF")


def configuration_file(settings: Settings) -> Path:
    """supervisord's configuration; 0600, since it may hold addresses with passwords."""
    return settings.run / "supervisord.conf"


def started_with(settings: Settings, name: str) -> str:
    """An environment variable as the components of a running stack have it; else empty."""
    path = configuration_file(settings)
    if not path.exists() or not is_running(settings):
        return ""
    found = re.search(rf'\b{name}="([^"]*)"', path.read_text(encoding="utf-8"))
    return found[1].replace("%%", "%") if found else ""


def session_file(settings: Settings) -> Path:
    """Where the session of the instance's processes stands: the id of the supervisord that led it.

    supervisord's own file is gone when it has ended in order; this one stays for ``down``.
    """
    return settings.run / "session"


class _OneQuestion(SupervisorTransport):  # type: ignore[misc]
    """A connection that is closed after each answer, so that none is left to the garbage."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, and hang up."""
        try:
            return super().request(*args, **kwargs)
        finally:
            self.close()


def client(settings: Settings) -> Any:
    """The ``supervisor`` name space of the instance's supervisord.

    Its calls raise OSError when supervisord is not there.
    """
    socket = paths.socket_folder(settings) / "supervisor.sock"
    transport = _OneQuestion(None, None, f"unix://{socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor


def is_running(settings: Settings) -> bool:
    """Whether supervisord answers."""
    try:
        return client(settings).getState()["statename"] == "RUNNING"  # type: ignore[no-any-return]
    except (OSError, xmlrpc.client.Error):
        return False


def start_daemon(settings: Settings, components: list[Component]) -> None:
    """Make supervisord run with this configuration; it stops what changed and starts nothing."""
    folder = paths.socket_folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths.log_folder(settings).mkdir(parents=True, exist_ok=True)
    path = configuration_file(settings)
    path.touch(mode=0o600)
    path.write_text(configuration(settings, components), encoding="utf-8")
    if is_running(settings):
        _take_changes(client(settings))
    else:
        _launch(settings, path)
    session_file(settings).write_text(str(client(settings).getPID()), encoding="utf-8")


def _launch(settings: Settings, path: Path) -> None:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [str(paths.venv_program("supervisord")), "-c", str(path)]
    started = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    if started.returncode:
        raise StackError(f"supervisord did not start: {(started.stdout + started.stderr).strip()}")
    wait_until(lambda: is_running(settings), 5, "supervisord did not answer")


def _take_changes(supervisor: Any) -> None:
    """Give up programs that changed or are gone, take on those that changed or are new."""
    added, changed, removed = supervisor.reloadConfig()[0]
    for name in [*changed, *removed]:
        supervisor.stopProcessGroup(name)
        supervisor.removeProcessGroup(name)
    for name in [*added, *changed]:
        supervisor.addProcessGroup(name)


def start(settings: Settings, name: str) -> None:
    """Start a component unless it runs; return at once, before it answers."""
    try:
        client(settings).startProcess(name, False)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != Faults.ALREADY_STARTED:
            raise


def stop(settings: Settings, name: str) -> None:
    """Stop a component and wait until it is gone; supervisor will not restart it."""
    try:
        client(settings).stopProcess(name)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != Faults.NOT_RUNNING:
            raise


def states(settings: Settings) -> dict[str, dict[str, Any]]:
    """What supervisor says of each component (``statename``, ``pid``, …); empty when it is away."""
    try:
        return {info["name"]: info for info in client(settings).getAllProcessInfo()}
    except (OSError, xmlrpc.client.Error):
        return {}


def running(settings: Settings) -> set[str]:
    """Names of the components that supervisor keeps running."""
    found = states(settings).items()
    return {name for name, info in found if info["statename"] in ALIVE}


def wait_until(condition: Any, seconds: float, problem: str) -> None:
    """Poll ``condition`` until it holds; StackError(problem) after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise StackError(f"{problem} within {seconds:g} s")
        time.sleep(0.02)
