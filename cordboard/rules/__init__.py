"""Who may be offered something: conditions over the attributes of a customer. No I/O.

A condition is JSON, as ops write it and ``offer_rule`` keeps it:

>>> rule = parse({"all": [{"attribute": "segment", "is": "in", "value": ["gold", "silver"]},
...                       {"attribute": "balance_cents", "is": "<", "value": 5000}]})
>>> words(rule)
'segment is gold or silver, and balance is below 50.00'
>>> holds(rule, {"segment": "gold", "balance_cents": 1200})
True
>>> contradiction(rule)
>>> to_sql(rule).text
'("segment" IN ($1::text, $2::text) AND "balance_cents" < $3::bigint)'

``parse`` is the only way in: a rule that it answered can be evaluated, compiled and read out.
"""

from __future__ import annotations

from cordboard.rules.contradiction import contradiction
from cordboard.rules.evaluate import holds
from cordboard.rules.model import AllOf, AnyOf, NotThis, Rule, Test, as_json, both
from cordboard.rules.reading import MOST_CONDITIONS, MOST_DEEP, RuleError, parse, parse_text
from cordboard.rules.sql import Sql, to_sql
from cordboard.rules.words import amounts, words

__all__ = [
    "MOST_CONDITIONS",
    "MOST_DEEP",
    "AllOf",
    "AnyOf",
    "NotThis",
    "Rule",
    "RuleError",
    "Sql",
    "Test",
    "amounts",
    "as_json",
    "both",
    "contradiction",
    "holds",
    "parse",
    "parse_text",
    "to_sql",
    "words",
]
