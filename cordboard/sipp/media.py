"""The sound of one leg: keys digits, speaks a tone, and hears what the other side sends.

Plain RTP with μ-law; digits are events as in RFC 4733. It needs no privilege, and digits leave when
the test says so.
"""

from __future__ import annotations

import math
import queue
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

#: One packet, seconds and samples.
FRAME_S = 0.02
FRAME = 160

PCMU = 0
EVENTS = 101
KEYS = "0123456789*#ABCD"

#: Length of a keyed digit and of the pause after it, in packets of 20 ms.
PRESSED = 4
RELEASED = 3


def _decode_table() -> list[int]:
    """Linear value of each μ-law byte (ITU-T G.711)."""
    table = []
    for byte in range(256):
        code = ~byte & 0xFF
        value = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
        table.append(-value if code & 0x80 else value)
    return table


LINEAR = _decode_table()


def encode(sample: int) -> int:
    """The μ-law byte nearest to a linear sample."""
    sign = 0x80 if sample < 0 else 0
    value = min(abs(sample), 32635) + 0x84
    exponent = max(value.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | value >> exponent + 3 & 0x0F) & 0xFF


#: A second of silence.
SILENCE = b"\xff" * FRAME * 50


def tone(hz: float) -> bytes:
    """A second of a tone at a speaking level; whole periods, so that it may be repeated."""
    return bytes(
        encode(round(8000 * math.sin(2 * math.pi * hz * n / 8000))) for n in range(FRAME * 50)
    )


def share_of(hz: float, heard: bytes) -> float:
    """How much of what was heard is a tone of ``hz``: 0.0 (nothing) to 1.0 (nothing else)."""
    samples = [LINEAR[byte] for byte in heard]
    energy = sum(s * s for s in samples)
    if energy < 1000 * max(len(samples), 1):  # below a whisper
        return 0.0
    step = 2 * math.pi * hz / 8000
    real = sum(s * math.cos(step * n) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(step * n) for n, s in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)


def loudness(heard: bytes) -> float:
    """Mean amplitude, 0 (silence) to 32767."""
    return sum(abs(LINEAR[byte]) for byte in heard) / max(len(heard), 1)


