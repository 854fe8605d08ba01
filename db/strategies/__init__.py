"""Ranked lists of offers for all customers, formed ahead of time (docs/strategies.md).

``whole.py`` builds for everybody, ``changed.py`` for those that changed, both from chunks of
customers (``chunk.py``); ``claim.py`` lets one build at a time, ``resume.py`` goes on with one that
was killed, ``swap.py`` puts lists in force, ``files.py`` hands parts to other machines.
"""

from __future__ import annotations

from db.strategies.changed import build_changed
from db.strategies.claim import BUILDING, BuildError, BuildRunning
from db.strategies.databases import Built, has_strategies
from db.strategies.files import Elsewhere, form_part
from db.strategies.portable import NotPortable
from db.strategies.whole import build_whole

__all__ = [
    "BUILDING",
    "BuildError",
    "BuildRunning",
    "Built",
    "Elsewhere",
    "NotPortable",
    "build_changed",
    "build_whole",
    "form_part",
    "has_strategies",
]
