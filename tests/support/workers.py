"""Worker processes of a test's own, beside the supervised one or instead of it; killed at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Workers:
    """Real worker processes.

    Attributes:
        environment: variables that tell them where PostgreSQL and Redis are, besides our own.
        running: those that were started and not yet killed.
        killed: how many were killed.
    """

    environment: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: int = 0

    def start(self, count: int = 2) -> None:
        """Start so many; they complain to the test's own error output."""
        command = [sys.executable, "-m", "ari_app.worker"]
        environment = {**os.environ, "CORDBOARD_LOG_LEVEL": "error", **self.environment}
        self.running += [
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=None)
            for _ in range(count)
        ]

    def kill(self) -> None:
        """SIGKILL to all of them."""
        for process in self.running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.killed += len(self.running)
        self.running.clear()
