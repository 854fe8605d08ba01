"""The pages of each subscriber, so that a keyed push asks no database.

They come from PostgreSQL; a copy in Redis serves a start of the app while it is away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Page:
    """A page that agents may push; ``framing`` is ``frame`` or ``window``."""

    id: int
    title: str
    url: str
    framing: str


@dataclass(slots=True)
class Pages:
    """All active pages: subscriber code -> digits -> page."""

    by_subscriber: dict[str, dict[str, Page]] = field(default_factory=dict)

    def find(self, subscriber: str, codes: Iterable[str]) -> list[Page]:
        """The pages with these digits, in order; nothing at all when one of them is not there."""
        known = self.by_subscriber.get(subscriber, {})
        found = [known.get(code) for code in codes]
        return [page for page in found if page] if all(found) else []

    def store(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take rows of PostgreSQL in place of what was known."""
        pages: dict[str, dict[str, Page]] = {}
        for row in rows:
            page = Page(row["id"], row["title"], row["url"], row["framing"])
            pages.setdefault(row["subscriber"], {})[row["digits"]] = page
        self.by_subscriber = pages

    def dump(self) -> bytes:
        """Everything as JSON."""
        return orjson.dumps(self.by_subscriber)

    def restore(self, dumped: str) -> None:
        """Take what :meth:`dump` wrote."""
        self.by_subscriber = {
            subscriber: {digits: Page(**fields) for digits, fields in pages.items()}
            for subscriber, pages in orjson.loads(dumped).items()
        }
