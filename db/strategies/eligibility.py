"""Rules for many customers at once: ``cordboard.rules`` as SQL, run by DuckDB on Arrow."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cordboard.rules import Rule, to_sql
from cordboard.strategy import Catalogue, Reasons


class Eligibility:
    """The rules of a catalogue: written as one query, and asked for each chunk of customers."""

    def __init__(self, catalogue: Catalogue, reasons: Reasons) -> None:
        self._width = len(catalogue.offers)
        #: The different rules; many offers share some.
        self._rules: dict[Rule, int] = {}
        #: Place of an offer -> its rules by number, and the byte of each; None is a rule that
        #: cannot be read: what it meant is not known, so nobody is let in by it.
        self._of: dict[int, list[tuple[int | None, int]]] = {}
        for place in catalogue.live:
            self._of[place] = [
                (self._number(one.rule), reasons.byte(f"rule:{one.name}"))
                for one in catalogue.offers[place].rules
            ]
        self._values: list[object] = []
        conditions: list[str] = []
        for rule in self._rules:
            condition = to_sql(rule, first=len(self._values) + 1)
            self._values += condition.values
            conditions.append(f"{condition.text} AS r{len(conditions)}")
        self._query = f"SELECT {', '.join(conditions)} FROM customers"  # noqa: S608 - of to_sql
        # The work is shared out by chunks already.
        self._duckdb = duckdb.connect(config={"threads": 1})

    def _number(self, rule: Rule | None) -> int | None:
        return None if rule is None else self._rules.setdefault(rule, len(self._rules))

    def bytes_of(self, customers: pa.Table) -> NDArray[np.uint8]:
        """The byte of the first rule that does not hold, customers x catalogue; 0 when all do."""
        found = np.zeros((customers.num_rows, self._width), np.uint8)
        holds = self._ask(customers)
        for place, rules in self._of.items():
            column: NDArray[np.uint8] | int = 0
            for number, byte in reversed(rules):
                if number is None:
                    column = byte
                else:
                    column = np.where(holds[number], np.uint8(column), np.uint8(byte))
            found[:, place] = column
        return found

    def _ask(self, customers: pa.Table) -> list[NDArray[np.bool_]]:
        """Whether each rule holds, one array a rule."""
        if not self._rules:
            return []
        self._duckdb.register("customers", customers)
        answer = self._duckdb.execute(self._query, self._values).fetchnumpy()
        return [answer[f"r{number}"] for number in range(len(self._rules))]
