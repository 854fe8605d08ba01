"""Asking what to offer: facts are read, :mod:`cordboard.decision` decides, nothing is stored.

    decider = await open_decider(settings)             # asyncio
    decision = await decider.decide(question)

    decider = open_decider_sync(settings)              # threads and gevent
    decision = decider.decide(question)

With ``CORDBOARD_DECIDER_URL`` the decision service is asked (``service.py``), else the databases.
A decider that is away, or slower than half a second, raises :class:`DeciderAway`: whoever asks goes
on without a decision.
"""

from __future__ import annotations

from cordboard.settings import Settings
from decider.facts import DeciderAway
from decider.local import Decider, LocalDecider, open_local
from decider.sync import SyncDecider, open_decider_sync

__all__ = [
    "Decider",
    "DeciderAway",
    "LocalDecider",
    "SyncDecider",
    "open_decider",
    "open_decider_sync",
]


async def open_decider(settings: Settings) -> Decider:
    """The decider that these settings name, for the running event loop; close it at the end."""
    if not settings.decider:
        return await open_local(settings)
    from decider.remote import open_remote  # aiohttp, which threads can do without

    return open_remote(settings)
