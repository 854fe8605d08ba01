"""Something pleasant to hear while waiting, made by arithmetic so that it belongs to nobody.

A slow broken chord over four harmonies, one soft note every 0.4 seconds. Ops people put their own
WAV files (8 kHz, 16 bits, mono) beside it, or in its place: ``.run/<instance>/sounds/moh/``.
"""

from __future__ import annotations

import array
import math
import wave

from cordboard.settings import Settings

RATE = 8000
NOTE_S = 0.4
#: How long a note goes on sounding under the ones after it, seconds.
RING_S = 1.2
LOUDNESS = 3500

#: Semitones above A3 (220 Hz): A minor 7, F major 7, C major 7, G 6.
CHORDS = ((0, 7, 10, 15), (-4, 3, 7, 12), (3, 7, 10, 14), (-2, 5, 10, 14))
#: Which note of the chord sounds when: up and down again, twice for each chord.
FIGURE = (0, 1, 2, 3, 2, 1, 2, 1)


def ensure_hold_music(settings: Settings) -> None:
    """Write ``default.wav`` unless ``settings.sounds/moh`` already has something to play."""
    folder = settings.sounds / "moh"
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("*.wav")):
        return
    with wave.open(str(folder / "default.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(compose().tobytes())


def compose() -> array.array[int]:
    """The samples of one round; its end runs over into its beginning."""
    notes = [chord[step] for chord in CHORDS for step in (*FIGURE, *FIGURE)]
    apart = int(NOTE_S * RATE)
    samples = array.array("h", bytes(2 * apart * len(notes)))
    for number, note in enumerate(notes):
        _add_note(samples, number * apart, 220.0 * 2 ** (note / 12))
    return samples


def _add_note(samples: array.array[int], start: int, hertz: float) -> None:
    """Add a plucked note: it begins within 10 ms and fades away."""
    step = 2 * math.pi * hertz / RATE
    for index in range(int(RING_S * RATE)):
        fade = min(1.0, index / (0.01 * RATE)) * math.exp(-3.0 * index / RATE)
        tone = math.sin(step * index) + 0.25 * math.sin(2 * step * index)
        samples[(start + index) % len(samples)] += int(LOUDNESS * fade * tone)
