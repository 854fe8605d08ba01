"""Agent groups with their limits, and the numbers that lead to them.

They come from PostgreSQL; a copy in Redis serves a start of the app while it is away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Group:
    """One group; times are seconds.

    Attributes:
        code: the group, as in queue names.
        name: as people say it.
        wrapup_s: time after a contact before the next one.
        ring_s: how long an agent's phone rings.
        max_waiting: most calls in the queue; 0 means no limit.
        max_wait_s: longest wait in the queue; 0 means no limit.
        relax_s: waiting time after which skills no longer count; 0 means never.
        announce_every_s: time between announcements of the position; 0 means none.
        offer_callback_after_s: a wait, past and expected, above this offers to call back; 0 never.
        callback_subject: subject of such calls; empty when there is none, and nothing is offered.
        subscriber: code of whose group it is.
        requires_code: whether wrap-up ends only with a code for each offer whose icon was lit.
    """

    code: str
    name: str = ""
    wrapup_s: int = 30
    ring_s: int = 15
    max_waiting: int = 0
    max_wait_s: int = 0
    relax_s: int = 0
    announce_every_s: int = 30
    offer_callback_after_s: int = 0
    callback_subject: str = ""
    subscriber: str = ""
    requires_code: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A number that callers dial: whose it is and which group answers."""

    subscriber: str
    subscriber_name: str
    queue: str
    queue_name: str


@dataclass(slots=True)
class Groups:
    """All groups by code, all lines by number."""

    by_code: dict[str, Group] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)

    def get(self, code: str) -> Group:
        """The group, or one with default limits when it is not known."""
        return self.by_code.get(code) or Group(code)

    def of_subscriber(self, subscriber: str) -> list[str]:
        """Codes of a subscriber's groups."""
        return [group.code for group in self.by_code.values() if group.subscriber == subscriber]

    def store(
        self, groups: Iterable[Mapping[str, Any]], lines: Iterable[Mapping[str, Any]]
    ) -> None:
        """Take rows of PostgreSQL."""
        self.by_code = {row["code"]: _group(row) for row in groups}
        self.lines = {row["number"]: _line(row) for row in lines}

    def dump(self) -> bytes:
        """Everything as JSON."""
        return orjson.dumps({"groups": self.by_code, "lines": self.lines})

    def restore(self, dumped: str) -> None:
        """Take what :meth:`dump` wrote."""
        stored = orjson.loads(dumped)
        self.by_code = {code: Group(**fields) for code, fields in stored["groups"].items()}
        self.lines = {number: Line(**fields) for number, fields in stored["lines"].items()}


def _group(row: Mapping[str, Any]) -> Group:
    return Group(
        code=row["code"],
        name=row["name"],
        wrapup_s=row["wrapup_seconds"],
        ring_s=row["ring_seconds"],
        max_waiting=row["max_waiting"],
        max_wait_s=row["max_wait_seconds"],
        relax_s=row["relax_skills_after_seconds"],
        announce_every_s=row["announce_every_seconds"],
        offer_callback_after_s=row["offer_callback_after_seconds"],
        callback_subject=row["callback_subject"] or "",
        subscriber=row["subscriber"],
        requires_code=row["disposition_required"],
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        subscriber=row["subscriber"],
        subscriber_name=row["subscriber_name"],
        queue=row["queue"],
        queue_name=row["queue_name"],
    )
