"""Telling a person what takes time: one line when it begins, one when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Where lines for a person go: ``click.echo`` in the command line, nothing in tests.
Say = Callable[[str], None]


def say_on_stderr(line: str) -> None:
    """A ``Say`` for programs that run before the command line can."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def silent(_line: str) -> None:
    """A ``Say`` that says nothing."""


@contextmanager
def step(say: Say, what: str) -> Iterator[None]:
    """Say ``what`` is begun, and how many seconds it took when that was two or more."""
    say(f"{what} …")
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    if took >= 2:
        say(f"  done in {took:.0f} s")
