"""The words that a wav file says, kept in the file itself: they are gone when it is.

They are the comment (``ICMT``) of a ``LIST``/``INFO`` chunk ahead of the samples, as RIFF has it
(Multimedia Programming Interface and Data Specifications 1.0, 1991); players skip it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

#: Sizes of a chunk's header, and of the header of the whole file.
CHUNK, RIFF = 8, 12


def with_words(wav: bytes, words: str) -> bytes:
    """The same file with these words in it; without words the same file.

    Raises:
        ValueError: it is no wav file, or has no samples.
    """
    if not words:
        return wav
    at = next((at for name, at, _ in _chunks(wav) if name == b"data"), None)
    if at is None:
        raise ValueError("this wav file has no samples")
    comment = _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", words.encode() + b"\0"))
    whole = wav[RIFF:at] + comment + wav[at:]
    return wav[:4] + struct.pack("<I", 4 + len(whole)) + wav[8:RIFF] + whole


def words_of(path: Path) -> str:
    """What the file says; "" when nobody wrote that into it, or it is not there."""
    try:
        wav = path.read_bytes()
        for name, at, size in _chunks(wav):
            if name == b"LIST" and wav[at + CHUNK :][:4] == b"INFO":
                return _comment(wav[at + CHUNK : at + CHUNK + size])
    except (OSError, ValueError):
        pass
    return ""


def _comment(info: bytes) -> str:
    # An INFO list is laid out as the file is, with a shorter name ahead of its chunks.
    for name, at, size in _walk(info, 4):
        if name == b"ICMT":
            return info[at + CHUNK : at + CHUNK + size].rstrip(b"\0").decode(errors="replace")
    return ""


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _chunks(wav: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and size of each chunk. Raises ``ValueError``: it is no wav file."""
    if wav[:4] != b"RIFF" or wav[8:RIFF] != b"WAVE":
        raise ValueError("this is no wav file")
    return _walk(wav, RIFF)


def _walk(data: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    while at + CHUNK <= len(data):
        (size,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], at, size
        at += CHUNK + size + size % 2
