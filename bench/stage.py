"""What every benchmark is given: the running stack, a voice, and how long it may take."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cordboard.settings import ROOT, Settings
from cordboard.stack.progress import Say

#: Where the results go.
REPORT = ROOT / ".run" / "bench.json"


class NotMeasured(Exception):
    """A benchmark could not be measured; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the benchmarks.

    Attributes:
        settings: of the running stack, instance ``bench``.
        say: shows progress to a person.
        scale: 1 measures as published; less takes fewer samples, for a look while developing.
        rounds: how often each side runs.
    """

    settings: Settings
    say: Say
    scale: float = 1.0
    rounds: int = 3

    def samples(self, full: int, least: int = 1) -> int:
        """``full`` samples, or fewer on a scaled run."""
        return max(least, round(full * self.scale))

    @property
    def folder(self) -> Path:
        """Where scenarios, captures and logs of the run lie; made when first asked for."""
        folder = self.settings.run / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def machine() -> dict[str, str]:
    """What the figures depend on, for the report."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": f"{os.cpu_count()} × {_cpu_model()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
