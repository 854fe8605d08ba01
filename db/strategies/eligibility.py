"""Rules for many customers at once: ``cordboard.rules`` as SQL, run by DuckDB on Arrow."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cordboard.rules import to_sql
from cordboard.strategy import Catalogue, NamedRule, Reasons


class Eligibility:
    """The rules of a catalogue: written as one query, and asked for each chunk of customers."""

    def __init__(self, catalogue: Catalogue, reasons: Reasons) -> None:
        self._width = len(catalogue.offers)
        self._reasons = reasons
        self._values: list[object] = []
        self._cases: dict[int, str] = {}
        #: Places of offers that nobody may have, and why.
        self._nobody: dict[int, int] = {}
        for place in catalogue.live:
            rules = catalogue.offers[place].rules
            broken = next((rule for rule in rules if rule.rule is None), None)
            if broken:
                # What it meant cannot be read, so nobody is let in by it.
                self._nobody[place] = reasons.byte(f"rule:{broken.name}")
            elif rules:
                self._cases[place] = self._case(place, rules)
        self._query = f"SELECT {', '.join(self._cases.values())} FROM customers"  # noqa: S608 - of to_sql
        # The work is shared out by chunks already.
        self._duckdb = duckdb.connect(config={"threads": 1})

    def _case(self, place: int, rules: tuple[NamedRule, ...]) -> str:
        """The column of one offer: the byte of the first rule that does not hold."""
        branches = []
        for named in rules:
            assert named.rule is not None
            condition = to_sql(named.rule, first=len(self._values) + 1)
            self._values += condition.values
            byte = self._reasons.byte(f"rule:{named.name}")
            branches.append(f"WHEN NOT {condition.text} THEN {byte}")
        return f"CAST(CASE {' '.join(branches)} ELSE 0 END AS UTINYINT) AS o{place}"

    def bytes_of(self, customers: pa.Table) -> NDArray[np.uint8]:
        """The byte of the first rule that does not hold, customers x catalogue; 0 when all do."""
        found = np.zeros((customers.num_rows, self._width), np.uint8)
        if self._cases:
            self._duckdb.register("customers", customers)
            answer = self._duckdb.execute(self._query, self._values).fetchnumpy()
            for place in self._cases:
                found[:, place] = answer[f"o{place}"]
        for place, byte in self._nobody.items():
            found[:, place] = byte
        return found
