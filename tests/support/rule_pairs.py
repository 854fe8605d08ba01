"""Hypothesis strategies for rules and for customers that lie about their edges."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cordboard.attributes import ATTRIBUTES
from cordboard.rules import Rule, parse
from cordboard.rules.model import OPERATORS
from cordboard.rules.reading import LARGEST_NUMBER, MOST_DEEP

Json = dict[str, Any]

#: Few, so that rules and customers meet; among them what SQL, collations and drivers stumble over.
TEXTS = [
    "",
    " ",
    "gold",
    "Gold",
    "gold ",
    "é",
    "e\u0301",
    "ß",
    "日本",
    "🙂",
    "'; --",
    "%s",
    "$1",
    "\\",
]
NUMBERS = [-LARGEST_NUMBER, -1, 0, 1, 2, 30, 36500, 2**31 - 1, LARGEST_NUMBER]
_INT, _BIG = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)

texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
numbers = st.sampled_from(NUMBERS) | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)


@st.composite
def tests(draw: st.DrawFn) -> Json:
    about = draw(st.sampled_from(list(ATTRIBUTES.values())))
    op = draw(st.sampled_from(OPERATORS[about.type]))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "number": numbers,
        "text": st.lists(texts, max_size=4) if op == "in" else texts,
        "flag": st.booleans(),
    }
    return {"attribute": about.name, "is": op, "value": draw(kinds[about.type])}


def _deeper(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.lists(inner, min_size=1, max_size=3)
    return (
        st.builds(lambda parts: {"all": parts}, some)
        | st.builds(lambda parts: {"any": parts}, some)
        | st.builds(lambda part: {"not": part}, inner)
    )


def _depth(condition: Any) -> int:
    if isinstance(condition, dict):
        inside = [value for key, value in condition.items() if key in ("all", "any", "not")]
        return 1 + max(map(_depth, inside), default=0)
    return max(map(_depth, condition))


conditions = st.recursive(tests(), _deeper, max_leaves=8).filter(lambda c: _depth(c) <= MOST_DEEP)
rules: st.SearchStrategy[Rule] = conditions.map(parse)


def _column(name: str) -> st.SearchStrategy[Any]:
    about = ATTRIBUTES[name]
    if about.type != "number":
        return texts if about.type == "text" else st.booleans()
    low, high = _BIG if about.unit == "cents" else _INT
    return st.sampled_from([low, high, *(n for n in NUMBERS if low <= n <= high)])


customers: st.SearchStrategy[Json] = st.fixed_dictionaries({n: _column(n) for n in ATTRIBUTES})
