"""The words of a sound are kept in its file, and its samples stay as they are."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.tts import write_wav
from cordboard.wav_words import with_words, words_of

SAMPLES = b"\1\0\2\0\3\0"


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_words_and_samples_are_both_read_again(
    tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    path = tmp_path_factory.mktemp("wav") / "said.wav"
    write_wav(SAMPLES, path, words)
    assert words_of(path) == words
    with wave.open(str(path)) as wav:
        assert wav.readframes(wav.getnframes()) == SAMPLES


def test_without_words_it_is_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "plain.wav"
    write_wav(SAMPLES, path)
    assert len(path.read_bytes()) == 44 + len(SAMPLES)
    assert words_of(path) == ""


@pytest.mark.parametrize(
    "other", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"ID3 and so on", b"\xff" * 99]
)
def test_what_is_no_wav_file_says_nothing(tmp_path: Path, other: bytes) -> None:
    path = tmp_path / "other.wav"
    path.write_bytes(other)
    assert words_of(path) == words_of(tmp_path / "none.wav") == ""
    with pytest.raises(ValueError, match="wav file"):
        with_words(other, "words")
