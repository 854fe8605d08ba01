"""A rule as SQL with parameters: the same text for PostgreSQL and for DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cordboard.attributes import Value
from cordboard.rules.model import AllOf, AnyOf, NotThis, Rule, Test

_NUMBERED = re.compile(r"\$\d+")
#: What no rule contains: it would end a quoted name.
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition over columns of ``customer_feature``, and the values of its parameters.

    ``text`` has ``$1``, ``$2``, … as PostgreSQL and DuckDB want them.
    """

    text: str
    values: tuple[Value, ...]

    @property
    def psycopg(self) -> str:
        """The text with psycopg's placeholders, for a cursor that is not raw.

        There is no other ``$`` in it (see ``to_sql``), and no ``%``.
        """
        return _NUMBERED.sub("%s", self.text)


def to_sql(rule: Rule, first: int = 1, table: str = "") -> Sql:
    """The rule as a condition that is true or false, never null.

    Args:
        rule: what ``parse`` answered.
        first: number of its first parameter, to join several rules in one query.
        table: alias of the table whose columns they are, if needed.
    """
    if table and not _NAME.fullmatch(table):
        raise ValueError(f"no alias: {table!r}")
    writer = _Writer(first, f"{table}." if table else "")
    return Sql(writer.write(rule), tuple(writer.values))


class _Writer:
    """Writes one rule, and collects its parameters."""

    def __init__(self, first: int, prefix: str) -> None:
        self.values: list[Value] = []
        self._first = first
        self._prefix = prefix

    def write(self, rule: Rule) -> str:
        match rule:
            case Test():
                return self._test(rule)
            case AllOf(parts):
                return self._joined(parts, " AND ", "TRUE")
            case AnyOf(parts):
                return self._joined(parts, " OR ", "FALSE")
            case NotThis(part):
                return f"(NOT {self.write(part)})"

    def _joined(self, parts: tuple[Rule, ...], word: str, empty: str) -> str:
        return f"({word.join(map(self.write, parts))})" if parts else empty

    def _test(self, test: Test) -> str:
        column = f'{self._prefix}"{test.about.name}"'  # a known name: looked up, never as typed
        if isinstance(test.value, tuple):
            listed = ", ".join(self._parameters(test.value))
            return f"{column} IN ({listed})" if listed else "FALSE"
        (parameter,) = self._parameters((test.value,))
        return f"{column} {'<>' if test.op == '!=' else test.op} {parameter}"

    def _parameters(self, values: tuple[Value, ...]) -> Iterator[str]:
        for value in values:
            self.values.append(value)
            # bool is an int to Python, so it comes first.
            kind = next(k for t, k in _CASTS if isinstance(value, t))
            yield f"${self._first + len(self.values) - 1}::{kind}"


_CASTS: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "bigint"), (str, "text"))
