"""One `up` or `down` of an instance at a time; a second one waits for the first."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cordboard.settings import Settings


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the instance; the kernel gives the lock back when this process ends in any way."""
    settings.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.run / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
