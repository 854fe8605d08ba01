from __future__ import annotations

import asyncio
import math
import os
import stat
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import tts
from cordboard.resample import resample
from cordboard.settings import Settings
from support.soon import one_turn


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(instance="unit", run_dir=tmp_path, port_base=1024)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engine that notes what it is asked to say and makes a tenth of a second of sound."""
    said = tmp_path / "said"
    sound = tmp_path / "sound.wav"
    tts.write_wav(b"\0\0" * 800, sound)
    program = tmp_path / "engine"
    program.write_text(f'#!/bin/sh\ncat >> "{said}"; echo >> "{said}"; cat "{sound}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setitem(tts.ENGINES, "espeak-ng", lambda _: [str(program)])
    return said


def said(engine: Path) -> str:
    return engine.read_text()


def tone(hertz: float, rate: int) -> bytes:
    samples = (int(10_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate))
    return b"".join(struct.pack("<h", sample) for sample in samples)


def loudness(sound: bytes) -> float:
    """Against that of ``tone``, 1.0 for the same."""
    samples = struct.unpack(f"<{len(sound) // 2}h", sound)[100:-100]
    return math.sqrt(sum(s * s for s in samples) / len(samples)) / (10_000 / math.sqrt(2))


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_speech_keeps_its_length_and_loudness(rate: int) -> None:
    out = resample(tone(1000, rate), rate)
    assert len(out) == 2 * 8000
    assert loudness(out) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("hertz", [4300, 5000, 7000])
def test_what_a_telephone_cannot_carry_is_not_folded_back(hertz: float) -> None:
    assert loudness(resample(tone(hertz, 22_050), 22_050)) < 0.02


def test_telephone_sound_is_left_as_it_is() -> None:
    assert resample(tone(440, 8000), 8000) == tone(440, 8000)


def test_too_low_a_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="7999"):
        resample(b"", 7999)


def test_the_real_engine_makes_telephone_sound(settings: Settings) -> None:
    path = tts.speak("Welcome to Halyard Telecom.", settings)
    assert path.parent == settings.sounds / "tts"
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert 1.0 < sound.getnframes() / 8000 < 5.0
        assert max(sound.readframes(sound.getnframes())) > 0


def test_a_text_is_spoken_once(settings: Settings, engine: Path) -> None:
    assert tts.speak("Hello", settings) == tts.speak("  Hello\n", settings)
    assert engine.read_text() == "Hello\n"


@pytest.mark.parametrize("again", [tts.speak, lambda *asked: asyncio.run(tts.speak_async(*asked))])
def test_speech_that_is_said_again_counts_as_used(
    settings: Settings, engine: Path, again: Callable[..., Path]
) -> None:
    path = tts.speak("Hello", settings)
    os.utime(path, (0, 0))
    assert again("Hello", settings).stat().st_mtime > 0
    assert engine.read_text() == "Hello\n"


def test_voice_and_engine_are_part_of_the_name(settings: Settings) -> None:
    other = settings.model_copy(update={"tts_voice": "en-gb"})
    assert tts.spoken_path("Hello", settings) != tts.spoken_path("Hello", other)


def test_hostile_text_is_only_text(settings: Settings, engine: Path) -> None:
    tts.speak("--help; $(touch /tmp/owned) `id`\r\n\0 <break/>", settings)
    assert engine.read_text() == "--help; $(touch /tmp/owned) `id` <break/>\n"


def test_long_text_is_cut(settings: Settings, engine: Path) -> None:
    tts.speak("word " * 1000, settings)
    assert len(engine.read_text()) <= tts.LONGEST_TEXT + 1


@pytest.mark.parametrize("text", ["", "  \n", "\0\x07", "...!"])
def test_nothing_to_say_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        tts.speak(text, settings)


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_clean_text_is_one_printable_line(text: str) -> None:
    try:
        clean = tts.clean_text(text)
    except ValueError:
        return
    assert len(clean) <= tts.LONGEST_TEXT
    assert "\n" not in clean
    assert "\0" not in clean


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["no-such-engine"], "does not start"),
        (["false"], "ended with 1"),
        (["true"], "no sound"),
        (["sleep", "60"], "longer than"),
    ],
)
async def test_a_broken_engine_is_told_and_leaves_no_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, command: list[str], told: str
) -> None:
    monkeypatch.setitem(tts.ENGINES, "espeak-ng", lambda _: command)
    monkeypatch.setattr(tts, "ENGINE_TIMEOUT", 0.2)
    with pytest.raises(tts.SpeechError, match=told):
        tts.speak("Hello", settings, timeout=0.2)
    with pytest.raises(tts.SpeechError, match=told):
        await tts.speak_async("Hello", settings)
    assert not list((settings.sounds).rglob("*.wav"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tts_engine": "parrot"}, "espeak-ng or piper"),
        ({"tts_engine": "piper"}, "CORDBOARD_TTS_VOICE"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, change: dict[str, str], told: str) -> None:
    with pytest.raises(tts.SpeechError, match=told):
        tts.speak("Hello", settings.model_copy(update=change))


async def test_asked_by_many_at_once_it_is_made_once(settings: Settings, engine: Path) -> None:
    paths = await asyncio.gather(*(tts.speak_async("Hello", settings) for _ in range(8)))
    assert len(set(paths)) == 1
    assert paths[0].exists()
    assert said(engine) == "Hello\n"


async def test_who_asked_first_may_leave(settings: Settings, engine: Path) -> None:
    first = asyncio.create_task(tts.speak_async("Hello", settings))
    second = asyncio.create_task(tts.speak_async("Hello", settings))
    await one_turn()
    first.cancel()
    assert (await second).exists()
    assert said(engine) == "Hello\n"
