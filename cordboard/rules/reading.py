"""From JSON to a rule: everything that is wrong is refused, with its place and what to do."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable
from typing import Any

from cordboard.attributes import ATTRIBUTES, Attribute, Value
from cordboard.rules.model import OPERATORS, AllOf, AnyOf, NotThis, Rule, Test

MOST_DEEP = 6
MOST_CONDITIONS = 50
#: Texts of one ``in``, and characters of one text: no column of the platform holds a longer one.
MOST_TEXTS = 100
LONGEST_TEXT = 120
#: Beyond every balance, and exact in every program that JSON passes through.
LARGEST_NUMBER = 10**15
#: Characters of a rule that is typed as JSON.
LONGEST_JSON = 50_000

_SHAPES = "{“all”: […]}, {“any”: […]}, {“not”: …} or {“attribute”: …, “is”: …, “value”: …}"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class RuleError(ValueError):
    """A rule that cannot be; ``place`` is like ``all[2].attribute``, empty for the whole rule."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


def parse(condition: object) -> Rule:
    """The rule that this JSON says.

    Raises:
        RuleError: it says none; the message names the place and what to write instead.
    """
    reader = _Reader()
    return reader.rule(condition, "", 1)


def parse_text(text: str) -> Rule:
    """The rule that was typed as JSON.

    Raises:
        RuleError: it is no JSON, or says no rule.
    """
    if len(text) > LONGEST_JSON:
        raise RuleError("", f"A rule has {LONGEST_JSON:,} characters at most; make it simpler.")
    try:
        return parse(json.loads(text))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RuleError(where, f"this is no JSON ({error.msg}). Write {_SHAPES}.") from None
    except (RecursionError, ValueError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError("", f"This cannot be read as JSON. Write {_SHAPES}.") from None


class _Reader:
    """Reads one rule, and counts its conditions."""

    def __init__(self) -> None:
        self._conditions = 0

    def rule(self, found: object, place: str, deep: int) -> Rule:
        if deep > MOST_DEEP:
            raise _refusal(place, f"too deep: at most {MOST_DEEP} levels. Make two rules of it.")
        if not isinstance(found, dict):
            raise _refusal(place, f"this is {_kind(found)}, not a condition. Write {_SHAPES}.")
        if "attribute" in found:
            return self._test(found, place)
        if len(found) != 1 or not found.keys() <= {"all", "any", "not"}:
            raise _refusal(place, f"{_keys(found)}. Write {_SHAPES}.")
        ((word, inside),) = found.items()
        below = f"{place}.{word}" if place else word
        if word == "not":
            return NotThis(self.rule(inside, below, deep + 1))
        return (AllOf if word == "all" else AnyOf)(self._parts(inside, below, deep))

    def _parts(self, found: object, place: str, deep: int) -> tuple[Rule, ...]:
        if not isinstance(found, list):
            raise _refusal(place, f"this is {_kind(found)}; write a list of conditions in [ ].")
        if not found:
            raise _refusal(place, "there is no condition in it. Add one, or take this part out.")
        return tuple(self.rule(one, f"{place}[{n}]", deep + 1) for n, one in enumerate(found))

    def _test(self, found: dict[str, Any], place: str) -> Test:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise _refusal(place, f"more than {MOST_CONDITIONS} conditions. Make two rules of it.")
        if found.keys() != {"attribute", "is", "value"}:
            raise _refusal(place, f"{_keys(found)}. A condition has “attribute”, “is” and “value”.")
        dot = f"{place}." if place else ""
        about = _attribute(found["attribute"], f"{dot}attribute")
        op = _operator(found["is"], about, f"{dot}is")
        return Test(about.name, op, _value(found["value"], about, op, f"{dot}value"))


def _attribute(name: object, place: str) -> Attribute:
    if isinstance(name, str) and name in ATTRIBUTES:
        return ATTRIBUTES[name]
    if not isinstance(name, str):
        raise _refusal(place, f"this is {_kind(name)}; write the name of an attribute in quotes.")
    near = difflib.get_close_matches(name[:40], ATTRIBUTES, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(ATTRIBUTES)}."
    raise _refusal(place, f"there is no attribute “{_short(name)}”. {hint}")


def _operator(op: object, about: Attribute, place: str) -> str:
    allowed = OPERATORS[about.type]
    if isinstance(op, str) and op in allowed:
        return op
    said = f"“{_short(op)}”" if isinstance(op, str) else _kind(op)
    raise _refusal(place, f"{said} does not go with {about.name} ({about.type}): {_list(allowed)}.")


def _value(value: object, about: Attribute, op: str, place: str) -> Value | tuple[str, ...]:
    if op == "in":
        return _texts(value, place)
    match about.type:
        case "number":
            return _number(value, about, place)
        case "flag":
            if not isinstance(value, bool):
                raise _refusal(place, f"this is {_kind(value)}; {about.name} is true or false.")
            return value
        case _:
            return _text(value, place)


def _number(value: object, about: Attribute, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal(place, f"this is {_kind(value)}; {about.name} is a number ({_unit(about)}).")
    if isinstance(value, float) and about.unit == "cents" and math.isfinite(value):
        raise _refusal(place, _written_with_a_point(value, about))
    if isinstance(value, float) and not value.is_integer():
        raise _refusal(place, f"{value} is no whole number; {about.name} is in whole {about.unit}.")
    if abs(value) > LARGEST_NUMBER:
        raise _refusal(place, f"the number is too large: at most {LARGEST_NUMBER:,} either way.")
    return int(value)


def _written_with_a_point(value: float, about: Attribute) -> str:
    """50.00 means fifty to whoever writes it; taken as 50 cents it would be off by a hundred."""
    or_else = f", or {value:.0f} for {value / 100:.2f}" if value.is_integer() else ""
    return (
        f"{value:.2f} is written with a point; {about.name} is in whole cents: write"
        f" {value * 100:.0f} for {value:.2f}{or_else}."
    )


def _unit(about: Attribute) -> str:
    return "cents: 5000 is 50.00" if about.unit == "cents" else about.unit


def _texts(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _refusal(place, f"this is {_kind(value)}; with “in” write a list of texts in [ ].")
    if len(value) > MOST_TEXTS:
        raise _refusal(place, f"{len(value):,} texts are too many: at most {MOST_TEXTS}.")
    texts = (_text(one, f"{place}[{n}]") for n, one in enumerate(value))
    return tuple(dict.fromkeys(texts))


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _refusal(place, f"this is {_kind(value)}; write a text in quotes.")
    if len(value) > LONGEST_TEXT:
        raise _refusal(place, f"{len(value):,} characters are too many: at most {LONGEST_TEXT}.")
    if _CONTROL.search(value):
        raise _refusal(place, "there are control characters in it; take them out.")
    return value


def _refusal(place: str, problem: str) -> RuleError:
    return RuleError(place, problem if place else problem[:1].upper() + problem[1:])


def _kind(found: object) -> str:
    if found is None:
        return "missing"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(found), "a number")


def _keys(found: dict[str, Any]) -> str:
    keys = [f"“{_short(str(key))}”" for key in found]
    if len(keys) > 5:
        keys = [*keys[:5], "…"]
    return f"this says {', '.join(keys)}" if keys else "this is empty"


def _list(allowed: Iterable[str]) -> str:
    return "use " + " or ".join(f"“{op}”" for op in allowed)


def _short(text: str) -> str:
    """Nobody wants an error of 100,000 characters."""
    clean = _CONTROL.sub("�", text[:40])
    return clean + "…" if len(text) > 40 else clean
