"""Sounds that are made while people call: speech by its text, names as clients recorded them.

They hold names, numbers and codes, so what nobody has played for ten minutes is removed: as long
as a code for the web is good, and much longer than anything waits to be played.
"""

from __future__ import annotations

import os
from pathlib import Path

#: Folders of ``settings.sounds``: speech, and copies of recorded names.
SPEECH, NAMES = "tts", "clients"
#: An unused file is kept so long, seconds.
KEEP_S = 600.0


def is_there(path: Path) -> bool:
    """Whether the sound is there to be played; it counts as used now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def forget_unused(sounds: Path, now: float) -> int:
    """Remove what was not used for ``KEEP_S``; answers how many files went.

    Prompts stay: they are elsewhere, and hold nothing of anybody.

    Args:
        sounds: ``settings.sounds``.
        now: seconds since 1970.

    Raises:
        OSError: a file cannot be looked at or removed.
    """
    gone = 0
    for path in [path for folder in (SPEECH, NAMES) for path in (sounds / folder).glob("*")]:
        try:
            if path.stat().st_mtime < now - KEEP_S:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue  # another process was quicker
    return gone
