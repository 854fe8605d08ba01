"""The peer of P5: the same arithmetic in numpy, on arrays in memory; nothing is read or written.

Texts are numbers already, so that a rule about one compares integers. The customers go through in
blocks that stay in the processor's cache, in one process; numpy multiplies matrices by as many
threads as it likes. The best eight of each kind and channel are found as the numpy manual has it:
``argpartition``, then they are sorted; what is open and not among them is marked.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cordboard import propensity
from cordboard.encoding import Texts
from cordboard.rules import AllOf, AnyOf, NotThis, Rule, Test
from cordboard.strategy import BEST, NOT_AMONG_BEST, Answers, keep_out, rivals
from db.strategies.chunk import BLOCK, Former, Range, Source, columns
from db.strategies.facts import Facts
from db.strategies.whole import LAST_ID

Columns = Mapping[str, Any]

COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Sums:
    """To be compared: lists, offers in them, and the sum of their expected values in cents."""

    lists: int
    offers: int
    ev_cents: int


class Memory:
    """Everything in arrays."""

    def __init__(self, url: str, facts: Facts) -> None:
        source = Source(url)
        whole = Range(facts.catalogue.subscriber, -1, LAST_ID)
        features: pa.Table = source.features(whole)
        self.facts = facts
        self.rivals = rivals(facts.catalogue.offers)
        self.columns = columns(features)
        self.count = features.num_rows
        self.answers = Former(facts).answers(
            features.column("customer_id").to_numpy(), source.answers(whole)
        )
        source.close()

    def run(self) -> Sums:
        """Eligibility, probabilities, expected values, the best of each customer."""
        total = Sums(0, 0, 0)
        order = np.argsort(self.answers.customers, kind="stable")
        sorted_customers = self.answers.customers[order]
        for at in range(0, self.count, BLOCK):
            first, last = np.searchsorted(sorted_customers, [at, at + BLOCK])
            mine = order[first:last]
            answers = Answers(
                self.answers.customers[mine] - at,
                self.answers.offers[mine],
                self.answers.status[mine],
                self.answers.times[mine],
                self.answers.seconds[mine],
            )
            found = self._block(_cut(self.columns, slice(at, at + BLOCK)), answers)
            total = Sums(
                total.lists + found.lists,
                total.offers + found.offers,
                total.ev_cents + found.ev_cents,
            )
        return total

    def _block(self, block: Columns, answers: Answers) -> Sums:
        offers = self.facts.catalogue.offers
        count = len(block["tenure_days"])
        out = np.zeros((count, len(offers)), np.uint8)
        for place, offer in enumerate(offers):
            for named in reversed(offer.rules):
                assert named.rule is not None
                byte = self.facts.reasons.byte(f"rule:{named.name}")
                out[~holds(named.rule, block), place] = byte
        out = keep_out(out, answers, self.facts.catalogue, self.facts.reasons)
        p = propensity.score(self.facts.model, block, count, [offer.prior for offer in offers])
        ev = p * np.array([offer.value_cents for offer in offers], np.float32)
        ev[out > 0] = -1
        best = self._best(ev)
        beaten = ev >= 0
        np.put_along_axis(beaten, best, False, axis=1)
        out[beaten] = self.facts.reasons.byte(NOT_AMONG_BEST)
        worth = np.take_along_axis(ev, best, axis=1)
        order = np.argsort(-worth, axis=1)
        worth = np.take_along_axis(worth, order, axis=1)
        best = np.take_along_axis(best, order, axis=1)
        np.take_along_axis(p, best, axis=1)  # a list has the probabilities too
        cents = np.rint(worth.astype(np.float64)).astype(np.int32)
        return Sums(count, int((worth >= 0).sum()), int(cents[worth >= 0].sum()))

    def _best(self, ev: NDArray[np.float32]) -> NDArray[np.int64]:
        """The columns of the best eight of each set of rivals, side by side."""
        if sum(map(len, self.rivals)) > ev.shape[1]:
            raise ValueError("an offer competes in several sets: count it once")
        parts = []
        for places in self.rivals:
            own = -ev[:, places]
            parts.append(places[np.argpartition(own, BEST, axis=1)[:, :BEST]])
        return np.concatenate(parts, axis=1)


def _cut(whole: Columns, block: slice) -> dict[str, Any]:
    return {name: _part(values, block) for name, values in whole.items()}


def _part(values: Any, block: slice) -> Any:
    if isinstance(values, Texts):
        return Texts(values.codes[block], values.words)
    return values[block]


def holds(rule: Rule, block: Columns) -> NDArray[np.bool_]:
    """Whether a rule holds, for each customer of a block."""
    match rule:
        case AllOf(parts):
            return np.logical_and.reduce([holds(part, block) for part in parts])
        case AnyOf(parts):
            return np.logical_or.reduce([holds(part, block) for part in parts])
        case NotThis(part):
            return ~holds(part, block)
        case Test(attribute, op, value):
            return _test(block[attribute], op, value)


def _test(values: Any, op: str, value: Any) -> NDArray[np.bool_]:
    if isinstance(values, Texts):
        wanted = value if isinstance(value, tuple) else (value,)
        hit = np.array([word in wanted for word in values.words])[values.codes]
        return ~hit if op == "!=" else hit
    return COMPARE[op](values, value)  # type: ignore[no-any-return]
