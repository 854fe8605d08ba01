"""Does a rule hold for one customer?"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from cordboard.attributes import Value
from cordboard.rules.model import AllOf, AnyOf, NotThis, Rule, Test

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda found, wanted: found in wanted,
}


def holds(rule: Rule, attributes: Mapping[str, Value]) -> bool:
    """Whether the rule holds for a customer with these attributes.

    Raises:
        KeyError: an attribute that the rule looks at is missing.
    """
    match rule:
        case Test(attribute, op, value):
            return _COMPARE[op](attributes[attribute], value)
        case AllOf(parts):
            return all(holds(part, attributes) for part in parts)
        case AnyOf(parts):
            return any(holds(part, attributes) for part in parts)
        case NotThis(part):
            return not holds(part, attributes)
