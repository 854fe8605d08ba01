"""The spoken prompts: every text of ``asterisk-config/prompts.toml`` becomes one wav file.

A recording ``asterisk-config/recordings/<name>.wav`` is taken in place of the spoken text. What is
up to date is left alone, and files of prompts that are gone are removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cordboard import tts
from cordboard.resample import RATE, resample
from cordboard.settings import ROOT, Settings

TEXTS = ROOT / "asterisk-config" / "prompts.toml"
RECORDINGS = ROOT / "asterisk-config" / "recordings"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class PromptError(ValueError):
    """The file of texts, or a recording, cannot be used; the message says where and why."""


def build(settings: Settings, texts: Path = TEXTS, recordings: Path = RECORDINGS) -> int:
    """Bring ``settings.sounds/prompts`` up to date; answer how many files were made.

    Raises:
        PromptError: a text or a recording is wrong; nothing was changed.
        cordboard.tts.SpeechError: the engine does not work.
    """
    wanted = read_texts(texts)
    recorded = _read_recordings(recordings, wanted, texts)
    folder = settings.sounds / "prompts"
    folder.mkdir(parents=True, exist_ok=True)
    keys = {name: _key(name, text, recorded, settings) for name, text in wanted.items()}
    made = _read_made(folder)
    todo = [n for n in wanted if made.get(n) != keys[n] or not (folder / f"{n}.wav").exists()]

    def make(name: str) -> None:
        target = folder / f"{name}.wav"
        if name in recorded:
            tts.write_wav(recorded[name], target, wanted[name])
        else:
            target.unlink(missing_ok=True)
            os.link(tts.speak(wanted[name], settings), target)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(make, todo))
    _remove_orphans(folder, wanted)
    if todo or made != keys:
        (folder / "made.json").write_text(json.dumps(keys, indent=1), encoding="utf-8")
    return len(todo)


def read_texts(path: Path) -> dict[str, str]:
    """Name -> text, as the file's ``[prompts]`` table has them.

    Raises:
        PromptError: no such file, no TOML, or a key that is not as it should be.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PromptError(f"{path} is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PromptError(f"{path} is not TOML: {error}") from error
    table = data.pop("prompts", None)
    if data or not isinstance(table, dict):
        raise PromptError(f"{path}: everything belongs into one table [prompts]")
    for name, text in table.items():
        _check_text(path, name, text)
    return table


def _check_text(path: Path, name: str, text: object) -> None:
    if not _NAME.fullmatch(name):
        raise PromptError(f"{path}: {name!r} may have lower-case letters, digits and '-' only")
    if not isinstance(text, str):
        raise PromptError(f"{path}: {name} is not a text in quotes")
    if len(text) > tts.LONGEST_TEXT:
        raise PromptError(f"{path}: {name} is longer than {tts.LONGEST_TEXT} characters")
    try:
        tts.clean_text(text)
    except ValueError as error:
        raise PromptError(f"{path}: {name}: {error}") from None


def _read_recordings(folder: Path, wanted: dict[str, str], texts: Path) -> dict[str, bytes]:
    """Prompt name -> telephone sound of its recording."""
    found = {}
    for path in sorted(folder.glob("*.wav")):
        if path.stem not in wanted:
            raise PromptError(f"{path} is a recording of no prompt in {texts}")
        found[path.stem] = _read_wav(path)
    return found


def _read_wav(path: Path) -> bytes:
    try:
        with wave.open(str(path)) as sound:
            if (sound.getsampwidth(), sound.getnchannels()) != (
                2,
                1,
            ) or sound.getframerate() < RATE:
                raise PromptError(f"{path} must be 16 bit, mono, at least {RATE} samples a second")
            return resample(sound.readframes(sound.getnframes()), sound.getframerate())
    except (wave.Error, EOFError) as error:
        raise PromptError(f"{path} is not a wav file: {error}") from error


def _key(name: str, text: str, recorded: dict[str, bytes], settings: Settings) -> str:
    """What the prompt's file is made from; another key means that it is made again."""
    if name in recorded:
        return "recording " + hashlib.sha256(recorded[name] + text.encode()).hexdigest()[:32]
    return "speech " + tts.spoken_path(text, settings).stem


def _read_made(folder: Path) -> dict[str, str]:
    try:
        made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return made if isinstance(made, dict) else {}


def _remove_orphans(folder: Path, wanted: dict[str, str]) -> None:
    for path in folder.glob("*.wav"):
        if path.stem not in wanted:
            path.unlink()
