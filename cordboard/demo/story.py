"""The demo's voice: lines with times, and claims that must be true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
        self._say_line: Callable[[str], None] = click.echo
        self.claims = 0

    @contextmanager
    def aside(self) -> Iterator[Aside]:
        """A story that goes on beside this one, on the same clock, and is told at its end."""
        aside = Aside(self._began)
        try:
            yield aside
        finally:
            aside.tell_all()
            self.claims += aside.claims

    def _say(self, mark: str, text: str) -> None:
        self._say_line(f"{time.monotonic() - self._began:6.1f} s  {mark} {text}")

    def heading(self, text: str) -> None:
        """A new chapter."""
        self._say_line(f"\n── {text} {'─' * max(0, 90 - len(text))}")

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
            self._say_line(f"            {name:<{width}}  {value}")


class Aside(Story):
    """A story whose lines wait, so that two that happen at once do not speak at once."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began
        self._lines: list[str] = []
        self._say_line = self._lines.append

    def tell_all(self) -> None:
        """Tell what has waited."""
        for line in self._lines:
            click.echo(line)
        self._lines.clear()
