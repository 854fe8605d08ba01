"""Sound from a speech engine's sampling rate to the telephone's.

A polyphase filter: a windowed sinc that lets through what a telephone carries, evaluated only where
an output sample falls.

numpy is imported when the first speech is made: a process that restarts in mid-call must be quick.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Samples per second of telephone sound.
RATE = 8000
#: Where the low-pass filter is halfway down, hertz; aliases begin at 4,000.
CUTOFF = 3650
#: Length of the filter, milliseconds of sound.
LENGTH_MS = 3


def resample(samples: bytes, rate: int) -> bytes:
    """16 bit mono samples of ``rate`` per second (at least 8,000) as 16 bit mono of 8,000.

    Raises:
        ValueError: the rate is below the telephone's.
    """
    if rate < RATE:
        raise ValueError(f"{rate} samples per second are fewer than the {RATE} of a telephone")
    if rate == RATE:
        return samples
    import numpy as np

    step = rate // math.gcd(rate, RATE)
    filters = _filters(rate)
    phases, taps = filters.shape
    source = np.frombuffer(samples, dtype="<i2").astype(np.float32)
    count = len(source) * phases // step
    at = np.arange(count, dtype=np.int64) * step
    padded = np.concatenate([np.zeros(taps // 2 - 1), source, np.zeros(taps)]).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps)[at // phases]
    out = np.einsum("ij,ij->i", windows, filters[at % phases])
    rounded: NDArray[np.int16] = np.clip(np.rint(out), -32768, 32767).astype("<i2")
    return rounded.tobytes()


@lru_cache(maxsize=8)
def _filters(rate: int) -> NDArray[np.float32]:
    """One row of filter taps for each place an output sample can have between two input samples."""
    import numpy as np

    phases = RATE // math.gcd(rate, RATE)
    taps = 2 * math.ceil(rate * LENGTH_MS / 2000)
    offset = np.arange(taps) - taps // 2 + 1
    distance = offset[None, :] - np.arange(phases)[:, None] / phases
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(distance / (taps / 2), -1, 1))
    rows = np.sinc(2 * CUTOFF / rate * distance) * window
    scaled: NDArray[np.float32] = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled
