"""`cordboard down`: end everything that `up` started, whether or not supervisord still lives."""

from __future__ import annotations

import xmlrpc.client

from cordboard.settings import Settings
from cordboard.stack import processes, supervisor
from cordboard.stack.errors import StackError
from cordboard.stack.lock import only_one
from cordboard.stack.progress import Say, silent, step


def down(settings: Settings, say: Say = silent) -> bool:
    """End the instance's processes; answer whether there were any.

    Raises:
        StackError: a process could not be ended.
    """
    with only_one(settings):
        running = processes.of_instance(settings)
        if not running:
            return False
        with step(say, f"{settings.instance}: stopping {len(running)} processes"):
            _ask_supervisor(settings)
            left = processes.stop_all(processes.of_instance(settings), seconds=10)
        if left:
            names = ", ".join(f"{process.name} ({process.pid})" for process in left)
            raise StackError(f"these processes do not end: {names}", "Run it again, or kill them.")
        return True


def _ask_supervisor(settings: Settings) -> None:
    """Let supervisord end its programs in order, last started first."""
    try:
        supervisor.client(settings).shutdown()
    except (OSError, xmlrpc.client.Error):
        return
    supervisor.wait_until(
        lambda: not processes.of_instance(settings), 30, "the processes did not end"
    )
