"""The demo's voice: lines with times, and claims that must be true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from cordboard.sipp import Late, eventually

T = TypeVar("T")


class DidNotHappen(Exception):
    """The story promised something that did not come true."""


class Story:
    """Tells what happens, with the seconds since it began."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.claims = 0

    def _say(self, mark: str, text: str) -> None:
        click.echo(f"{time.monotonic() - self._began:6.1f} s  {mark} {text}")

    def heading(self, text: str) -> None:
        """A new chapter."""
        click.echo(f"\n── {text} {'─' * max(0, 90 - len(text))}")

    def tell(self, text: str) -> None:
        """Something that the demo does."""
        self._say(" ", text)

    def claim(self, text: str, true: object) -> None:
        """Something that must be so.

        Raises:
            DidNotHappen: it is not.
        """
        if not true:
            raise DidNotHappen(text)
        self.claims += 1
        self._say("✓", text)

    def await_(self, text: str, look: Callable[[], T], within: float = 20.0) -> T:
        """Something that must become so; answers what was seen.

        Raises:
            DidNotHappen: it did not, in ``within`` seconds.
        """
        try:
            seen = eventually(look, within=within, what=text)
        except Late as late:
            raise DidNotHappen(str(late)) from None
        self.claim(text, true=True)
        return seen

    def table(self, rows: Iterable[tuple[str, object]]) -> None:
        """Names and values, one pair a line."""
        pairs = [(name, str(value)) for name, value in rows]
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            click.echo(f"            {name:<{width}}  {value}")
