"""Keyed digits for hundreds of callers at once, as RTP events (RFC 4733) from one socket.

All callers name this one port in their SDP. What Asterisk plays to it is never read: the kernel
drops it, for either side of the comparison. A digit is two moments, pressed and released, so a
caller costs a few packets instead of a stream.
"""

from __future__ import annotations

import heapq
import itertools
import random
import socket
import struct
import time
from dataclasses import dataclass, field

#: Payload type of events, as the callers' SDP has it.
EVENTS = 101
KEYS = "0123456789*#"
#: Pressed, and pause after it, seconds. Asterisk stretches digits under 80 ms.
PRESSED_S = 0.08
RELEASED_S = 0.06
DIGIT_S = PRESSED_S + RELEASED_S
#: Samples of 8 kHz in a pressed digit.
PRESSED_SAMPLES = int(8000 * PRESSED_S)


@dataclass(slots=True)
class _Stream:
    """The RTP numbers of one caller."""

    port: int
    source: int = field(default_factory=lambda: random.getrandbits(32))
    sequence: int = field(default_factory=lambda: random.getrandbits(15))

    def packet(self, key: str, stamp: int, *, first: bool) -> bytes:
        """One event packet: the first of a digit, or one of its last."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        kind = EVENTS | (0x80 if first else 0)
        flags, samples = (10, 160) if first else (0x80 | 10, PRESSED_SAMPLES)
        head = struct.pack("!BBHII", 0x80, kind, self.sequence, stamp & 0xFFFFFFFF, self.source)
        return head + struct.pack("!BBH", KEYS.index(key), flags, samples)


class Keypad:
    """Sends what was keyed when it is due; :meth:`send_due` must be called often."""

    def __init__(self, host: str) -> None:
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind((host, 0))
        self.port: int = self._wire.getsockname()[1]
        self._due: list[tuple[float, int, _Stream, str, bool]] = []
        self._order = itertools.count()

    def key(self, port: int, groups: list[str], *, after_s: float, between_s: float) -> None:
        """Key groups of digits to Asterisk's ``port``, the first ``after_s`` from now.

        ``between_s`` passes between the last digit of a group and the first of the next.
        """
        stream, at = _Stream(port), time.monotonic() + after_s
        for group in groups:
            for key in group:
                self._push(at, stream, key, True)
                self._push(at + PRESSED_S, stream, key, False)
                at += DIGIT_S
            at += between_s

    def _push(self, at: float, stream: _Stream, key: str, first: bool) -> None:
        heapq.heappush(self._due, (at, next(self._order), stream, key, first))

    def send_due(self) -> None:
        """Send every packet whose time has come; a release is sent three times, as phones do."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            at, _, stream, key, first = heapq.heappop(self._due)
            pressed_at = at if first else at - PRESSED_S
            for _ in range(1 if first else 3):
                packet = stream.packet(key, round(pressed_at * 8000), first=first)
                self._wire.sendto(packet, ("127.0.0.1", stream.port))

    def close(self) -> None:
        """Forget what was not sent yet."""
        self._due.clear()
        self._wire.close()
