"""Text to speech: a text becomes a wav file that Asterisk can play, made once while it is used.

The file's name is a hash of engine, voice and text, so a file that is there is right; what nobody
uses any more goes after minutes (``cordboard/spoken.py``). Engines are
run as programs with the text on standard input; no shell sees it. Play the result as
``sound:<path without .wav>``; Asterisk sees the same absolute path.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import subprocess
import tempfile
import unicodedata
import wave
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cordboard.resample import RATE, resample
from cordboard.settings import Settings
from cordboard.spoken import SPEECH, is_there
from cordboard.wav_words import with_words

#: Longest text spoken at once, characters: about a minute.
LONGEST_TEXT = 800
#: Longest time one engine run may take, seconds.
ENGINE_TIMEOUT = 10.0
#: Silence left at the end of a speech, seconds, and the amplitude below which it is silence.
TAIL_S, SILENT = 0.12, 200
#: Raised when a text is to sound different from before, or its file to hold more, so that old files
#: are not taken.
CACHE_VERSION = "3"


class SpeechError(RuntimeError):
    """The engine is missing, failed, was too slow or made no sound."""


#: Words a minute of a piper voice that is not told to hurry.
PIPER_SPEED = 155


def _espeak(settings: Settings) -> list[str]:
    voice, speed = settings.tts_voice or "en-us", str(settings.tts_words_per_minute)
    return ["espeak-ng", "-v", voice, "-s", speed, "-g", "2", "--stdin", "--stdout"]


def _piper(settings: Settings) -> list[str]:
    if not settings.tts_voice:
        raise SpeechError("piper needs CORDBOARD_TTS_VOICE, the path of its voice file")
    scale = f"{PIPER_SPEED / settings.tts_words_per_minute:.2f}"
    command = ["piper", "--quiet", "--model", settings.tts_voice, "--length_scale", scale]
    return [*command, "--output_file", "-"]


#: Engine -> command line that reads text and writes a wav of any rate to standard output.
ENGINES: dict[str, Callable[[Settings], list[str]]] = {"espeak-ng": _espeak, "piper": _piper}

_speaking: dict[Path, asyncio.Task[Path]] = {}


def clean_text(text: str) -> str:
    """``text`` on one line, without control characters, at most ``LONGEST_TEXT`` characters.

    Raises:
        ValueError: nothing is left to say.
    """
    shown = (" " if unicodedata.category(c).startswith("C") else c for c in text)
    line = " ".join("".join(shown).split())[:LONGEST_TEXT].strip()
    if not any(c.isalnum() for c in line):
        raise ValueError("there is nothing to say in this text")
    return line


def _manner(settings: Settings) -> tuple[str, str, str]:
    """Everything that makes the same text sound different."""
    return settings.tts_engine, settings.tts_voice, str(settings.tts_words_per_minute)


def spoken_path(text: str, settings: Settings) -> Path:
    """Where the speech of ``text`` is kept, whether it is there yet or not."""
    recipe = "\0".join((CACHE_VERSION, *_manner(settings), clean_text(text)))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:32]
    return settings.sounds / SPEECH / f"{digest}.wav"


def speak(text: str, settings: Settings, timeout: float = ENGINE_TIMEOUT) -> Path:
    """The wav file (8 kHz, mono, 16 bit) in which ``text`` is spoken; made when it is not there.

    Raises:
        ValueError: there is nothing to say.
        SpeechError: it could not be made within ``timeout`` seconds.
    """
    path = spoken_path(text, settings)
    if not is_there(path):
        command = _command(settings)
        try:
            done = subprocess.run(
                command, input=clean_text(text).encode(), capture_output=True, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            raise SpeechError(f"{command[0]} took longer than {timeout:g} s") from None
        except OSError as error:
            raise SpeechError(f"{command[0]} does not start: {error.strerror}") from error
        sound = _checked(command[0], done.returncode, done.stdout, done.stderr)
        _keep(sound, path, clean_text(text))
    return path


async def speak_async(text: str, settings: Settings) -> Path:
    """Like :func:`speak` for an event loop; the same text asked for twice at once is made once."""
    path = spoken_path(text, settings)
    if is_there(path):
        return path
    task = _speaking.get(path)
    if task is None:
        task = asyncio.create_task(_make(clean_text(text), path, settings))
        _speaking[path] = task
        task.add_done_callback(partial(_forget, path))
    # Whoever asks may be cancelled (its caller hung up) without taking the others' speech away.
    return await asyncio.shield(task)


def _forget(path: Path, task: asyncio.Task[Path]) -> None:
    _speaking.pop(path, None)
    if not task.cancelled():
        task.exception()  # looked at, so that it is not reported when nobody waits any more


async def _make(text: str, path: Path, settings: Settings) -> Path:
    command = _command(settings)
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        raise SpeechError(f"{command[0]} does not start: {error.strerror}") from error
    try:
        async with asyncio.timeout(ENGINE_TIMEOUT):
            out, err = await process.communicate(text.encode())
    except TimeoutError:
        raise SpeechError(f"{command[0]} took longer than {ENGINE_TIMEOUT:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    sound = _checked(command[0], process.returncode, out, err)
    await asyncio.to_thread(_keep, sound, path, text)
    return path


def _command(settings: Settings) -> list[str]:
    engine = ENGINES.get(settings.tts_engine)
    if engine is None:
        raise SpeechError(
            f"CORDBOARD_TTS_ENGINE is {settings.tts_engine!r}; it can be {' or '.join(ENGINES)}"
        )
    return engine(settings)


def _checked(program: str, code: int | None, sound: bytes, complaint: bytes) -> bytes:
    if code != 0 or not sound:
        said = complaint.decode(errors="replace").strip().splitlines()
        raise SpeechError(f"{program} ended with {code}: {said[-1] if said else 'no sound'}")
    return sound


def _keep(sound: bytes, path: Path, text: str) -> None:
    """Write the engine's wav as telephone speech, complete or not at all."""
    with wave.open(io.BytesIO(sound)) as made:
        if (made.getsampwidth(), made.getnchannels()) != (2, 1):
            raise SpeechError("the engine's sound is not 16 bit mono")
        samples = resample(made.readframes(made.getnframes()), made.getframerate())
    write_wav(_without_tail(samples), path, text)


def _without_tail(samples: bytes) -> bytes:
    """The samples with ``TAIL_S`` of the silence at their end; engines add half a second."""
    values = array("h", samples)
    loud = next((n for n in range(len(values), 0, -1) if abs(values[n - 1]) > SILENT), len(values))
    return values[: loud + int(TAIL_S * RATE)].tobytes()


def write_wav(samples: bytes, path: Path, words: str = "") -> None:
    """Put 16 bit mono samples of 8 kHz at ``path`` in one step, so that no half file is played.

    What they say may be kept in the file (:mod:`cordboard.wav_words`).
    """
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(with_words(made.getvalue(), words))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
