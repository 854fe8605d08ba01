"""A rule as a tree of small values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from cordboard.attributes import ATTRIBUTES, Attribute, Value

#: What ``is`` may be, by type of the attribute.
OPERATORS = {
    "number": ("=", "!=", "<", "<=", ">", ">="),
    "text": ("=", "!=", "in"),
    "flag": ("=",),
}


@dataclass(frozen=True, slots=True)
class Test:
    """One attribute against a value; the value of ``in`` is a tuple of texts."""

    __test__ = False  # for pytest, which takes the name for its own

    attribute: str
    op: str
    value: Value | tuple[str, ...]

    @property
    def about(self) -> Attribute:
        """What the attribute means."""
        return ATTRIBUTES[self.attribute]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NotThis:
    """The part does not hold."""

    part: Rule


Rule: TypeAlias = Test | AllOf | AnyOf | NotThis


def both(rules: Iterable[Rule]) -> Rule:
    """All these rules as one: without any it holds for everybody."""
    parts = tuple(rules)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def as_json(rule: Rule) -> dict[str, Any]:
    """The JSON that ``parse`` reads back to the same rule."""
    match rule:
        case AllOf(parts):
            return {"all": [as_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [as_json(part) for part in parts]}
        case NotThis(part):
            return {"not": as_json(part)}
        case Test(attribute, op, value):
            stored = list(value) if isinstance(value, tuple) else value
            return {"attribute": attribute, "is": op, "value": stored}
