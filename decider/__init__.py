"""Asking what to offer: facts are read, :mod:`cordboard.decision` decides, nothing is stored.

    decider = await open_decider(settings)
    decision = await decider.decide(question)

A decider that is away, or slower than half a second, raises :class:`DeciderAway`: whoever asks goes
on without a decision.
"""

from __future__ import annotations

from decider.facts import DeciderAway
from decider.local import Decider, LocalDecider, open_decider

__all__ = ["Decider", "DeciderAway", "LocalDecider", "open_decider"]
