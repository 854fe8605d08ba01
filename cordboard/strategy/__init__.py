"""The ranked list of each customer: what keeps an offer out, and the best of the rest. No I/O.

``catalogue.py`` has what is known of a subscriber's offers, ``reasons.py`` why one is kept out,
``ranking.py`` the order of the others. All of it works on many customers at once, with numpy;
``db/strategies/`` reads and writes.
"""

from __future__ import annotations

from cordboard.strategy.catalogue import Catalogue, NamedRule, Offer, rivals
from cordboard.strategy.ranking import BEST, Ranked, rank
from cordboard.strategy.reasons import NOT_AMONG_BEST, STATUSES, Answers, Reasons, keep_out

__all__ = [
    "BEST",
    "NOT_AMONG_BEST",
    "STATUSES",
    "Answers",
    "Catalogue",
    "NamedRule",
    "Offer",
    "Ranked",
    "Reasons",
    "keep_out",
    "rank",
    "rivals",
]