class Media:
    """The RTP end of one leg. It sends to where packets come from."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind((host, 0))
        self._wire.settimeout(0.1)
        self.port: int = self._wire.getsockname()[1]
        self._peer: tuple[str, int] | None = None
        self._peer_known = threading.Event()
        self._heard: deque[tuple[float, bytes]] = deque(maxlen=50)
        #: When the last key was released: its first end packet went out, seconds since 1970.
        self.released_at = 0.0
        self._record: list[bytes] | None = None
        self._longest_gap_s = 0.0
        self._digits: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._keyed = threading.Event()
        self._speech: bytes = b""
        self._spoken = 0
        self._sequence = random.getrandbits(15)
        self._timestamp = random.getrandbits(30)
        self._source = random.getrandbits(32)
        self._open = True
        self._threads = [
            threading.Thread(target=run, daemon=True) for run in (self._listen, self._talk)
        ]
        for thread in self._threads:
            thread.start()

    # --- what a test says ------------------------------------------------------------------
    def key(self, digits: str, within: float = 10.0, *, held: int = PRESSED) -> None:
        """Key digits one after another; returns when the last one was released.

        Args:
            digits: keys of a telephone.
            within: how long there may be no sound from the other side, seconds.
            held: how long each is held, packets.

        Raises:
            AssertionError: no sound came from the other side, so there is nowhere to send to.
            ValueError: not a key of a telephone.
        """
        if strange := set(digits) - set(KEYS):
            raise ValueError(f"not on a telephone: {sorted(strange)}")
        assert self._peer_known.wait(within), "the other side sends no sound"
        self._keyed.clear()
        for digit in digits:
            self._digits.put((digit, held))
        self._digits.put(("", 0))
        assert self._keyed.wait(within + len(digits)), "digits could not be sent"

    def speak(self, hz: float | None) -> None:
        """Speak a tone from now on, or (None) be silent."""
        self._spoken = 0
        self._speech = tone(hz) if hz else b""

    def hush(self) -> None:
        """Send silence from now on, as telephones do while nobody speaks."""
        self._speech = SILENCE

    def spoken_s(self) -> float:
        """For how long the tone of now has been spoken to somebody, seconds."""
        return self._spoken * FRAME_S

    def meet(self, host: str, port: int) -> None:
        """Send there from now on, without waiting for sound from the other side."""
        self._peer = (host, port)
        self._peer_known.set()

    def hears(self, hz: float) -> bool:
        """Whether a tone dominates most packets of the last half second."""
        shares = [share_of(hz, packet) for packet in self._recent()]
        return bool(shares) and median(shares) > 0.5

    def hears_something(self) -> bool:
        """Whether anything louder than line noise came in the last half second."""
        return loudness(b"".join(self._recent())) > 100

    def heard_tone(self, hz: float) -> bool:
        """Whether a tone of 60 ms or more came within the last packets, about a second of sound."""
        tones = [share_of(hz, packet) > 0.5 for _, packet in list(self._heard)]
        return any(all(tones[n : n + 3]) for n in range(len(tones) - 2))

    @contextmanager
    def recording(self) -> Iterator[list[bytes]]:
        """Keep all that comes while this lasts: one item a packet, empty for an event (a digit)."""
        self._record = []
        try:
            yield self._record
        finally:
            self._record = None

    def longest_gap_s(self) -> float:
        """Longest time without a packet since this was last asked, seconds; asking begins anew."""
        gap, self._longest_gap_s = self._longest_gap_s, 0.0
        return gap

    def close(self) -> None:
        """Stop."""
        self._open = False
        for thread in self._threads:
            thread.join(2)
        self._wire.close()

    # --- the wire --------------------------------------------------------------------------
    def _recent(self) -> list[bytes]:
        begin = time.monotonic() - 0.5
        return [packet for at, packet in list(self._heard) if at > begin]

    def _listen(self) -> None:
        while self._open:
            try:
                packet, sender = self._wire.recvfrom(2048)
            except (TimeoutError, ConnectionRefusedError):
                continue
            self._peer = sender
            self._peer_known.set()
            kind = packet[1] & 0x7F if len(packet) > 12 else None
            if self._record is not None and kind in (PCMU, EVENTS):
                self._record.append(packet[12:] if kind == PCMU else b"")
            if kind == PCMU:
                self._hear(packet[12:])

    def _hear(self, sound: bytes) -> None:
        now = time.monotonic()
        if self._heard:
            self._longest_gap_s = max(self._longest_gap_s, now - self._heard[-1][0])
        self._heard.append((now, sound))

    def _talk(self) -> None:
        position, due = 0, time.monotonic()
        while self._open:
            due = max(due + FRAME_S, time.monotonic())
            time.sleep(max(due - time.monotonic(), 0))
            if self._peer is None:
                continue
            try:
                pressed: tuple[str, int] | None = self._digits.get_nowait()
            except queue.Empty:
                pressed = None
            if pressed is not None:
                due = self._press(*pressed, due)
            elif speech := self._speech:
                self._send(PCMU, speech[position : position + FRAME])
                self._spoken += 1
                position = (position + FRAME) % len(speech)
            self._timestamp += FRAME

    def _press(self, digit: str, held: int, due: float) -> float:
        """Send one digit, the pause after it, and answer when the next packet is due."""
        if not digit:
            self._keyed.set()
            return due
        event, started = KEYS.index(digit), self._timestamp
        for n in range(1, held + 1):
            last = n == held
            payload = struct.pack("!BBH", event, 0x80 * last | 10, n * FRAME)
            if last:
                self.released_at = time.time()
            for _ in range(3 if last else 1):
                self._send(EVENTS, payload, marker=n == 1, timestamp=started)
            due += FRAME_S
            time.sleep(max(due - time.monotonic(), 0))
        due += FRAME_S * RELEASED
        time.sleep(max(due - time.monotonic(), 0))
        self._timestamp += FRAME * (held + RELEASED)
        return due

    def _send(
        self, kind: int, payload: bytes, *, marker: bool = False, timestamp: int | None = None
    ) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        stamp = (self._timestamp if timestamp is None else timestamp) & 0xFFFFFFFF
        head = struct.pack(
            "!BBHII", 0x80, kind | 0x80 * marker, self._sequence, stamp, self._source
        )
        peer: Any = self._peer
        try:
            self._wire.sendto(head + payload, peer)
        except (ConnectionRefusedError, OSError):
            return  # the other side has hung up: the signalling tells
