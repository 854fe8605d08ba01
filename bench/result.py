"""What a benchmark found: a figure per round for each side, and the goal they are held against.

Pure: no clock, no file, no network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """Bounds that must all hold; ``None`` means no such bound.

    A bound on ``ours`` is in the result's unit; a bound on the ratio is ours divided by the peer's.
    """

    ours_at_least: float | None = None
    ours_at_most: float | None = None
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None

    def text(self, unit: str) -> str:
        """The goal in words, such as ``≤ 5 ms, ≤ 3 ×``."""
        bounds = [
            ("≥", self.ours_at_least, unit),
            ("≤", self.ours_at_most, unit),
            ("≥", self.ratio_at_least, "×"),
            ("≤", self.ratio_at_most, "×"),
        ]
        words = [f"{sign} {bound:g} {of}" for sign, bound, of in bounds if bound is not None]
        return ", ".join(words) or "none"

    def is_met(self, ours: float, ratio: float | None) -> bool:
        """Whether all bounds hold; a bound on a ratio that does not exist is missed."""
        return (
            _at_least(ours, self.ours_at_least)
            and _at_most(ours, self.ours_at_most)
            and _at_least(ratio, self.ratio_at_least)
            and _at_most(ratio, self.ratio_at_most)
        )


def _at_least(value: float | None, bound: float | None) -> bool:
    return bound is None or (value is not None and value >= bound)


def _at_most(value: float | None, bound: float | None) -> bool:
    return bound is None or (value is not None and value <= bound)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table.

    Attributes:
        id: ``P1``; a second figure of the same benchmark adds a word: ``P7-db``.
        what: what is measured, in a few words.
        peer_is: what the other side is, in a few words.
        unit: of ``ours`` and ``peer``.
        ours: the figure of each of our rounds, in the order in which they ran.
        peer: the same of the other side.
        n: single measurements on each side, all rounds together.
        details: further figures worth keeping, by name.
    """

    id: str
    what: str
    peer_is: str
    unit: str
    ours: list[float]
    peer: list[float]
    goal: Goal
    n: int
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ours_median(self) -> float:
        """Median of our rounds."""
        return median(self.ours)

    @property
    def peer_median(self) -> float:
        """Median of the peer's rounds."""
        return median(self.peer)

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's; ``None`` when the peer's figure is not above zero."""
        return self.ours_median / self.peer_median if self.peer_median > 0 else None

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.goal.is_met(self.ours_median, self.ratio)

    def as_json(self) -> dict[str, Any]:
        """The entry of this benchmark in ``.run/bench.json``."""
        ratio = self.ratio
        return {
            "what": self.what,
            "peer_is": self.peer_is,
            "unit": self.unit,
            "ours": round(self.ours_median, 3),
            "peer": round(self.peer_median, 3),
            "ratio": None if ratio is None else round(ratio, 3),
            "goal": self.goal.text(self.unit),
            "met": self.met,
            "n": self.n,
            "rounds": {"ours": _rounded(self.ours), "peer": _rounded(self.peer)},
            **self.details,
        }


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]
