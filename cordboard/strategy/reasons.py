"""Why an offer is kept out of a customer's list, as a byte for each customer and offer.

0 is an offer that is not kept out. When several reasons hold, the first of this order counts, which
is that of :mod:`cordboard.decision_context`: the offer itself, what the customer answered, what the
customer accepted instead, its rules by their order, how often and how lately it was presented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cordboard.strategy.catalogue import Catalogue

Bytes = NDArray[np.uint8]

#: A byte has no room for more.
MOST = 255
#: Nothing keeps it out, but others of its kind are worth more: :mod:`cordboard.strategy.ranking`.
NOT_AMONG_BEST = "not_among_best"
#: Stands for the rules of a subscriber who has too many for a byte each.
ANOTHER_RULE = "rule:another rule"

#: ``offer_status``; after the last three an offer is not made again.
STATUSES = ("open", "presented", "later", "withdrawn", "accepted", "declined")
FINAL = STATUSES[3:]
_LATER, _ACCEPTED = STATUSES.index("later"), STATUSES.index("accepted")

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of offers: one entry for each customer and offer of which anything is known.

    Attributes:
        customers: place of the customer in the chunk.
        offers: place of the offer in the catalogue.
        status: ``customer_offer.status``, as its place in ``STATUSES``; ``open`` without one.
        times: how often it was presented.
        seconds: since it was presented last; infinite when it never was.
    """

    customers: NDArray[np.int64]
    offers: NDArray[np.int64]
    status: NDArray[np.int64]
    times: NDArray[np.int64]
    seconds: NDArray[np.float64]


class Reasons:
    """The reasons that there can be in one build, and the byte of each."""

    def __init__(self, catalogue: Catalogue) -> None:
        names = ["not_active", "not_valid_today", *FINAL]
        shut = {offer for pair in catalogue.exclusions for offer in pair}
        names += (f"excluded_by:{one.code}" for one in catalogue.offers if one.id in shut)
        names += ["exposure_limit", "cooling_down", NOT_AMONG_BEST]
        names += (f"rule:{rule.name}" for one in catalogue.offers for rule in one.rules)
        distinct = list(dict.fromkeys(names))
        if len(distinct) > MOST:
            distinct = [*distinct[: MOST - 1], ANOTHER_RULE]
        self.names: tuple[str, ...] = tuple(distinct)
        self._bytes: Mapping[str, int] = {name: at for at, name in enumerate(distinct, start=1)}

    def byte(self, name: str) -> int:
        """The byte of a reason, from 1."""
        return self._bytes.get(name) or self._bytes[ANOTHER_RULE]


def keep_out(by_rule: Bytes, answers: Answers, catalogue: Catalogue, reasons: Reasons) -> Bytes:
    """The bytes of a chunk, customers x offers.

    Args:
        by_rule: the byte of the first rule that does not hold, 0 when all do; overwritten.
        answers: what became of offers for these customers.
        catalogue: the columns.
        reasons: of the build.
    """
    # From the last reason to the first, so that the first one is what stays.
    _by_presentations(by_rule, answers, catalogue, reasons)
    _by_exclusion(by_rule, answers, catalogue, reasons)
    for status in FINAL:
        mine = answers.status == STATUSES.index(status)
        by_rule[answers.customers[mine], answers.offers[mine]] = reasons.byte(status)
    for place, offer in enumerate(catalogue.offers):
        if not offer.active:
            by_rule[:, place] = reasons.byte("not_active")
        elif not offer.is_valid(catalogue.today):
            by_rule[:, place] = reasons.byte("not_valid_today")
    return by_rule


def _by_presentations(
    found: Bytes, answers: Answers, catalogue: Catalogue, reasons: Reasons
) -> None:
    rest = np.array([offer.cooldown_days * SECONDS_A_DAY for offer in catalogue.offers], np.int64)
    most = np.array([offer.max_exposures for offer in catalogue.offers], np.int64)
    rests = (answers.seconds < rest[answers.offers]) & (answers.status != _LATER)
    often = (most[answers.offers] > 0) & (answers.times >= most[answers.offers])
    allowed = found[answers.customers, answers.offers] == 0
    for why, mine in (("cooling_down", rests & allowed), ("exposure_limit", often & allowed)):
        found[answers.customers[mine], answers.offers[mine]] = reasons.byte(why)


def _by_exclusion(found: Bytes, answers: Answers, catalogue: Catalogue, reasons: Reasons) -> None:
    places = {offer.id: place for place, offer in enumerate(catalogue.offers)}
    accepted = answers.status == _ACCEPTED
    both_ways = {pair[::step] for pair in catalogue.exclusions for step in (1, -1)}
    # Of several that were accepted the one with the lowest id is named.
    for taken, other in sorted(both_ways, reverse=True):
        if taken in places and other in places:
            who = answers.customers[accepted & (answers.offers == places[taken])]
            byte = reasons.byte(f"excluded_by:{catalogue.offers[places[taken]].code}")
            found[who, places[other]] = byte
