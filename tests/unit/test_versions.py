"""Which Asterisk is new enough."""

from __future__ import annotations

import pytest

from cordboard.stack.versions import is_new_enough, parse_version


@pytest.mark.parametrize(
    ("line", "enough"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("Asterisk 22.10.0", False),
        ("Asterisk 22.9.2", False),
        ("Asterisk 23.0.0", True),
        ("Asterisk 100.1.0", True),
        ("Asterisk GIT-master", False),
        ("", False),
    ],
)
def test_new_enough(line: str, enough: bool) -> None:
    assert is_new_enough(line) is enough


def test_the_first_dotted_number_counts() -> None:
    text = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64"
    assert parse_version(text) == (7, 0, 15)
