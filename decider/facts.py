"""What the databases answer becomes facts; what goes wrong becomes one error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from cordboard.decision_facts import NOBODY, Facts, facts_from_json

#: Longest time for a decision, seconds; a call that waits is worth more.
DEADLINE_S = 0.5
#: What a database that is away, or too slow, raises.
AWAY = (psycopg.Error, PoolTimeout, TimeoutError, OSError)


class DeciderAway(Exception):
    """There is no decision: a database, or the decision service, did not answer in time."""


def facts_of_row(row: Mapping[str, Any] | None) -> Facts:
    """Facts of one answer that has both, ``{customer, strategy}``; without one nobody is known.

    Raises:
        DeciderAway: it is not of the form that this release reads.
    """
    found = row["facts"] if row else None
    return NOBODY if found is None else joined(found["customer"], found["strategy"])


def joined(customer: Mapping[str, Any] | None, strategy: Mapping[str, Any] | None) -> Facts:
    """Facts of what both databases answered.

    Raises:
        DeciderAway: it is not of the form that this release reads.
    """
    try:
        return facts_from_json(customer, strategy)
    except (KeyError, TypeError, ValueError) as error:
        raise DeciderAway(f"the databases answer as another release does: {error!r}") from error
