"""Can anybody match a rule? One that nobody can is a mistake, and is refused when it is typed.

The search goes through the alternatives of a rule and keeps what is asked of each attribute. It
gives up after ``STEPS``, and takes the rule for possible then: a rule so involved is not refused
for what could not be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from cordboard.attributes import ATTRIBUTES
from cordboard.rules.model import AllOf, AnyOf, NotThis, Rule, Test
from cordboard.rules.words import words

STEPS = 20_000

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A test that must hold (or must not), and where in the rule it stands."""

    test: Test
    wanted: bool
    place: str

    def __str__(self) -> str:
        phrase = words(self.test if self.wanted else NotThis(self.test))
        return f"{self.place} ({phrase})" if self.place else phrase


_Node = tuple[Rule, bool, str]


def contradiction(rule: Rule) -> str | None:
    """Why nobody can match the rule, in a sentence; None when somebody may.

    >>> contradiction(AllOf((Test("balance_cents", "<", 10), Test("balance_cents", ">", 20))))
    'Nobody can match: all[0] (balance is below 0.10) and all[1] (balance is above 0.20) exclude \
each other.'
    """
    search = _Search()
    if search.possible([(rule, True, "")], [], {}):
        return None
    also = "every alternative contradicts itself; for one, " if search.branched else ""
    return f"Nobody can match: {also}{search.conflict}."


class _Search:
    """One search, with the first conflict it met."""

    def __init__(self) -> None:
        self.conflict = ""
        self.branched = False
        self._steps = 0

    def possible(
        self, now: list[_Node], later: list[list[_Node]], asked: Mapping[str, tuple[_Asked, ...]]
    ) -> bool:
        """Whether all of ``now`` and one of each list in ``later`` can hold, besides ``asked``."""
        now, later, held = list(now), list(later), dict(asked)
        while now:
            self._steps += 1
            rule, wanted, place = now.pop()
            match rule:
                case NotThis(part):
                    now.append((part, not wanted, _below(place, "not")))
                case Test():
                    name = rule.attribute
                    held[name] = (*held.get(name, ()), _Asked(rule, wanted, place))
                    if not _satisfiable(held[name]):
                        self.conflict = self.conflict or _conflict(held[name])
                        return False
                case AllOf(parts) | AnyOf(parts):
                    nodes = _parts(rule, parts, wanted, place)
                    if isinstance(rule, AllOf) == wanted:
                        now.extend(reversed(nodes))
                    else:
                        later.append(nodes)
        if not later or self._steps > STEPS:
            return True
        choices = later.pop()
        self.branched = self.branched or len(choices) > 1
        return any(self.possible([one], later, held) for one in choices)


def _parts(rule: Rule, parts: Iterable[Rule], wanted: bool, place: str) -> list[_Node]:
    word = "all" if isinstance(rule, AllOf) else "any"
    below = _below(place, word)
    return [(part, wanted, f"{below}[{n}]") for n, part in enumerate(parts)]


def _below(place: str, word: str) -> str:
    return f"{place}.{word}" if place else word


def _conflict(asked: tuple[_Asked, ...]) -> str:
    """The fewest of these that no value fulfils, named."""
    last = asked[-1]
    if not _satisfiable((last,)):
        return f"{last} is never true"
    for one in asked[:-1]:
        if not _satisfiable((one, last)):
            return f"{one} and {last} exclude each other"
    few = next((c for n in (3, 4) for c in combinations(asked, n) if not _satisfiable(c)), asked)
    return f"{', '.join(map(str, few))} leave no value together"


def _satisfiable(asked: tuple[_Asked, ...]) -> bool:
    """Whether some value of the attribute fulfils them all; they are of one attribute."""
    about = asked[0].test.about
    if about.type == "number":
        return _some_number(asked)
    return _some_value(asked, {True, False} if about.type == "flag" else None)


def _some_number(asked: Iterable[_Asked]) -> bool:
    low: float = float("-inf")
    high: float = float("inf")
    out: set[int] = set()
    for one in asked:
        value = one.test.value
        assert isinstance(value, int)
        least = ATTRIBUTES[one.test.attribute].least
        low = low if least is None else max(low, least)
        match one.test.op if one.wanted else _OPPOSITE[one.test.op]:
            case "=":
                low, high = max(low, value), min(high, value)
            case "!=":
                out.add(value)
            case "<":
                high = min(high, value - 1)
            case "<=":
                high = min(high, value)
            case ">":
                low = max(low, value + 1)
            case _:
                low = max(low, value)
    return high - low + 1 > sum(low <= value <= high for value in out)


def _some_value(asked: Iterable[_Asked], known: set[object] | None) -> bool:
    """For texts (``known`` is None: any text is possible) and flags."""
    left: set[object] | None = known
    out: set[object] = set()
    for one in asked:
        value = one.test.value
        named: set[object] = set(value) if isinstance(value, tuple) else {value}
        if (one.test.op == "!=") == one.wanted:
            out |= named
        else:
            left = named if left is None else left & named
    return left is None or bool(left - out)
