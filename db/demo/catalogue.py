"""Reads ``catalogue.toml``: offers, disposition codes and the service failure of the demo world."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from db.demo.world import SUBSCRIBERS

FILE = Path(__file__).with_suffix(".toml")

IDS = {code: id_ for id_, code, _, _ in SUBSCRIBERS}


@dataclass(frozen=True)
class Offer:
    """One offer; ``url`` is ``ours``, a template, or empty."""

    subscriber: str
    kind: str
    code: str
    title: str
    description: str
    script: str
    url: str
    value_cents: int = 0
    valid_to: date | None = None
    active: bool = True
    channels: Sequence[str] = ("agent", "web", "chat")
    group: str | None = None
    skill: str | None = None
    cooldown_days: int = 30
    max_exposures: int = 5
    prior_p: float = 0.1
    ivr_text: str | None = None
    excludes: Sequence[str] = ()
    #: Each with a name and a condition, see ``cordboard/rules``.
    rules: Sequence[dict[str, Any]] = field(default_factory=list)

    @property
    def subscriber_id(self) -> int:
        """The subscriber's row."""
        return IDS[self.subscriber]

    def full_url(self, web: str) -> str | None:
        """The URL to store; ``web`` is the base of our own pages."""
        if self.url == "ours":
            return f"{web}/offers/{self.code}?call={{call}}"
        return self.url or None


@dataclass(frozen=True)
class Code:
    """One disposition code; ``becomes`` is the offer's new status, if any. ``not_presented`` says
    that the offer did not come up."""

    kind: str
    code: str
    label: str
    becomes: str | None = None
    not_presented: bool = False


@dataclass(frozen=True)
class Failure:
    """A service failure; ``detail`` is filled for each account."""

    subscriber: str
    code: str
    title: str
    notice: str
    script: str
    detail: str


_file = tomllib.loads(FILE.read_text(encoding="utf-8"))

OFFERS = [Offer(**entry) for entry in _file["offer"]]
CODES = [Code(**entry) for entry in _file["code"]]
FAILURE = Failure(**_file["failure"])
