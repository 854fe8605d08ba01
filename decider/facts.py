"""What the databases answer becomes facts; what goes wrong becomes one error."""

from __future__ import annotations

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
#: What a database that is away, or too slow, raises.
AWAY = (psycopg.Error, PoolTimeout, TimeoutError, OSError)


class DeciderAway(Exception):
    """There is no decision: a database, or the decision service, did not answer in time."""


class Catalogues:
    """Catalogues that were read before, by their version; a version tells every change.

    Of each subscriber the newest two: a question that was on its way when an offer changed is
    answered by the version that it knew.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Catalogue]] = {}
        self._before: dict[str, tuple[str, Catalogue]] = {}

    def known(self) -> str:
        """The version of each subscriber's catalogue, as JSON: these need not be sent again."""
        return orjson.dumps({code: version for code, (version, _) in self._known.items()}).decode()

    def facts_of_row(self, row: Mapping[str, Any] | None) -> Facts:
        """Facts of one answer that has both; without one nobody is known.

        Raises:
            DeciderAway: it is not of the form that this release reads.
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
        """
        try:
            catalogue = self._catalogue(strategy, subscriber) if strategy else None
            return facts_from_json(customer, strategy, catalogue)
        except (KeyError, TypeError, ValueError) as error:
            raise DeciderAway(f"the databases answer as another release does: {error!r}") from error

    def _catalogue(self, strategy: Mapping[str, Any], subscriber: str) -> Catalogue:
        version = str(strategy["version"])
        if "offers" in strategy:
            catalogue = catalogue_from_json(strategy)
            if subscriber in self._known:
                self._before[subscriber] = self._known[subscriber]
            self._known[subscriber] = version, catalogue
            return catalogue
        for known in (self._known, self._before):
            found, catalogue = known[subscriber]
            if found == version:
                return catalogue
        raise ValueError("a catalogue that nobody has read")
