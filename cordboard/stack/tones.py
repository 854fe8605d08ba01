"""The two short tones that tell an agent what became of the keys: one high, or two low.

They are short because the agent is not heard while they play (``ari_app/verbs/tones.py``), and
differ in rhythm as well as in pitch, for ears and lines that lose the pitch.
"""

from __future__ import annotations

import array
import math

from cordboard.resample import RATE
from cordboard.settings import Settings
from cordboard.tts import write_wav

LOUDNESS = 7000
#: How long a tone takes to come and to go, so that it does not click, seconds.
EDGE_S = 0.008

#: name -> (hertz, 0 for silence; seconds) one after the other
TONES = {
    "page-pushed": ((1000, 0.12),),
    "page-refused": ((350, 0.12), (0, 0.06), (350, 0.12)),
}


def ensure_tones(settings: Settings) -> None:
    """Write what is missing of ``settings.sounds/tones``; a recording put there instead stays."""
    for name, parts in TONES.items():
        path = settings.sounds / "tones" / f"{name}.wav"
        if not path.exists():
            write_wav(compose(parts), path)


def compose(parts: tuple[tuple[float, float], ...]) -> bytes:
    """The samples of tones and pauses, each (hertz, seconds)."""
    samples = array.array("h")
    for hertz, seconds in parts:
        count = round(seconds * RATE)
        samples.extend(_sample(hertz, index, count) for index in range(count))
    return samples.tobytes()


def _sample(hertz: float, index: int, count: int) -> int:
    edge = min(1.0, index / (EDGE_S * RATE), (count - 1 - index) / (EDGE_S * RATE))
    return round(LOUDNESS * edge * math.sin(2 * math.pi * hertz * index / RATE))
