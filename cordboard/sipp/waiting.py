"""Waiting for something to become true, with a deadline instead of a guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds between two looks.
PERIOD = 0.03


class Late(AssertionError):
    """What was waited for did not come true in time."""


def eventually(
    look: Callable[[], T], *, within: float = 10.0, what: str = "", every: float = PERIOD
) -> T:
    """The first truthy answer of ``look``.

    Args:
        look: asked again and again; an ``AssertionError`` from it counts as "not yet".
        within: seconds until it must have come true.
        what: for the message, in words: "the caller is in the queue".
        every: seconds between two looks.

    Raises:
        Late: it did not; the message has the last answer or the last failed assertion.
    """
    deadline = time.monotonic() + within
    while True:
        last: object
        try:
            answer = look()
            if answer:
                return answer
            last = repr(answer)
        except AssertionError as failed:
            last = failed
        if time.monotonic() > deadline:
            raise Late(f"not within {within:g} s: {what or look.__name__} (last: {last})")
        time.sleep(every)
