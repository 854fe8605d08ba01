from __future__ import annotations

import re
import wave
from pathlib import Path

import pytest

from cordboard import prompts, tts
from cordboard.prompts import PromptError, build, read_texts
from cordboard.settings import Settings
from cordboard.wav_words import words_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(instance="unit", run_dir=tmp_path / "run", port_base=1024)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.toml"
    path.write_text('[prompts]\nhello = "Hello."\ngoodbye = "Goodbye."\n')
    return path


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


def made(settings: Settings) -> set[str]:
    return {path.name for path in (settings.sounds / "prompts").glob("*.wav")}


def content(settings: Settings, name: str) -> bytes:
    return (settings.sounds / "prompts" / f"{name}.wav").read_bytes()


def record(path: Path, rate: int = 8000, channels: int = 1) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\1\1" * channels * rate)


def test_every_text_becomes_a_file_once(settings: Settings, texts: Path, recordings: Path) -> None:
    assert build(settings, texts, recordings) == 2
    assert made(settings) == {"hello.wav", "goodbye.wav"}
    assert build(settings, texts, recordings) == 0


def test_only_what_changed_is_made_again(settings: Settings, texts: Path, recordings: Path) -> None:
    build(settings, texts, recordings)
    before = content(settings, "hello")
    texts.write_text('[prompts]\nhello = "Good morning to you."\ngoodbye = "Goodbye."\n')
    assert build(settings, texts, recordings) == 1
    assert content(settings, "hello") != before


def test_a_file_that_went_missing_is_made_again(
    settings: Settings, texts: Path, recordings: Path
) -> None:
    build(settings, texts, recordings)
    (settings.sounds / "prompts" / "hello.wav").unlink()
    assert build(settings, texts, recordings) == 1


def test_orphans_are_removed(settings: Settings, texts: Path, recordings: Path) -> None:
    build(settings, texts, recordings)
    texts.write_text('[prompts]\nhello = "Hello."\n')
    build(settings, texts, recordings)
    assert made(settings) == {"hello.wav"}


def test_a_recording_wins_and_leaving_it_out_brings_the_speech_back(
    settings: Settings, texts: Path, recordings: Path
) -> None:
    build(settings, texts, recordings)
    spoken = content(settings, "hello")
    record(recordings / "hello.wav")
    assert build(settings, texts, recordings) == 1
    assert content(settings, "hello") != spoken
    (recordings / "hello.wav").unlink()
    assert build(settings, texts, recordings) == 1
    assert content(settings, "hello") == spoken


def test_the_words_of_a_recording_are_those_of_its_text(
    settings: Settings, texts: Path, recordings: Path
) -> None:
    record(recordings / "hello.wav")
    for words in ("Hello.", "Good morning."):
        texts.write_text(f'[prompts]\nhello = "{words}"\n')
        build(settings, texts, recordings)
        assert words_of(settings.sounds / "prompts" / "hello.wav") == words


def test_a_recording_of_a_studio_becomes_telephone_sound(
    settings: Settings, texts: Path, recordings: Path
) -> None:
    record(recordings / "hello.wav", rate=48_000)
    build(settings, texts, recordings)
    with wave.open(str(settings.sounds / "prompts" / "hello.wav")) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 8000)


def test_a_recording_never_changes_the_speech_cache(
    settings: Settings, texts: Path, recordings: Path
) -> None:
    build(settings, texts, recordings)
    spoken = tts.speak("Hello.", settings).read_bytes()
    record(recordings / "hello.wav")
    build(settings, texts, recordings)
    assert tts.speak("Hello.", settings).read_bytes() == spoken


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("hello = 1", r"one table \[prompts\]"),
        ("[prompts]\nhello = 1", "hello is not a text"),
        ('[prompts]\nhello = ""', "hello: there is nothing to say"),
        ('[prompts]\nhello = "…"', "hello: there is nothing to say"),
        ('[prompts]\n"../x" = "x"', "'../x' may have"),
        ('[prompts]\nHello = "x"', "'Hello' may have"),
        (f'[prompts]\nhello = "{"x" * 1000}"', "hello is longer than"),
        ('[prompts]\nhello = "x"\nhello = "y"', "not TOML"),
        ("[prompts", "not TOML"),
    ],
)
def test_a_wrong_text_is_named_and_nothing_is_made(
    settings: Settings, texts: Path, recordings: Path, content: str, told: str
) -> None:
    texts.write_text(content)
    with pytest.raises(PromptError, match=told):
        build(settings, texts, recordings)
    assert not settings.sounds.exists()


def test_a_missing_file_of_texts_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="missing"):
        read_texts(tmp_path / "none.toml")


def test_wrong_recordings_are_named(settings: Settings, texts: Path, recordings: Path) -> None:
    record(recordings / "hello.wav", channels=2)
    with pytest.raises(PromptError, match=r"hello\.wav must be 16 bit, mono"):
        build(settings, texts, recordings)
    (recordings / "hello.wav").write_bytes(b"RIFFsomething")
    with pytest.raises(PromptError, match=r"hello\.wav is not a wav file"):
        build(settings, texts, recordings)
    (recordings / "hello.wav").rename(recordings / "helo.wav")
    with pytest.raises(PromptError, match=r"helo\.wav is a recording of no prompt"):
        build(settings, texts, recordings)


def test_our_own_texts_are_right() -> None:
    texts = read_texts(prompts.TEXTS)
    assert {"welcome", "ask-account", "ask-ssn", "closed", "holiday", "all-busy"} <= texts.keys()
    unfinished = {name for name, text in texts.items() if not re.search(r"[.?!]$", text)}
    assert unfinished == {"queue-position", "estimated-wait", "callback-number"}, (
        "a number is said after these"
    )
