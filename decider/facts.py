"""What the databases answer becomes facts; what goes wrong becomes one error."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
import psycopg
from psycopg_pool import PoolTimeout

from cordboard.decision_facts import (
    NOBODY,
    Catalogue,
    Facts,
    catalogue_from_json,
    facts_from_json,
)

#: Longest time for a decision, seconds; a call that waits is worth more.
DEADLINE_S = 0.5
#: The same in milliseconds: a server that still listens gives up on a statement after this.
DEADLINE_MS = round(DEADLINE_S * 1000)
#: What a database that is away, or too slow, raises.
AWAY = (psycopg.Error, PoolTimeout, TimeoutError, OSError)


def deadline() -> float:
    """When a question that is asked now must be answered, by ``time.monotonic()``."""
    return time.monotonic() + DEADLINE_S


class DeciderAway(Exception):
    """There is no decision: a database, or the decision service, did not answer in time."""


class Unread(Exception):
    """An answer leaves out a catalogue that is not known here any more: ask again for all."""


#: To tell that no catalogue was read yet.
NOTHING_KNOWN = "{}"
#: Catalogues that are kept, of all subscribers, and of each. One has several at a time: the version
#: says which model its weights are from, and those of whom something changed may have been ranked
#: by a newer model than the others, or by none.
KEPT = 128
KEPT_EACH = 6


class Catalogues:
    """Catalogues that were read before, by their version; a version tells every change.

    The least lately used go when there are too many. Threads may share one: what another takes
    away in between is at worst asked for again.
    """

    def __init__(self, kept: int = KEPT, kept_each: int = KEPT_EACH) -> None:
        self._kept, self._kept_each = kept, kept_each
        #: The least lately used first.
        self._read: dict[tuple[str, str], Catalogue] = {}

    def known(self, subscriber: str = "") -> str:
        """The versions of each subscriber, or this one, as JSON: these need not be sent again."""
        versions: dict[str, list[str]] = {}
        for code, version in list(self._read):
            if subscriber in ("", code):
                versions.setdefault(code, []).append(version)
        return orjson.dumps(versions).decode()

    def facts_of_row(self, row: Mapping[str, Any] | None) -> Facts:
        """Facts of one answer that has both; without one nobody is known.

        Raises:
            DeciderAway: it is not of the form that this release reads.
            Unread: it names a catalogue that went meanwhile.
        """
        found = row["facts"] if row else None
        if found is None:
            return NOBODY
        return self.joined(found["customer"], found["strategy"], found["subscriber"])

    def joined(
        self,
        customer: Mapping[str, Any] | None,
        strategy: Mapping[str, Any] | None,
        subscriber: str,
    ) -> Facts:
        """Facts of what both databases answered.

        Raises:
            DeciderAway: it is not of the form that this release reads.
            Unread: it names a catalogue that went meanwhile.
        """
        try:
            catalogue = self._catalogue(strategy, subscriber) if strategy else None
            return facts_from_json(customer, strategy, catalogue)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DeciderAway(f"the databases answer as another release does: {error!r}") from error

    def _catalogue(self, strategy: Mapping[str, Any], subscriber: str) -> Catalogue:
        key = subscriber, str(strategy["version"])
        found = catalogue_from_json(strategy) if "offers" in strategy else self._read.get(key)
        if found is None:
            raise Unread
        self._read.pop(key, None)
        self._read[key] = found
        self._forget(subscriber)
        return found

    def _forget(self, subscriber: str) -> None:
        keys = list(self._read)
        its = [key for key in keys if key[0] == subscriber]
        for key in keys[: -self._kept] + its[: -self._kept_each]:
            self._read.pop(key, None)
