"""Sounds with names, numbers and codes in them stay on the disk for minutes, not for ever."""

from __future__ import annotations

import io
import os
import time
import wave
from functools import partial
from pathlib import Path

from ari_app.housekeeping import forget_sounds
from ari_app.verbs.order_speech import _copy
from cordboard.spoken import KEEP_S, NAMES, SPEECH, forget_unused, is_there
from cordboard.tts import write_wav
from support.beside import running
from support.soon import soon

NOW = 1_800_000_000.0


def sound(path: Path, age_s: float = 0.0) -> Path:
    """A sound that was used last so long before ``NOW``."""
    write_wav(b"\0\0" * 80, path)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def test_what_nobody_used_for_a_while_goes(tmp_path: Path) -> None:
    old = [
        sound(tmp_path / SPEECH / "code.wav", KEEP_S + 1),
        sound(tmp_path / NAMES / "7-name.wav", KEEP_S + 1),
        sound(tmp_path / SPEECH / "half.tmp", KEEP_S + 1),
    ]
    kept = [
        sound(tmp_path / SPEECH / "hello.wav", KEEP_S - 1),
        sound(tmp_path / "prompts" / "welcome.wav", KEEP_S * 1000),
    ]
    assert forget_unused(tmp_path, NOW) == len(old)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)


def test_a_prompt_outlives_the_speech_that_it_is_made_of(tmp_path: Path) -> None:
    speech, prompt = sound(tmp_path / SPEECH / "a.wav", KEEP_S + 1), tmp_path / "prompts" / "a.wav"
    prompt.parent.mkdir()
    os.link(speech, prompt)
    assert forget_unused(tmp_path, NOW) == 1
    assert prompt.exists()


def test_a_sound_that_is_used_again_stays(tmp_path: Path) -> None:
    path = sound(tmp_path / SPEECH / "hello.wav", KEEP_S * 10)
    assert is_there(path)
    assert forget_unused(tmp_path, time.time()) == 0
    assert not is_there(tmp_path / SPEECH / "gone.wav")


def test_without_folders_there_is_nothing_to_forget(tmp_path: Path) -> None:
    assert forget_unused(tmp_path, NOW) == 0


def test_the_copy_of_a_recorded_name_counts_as_used_when_it_is_played(tmp_path: Path) -> None:
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\1\0" * 80)
    path = _copy(made.getvalue(), tmp_path / NAMES, 7)
    os.utime(path, (NOW, NOW))
    assert _copy(made.getvalue(), tmp_path / NAMES, 7) == path
    assert path.stat().st_mtime != NOW
    assert forget_unused(tmp_path, time.time() + KEEP_S + 1) == 1
    assert _copy(made.getvalue(), tmp_path / NAMES, 7).exists(), "made anew"


async def test_the_app_does_it_now_and_then(tmp_path: Path) -> None:
    async with running(forget_sounds(tmp_path, every_s=0.01)):
        for name in ("first", "second"):
            path = sound(tmp_path / SPEECH / f"{name}.wav", NOW)
            await soon(partial(is_gone, path))


def is_gone(path: Path) -> bool:
    return not path.exists()
