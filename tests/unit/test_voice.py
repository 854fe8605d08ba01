"""Silence is told from a voice by its loudness."""

from __future__ import annotations

import io
import math
import random
import wave
from array import array

import pytest

from cordboard.voice import LEAST_VOICE_S, listen_to

RATE = 8000


def wav(samples: array[int], *, width: int = 2) -> bytes:
    with io.BytesIO() as file:
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(width)
            out.setframerate(RATE)
            out.writeframes(samples.tobytes())
        return file.getvalue()


def tone(seconds: float, amplitude: float) -> array[int]:
    return array(
        "h",
        (
            round(amplitude * math.sin(2 * math.pi * 440 * n / RATE))
            for n in range(round(seconds * RATE))
        ),
    )


def noise(seconds: float, amplitude: int) -> array[int]:
    chance = random.Random(1)
    return array("h", (chance.randint(-amplitude, amplitude) for _ in range(int(seconds * RATE))))


def test_a_voice_is_heard_in_line_noise() -> None:
    heard = listen_to(wav(noise(1, 40) + tone(0.6, 900) + noise(1, 40)))
    assert not heard.silent
    assert heard.seconds == pytest.approx(2.6)
    assert heard.voice_s == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize("sound", [
    array("h"),
    noise(4, 60),
    tone(4, 100),
    noise(2, 40) + tone(LEAST_VOICE_S / 2, 20_000) + noise(2, 40),
], ids=["nothing", "line noise", "a hum", "a click"])  # fmt: skip
def test_silence(sound: array[int]) -> None:
    assert listen_to(wav(sound)).silent


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>", wav(tone(1, 900))[:30]])
def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no WAV file"):
        listen_to(content)


def test_other_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bit mono"):
        listen_to(wav(tone(1, 900), width=1))
