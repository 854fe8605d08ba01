"""What a build that waits to put its lists in force says, and how long it pauses."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from db.strategies.swap import LONGEST_PAUSE_S, Blocker, _pauses


@pytest.mark.parametrize(
    ("blocker", "words"),
    [
        (
            Blocker(4711, "pg_dump", "backup", datetime(2026, 3, 1, 2, 0, 4, tzinfo=UTC)),
            "process 4711 of PostgreSQL (pg_dump, backup), in a transaction since"
            " 2026-03-01 02:00:04 UTC",
        ),
        # Without the right to see other users' activity.
        (Blocker(4711, "", "", None), "process 4711 of PostgreSQL (unknown), in a transaction"),
        (Blocker(None, "", "", None), "a prepared transaction (see pg_prepared_xacts)"),
    ],
)
def test_a_blocker_is_named(blocker: Blocker, words: str) -> None:
    assert str(blocker) == words


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = list(islice(_pauses(), 10))
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_S == max(pauses)
