"""A rule in English, for people who read why something is offered or not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cordboard.attributes import Attribute
from cordboard.rules.model import AllOf, AnyOf, NotThis, Rule, Test

_IS = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}


def words(rule: Rule) -> str:
    """The rule as a phrase without a full stop.

    >>> words(NotThis(Test("suspended", "=", True)))
    'no account is suspended'
    """
    match rule:
        case Test():
            return _test(rule)
        case AllOf(parts):
            return _joined(parts, "and") if parts else "everybody"
        case AnyOf(parts):
            return _joined(parts, "or") if parts else "nobody"
        case NotThis(Test(value=bool(value)) as test):
            return words(replace(test, value=not value))
        case NotThis(part):
            return f"not ({words(part)})"


def amounts(rule: Rule) -> list[str]:
    """Each amount of money in a rule with its cents, so that no factor of 100 hides.

    >>> amounts(Test("balance_cents", ">=", 5000))
    ['50.00 (5,000 cents)']
    """
    match rule:
        case Test(value=int(cents)) if rule.about.unit == "cents":
            return [f"{_value(rule.about, cents)} ({cents:,} cents)"]
        case Test():
            return []
        case NotThis(part):
            return amounts(part)
        case AllOf(parts) | AnyOf(parts):
            return list(dict.fromkeys(one for part in parts for one in amounts(part)))


def _joined(parts: tuple[Rule, ...], word: str) -> str:
    """Parts with a comma before the last ``and``; a group within a group in brackets."""
    if len(parts) == 1:
        return words(parts[0])
    *head, last = map(_bracketed, parts)
    return f"{', '.join(head)}, {word} {last}"


def _bracketed(part: Rule) -> str:
    grouped = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    return f"({words(part)})" if grouped else words(part)


def _test(test: Test) -> str:
    about, value = test.about, test.value
    if isinstance(value, tuple):
        return f"{about.label} is {_or(value)}"
    if isinstance(value, bool):
        return about.label if value else about.otherwise
    return f"{about.label} {_IS[test.op]} {_value(about, value)}"


def _or(values: tuple[str, ...]) -> str:
    texts = [value or "empty" for value in values]
    if len(texts) < 2:
        return texts[0] if texts else "one of nothing"
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _value(about: Attribute, value: int | str) -> str:
    """Money with a point, a number with commas, a text as it is."""
    if isinstance(value, str):
        return value or "empty"
    if about.unit == "cents":
        return f"{Decimal(value) / 100:,.2f}"
    days = about.unit == "days" and not about.label.startswith("number of")
    return f"{value:,} days" if days else f"{value:,}"
