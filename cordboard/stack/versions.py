"""Versions of programs, and whether one is new enough."""

from __future__ import annotations

import re

#: The first release with everything that call control relies on.
OLDEST_ASTERISK = (22, 10, 1)


def parse_version(text: str) -> tuple[int, ...]:
    """The first dotted number in a program's version line; empty when there is none.

    >>> parse_version("Asterisk 22.10.1+dfsg+~cs6.17-1")
    (22, 10, 1)
    """
    match = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def is_new_enough(version_line: str) -> bool:
    """Whether that Asterisk can run Cordboard."""
    return parse_version(version_line) >= OLDEST_ASTERISK
