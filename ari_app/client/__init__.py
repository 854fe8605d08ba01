"""A thin client for the Asterisk REST Interface; the words are those of ari-py."""

from __future__ import annotations

from ari_app.client.errors import (
    AriError,
    BadRequest,
    Conflict,
    Gone,
    ServerError,
    Unreachable,
    WrongState,
)
from ari_app.client.http import Http
from ari_app.client.objects import Bridge, Channel, Client, Event, Playback, Recording
from ari_app.client.socket import REPLACED, EventSocket

__all__ = [
    "REPLACED",
    "AriError",
    "BadRequest",
    "Bridge",
    "Channel",
    "Client",
    "Conflict",
    "Event",
    "EventSocket",
    "Gone",
    "Http",
    "Playback",
    "Recording",
    "ServerError",
    "Unreachable",
    "WrongState",
]
