"""What the stack lays ready for its servers: hold music, and a run folder that they may enter."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from cordboard.settings import Settings
from cordboard.stack.errors import StackError
from cordboard.stack.hold_music import ensure_hold_music
from cordboard.stack.postgres import check_reach
from cordboard.stack.templates import rendered
from cordboard.stack.tones import ensure_tones


def test_hold_music_is_where_asterisk_looks_for_it(tmp_path: Path) -> None:
    settings = Settings(run_dir=tmp_path, port_base=15000)
    ensure_hold_music(settings)
    with wave.open(str(settings.sounds / "moh/default.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
    assert f"\ndirectory = {settings.sounds}/moh\n" in rendered(settings)["musiconhold.conf"]


def test_music_of_ones_own_stays_alone(tmp_path: Path) -> None:
    settings = Settings(run_dir=tmp_path, port_base=15000)
    own = settings.sounds / "moh/own.wav"
    own.parent.mkdir(parents=True)
    own.touch()
    ensure_hold_music(settings)
    assert list(own.parent.iterdir()) == [own]


def test_tones_are_short_and_a_recording_of_ones_own_stays(tmp_path: Path) -> None:
    settings = Settings(run_dir=tmp_path, port_base=15000)
    own = settings.sounds / "tones/page-refused.wav"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    ensure_tones(settings)
    assert own.read_bytes() == b"mine"
    with wave.open(str(settings.sounds / "tones/page-pushed.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        # The agent is not heard while it plays.
        assert sound.getnframes() / 8000 <= 0.15


def test_a_run_folder_within_reach(tmp_path: Path) -> None:
    check_reach(Settings(run_dir=tmp_path, port_base=15000))


def test_a_run_folder_out_of_reach_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    settings = Settings(run_dir=closed / "run", port_base=15000)
    settings.run.mkdir(parents=True)
    closed.chmod(0)
    try:
        with pytest.raises(StackError, match="may not enter") as caught:
            check_reach(settings)
    finally:
        closed.chmod(0o700)
    assert "without sudo" in caught.value.hint
