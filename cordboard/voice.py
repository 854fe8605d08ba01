"""Whether a recording has anything in it: telephone speech by its loudness. No I/O."""

from __future__ import annotations

import io
import math
import wave
from array import array
from dataclasses import dataclass

#: Longest piece of sound that is looked at by itself, seconds.
WINDOW_S = 0.05
#: Root mean square of a window from which on it counts as voice, of 32,767: about -44 dB. The
#: smallest steps of μ-law are 8, line noise is some of them.
LOUD = 200.0
#: With less voice than this a recording is silence, seconds: a click or a breath is no name.
LEAST_VOICE_S = 0.2


@dataclass(frozen=True, slots=True)
class Heard:
    """What is in a recording: its length, and for how long there is a voice; seconds."""

    seconds: float
    voice_s: float

    @property
    def silent(self) -> bool:
        """Whether nobody said anything."""
        return self.voice_s < LEAST_VOICE_S


def listen_to(wav: bytes) -> Heard:
    """What is in a WAV file of 16 bit mono.

    Raises:
        ValueError: it is not such a file.
    """
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            if (sound.getsampwidth(), sound.getnchannels()) != (2, 1):
                raise ValueError("the recording is not 16 bit mono")
            rate, frames = sound.getframerate(), sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"the recording is no WAV file: {error}") from error
    samples = array("h", frames[: len(frames) // 2 * 2])
    window = max(int(rate * WINDOW_S), 1)
    loud = sum(_rms(samples[n : n + window]) >= LOUD for n in range(0, len(samples), window))
    return Heard(len(samples) / rate, loud * WINDOW_S)


def _rms(samples: array[int]) -> float:
    return math.sqrt(sum(s * s for s in samples) / len(samples))
