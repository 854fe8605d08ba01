"""Everything a running stack keeps or says, as text to search."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import redis

from cordboard.settings import Settings

#: PostgreSQL's own files hold the database in its own form; they are searched as a dump.
DATA = ("postgres",)


def everything(settings: Settings, live: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Name and content of each log, file, Redis key and the dump of the database."""
    yield "database dump", dump(settings)
    yield from redis_keys(live)
    yield from files(settings.run)


def dump(settings: Settings) -> bytes:
    """The whole database as SQL."""
    done = subprocess.run(
        ["pg_dump", "--dbname", settings.database], capture_output=True, check=True, timeout=60
    )
    return done.stdout


def redis_keys(live: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Each key with its whole value, streams and their history too."""
    readers = {
        b"string": live.get,
        b"hash": live.hgetall,
        b"list": lambda key: live.lrange(key, 0, -1),
        b"set": live.smembers,
        b"zset": lambda key: live.zrange(key, 0, -1, withscores=True),
        b"stream": lambda key: live.xrange(key),
    }
    for key in live.scan_iter(count=1000):
        yield f"redis {key!r}", repr(readers[live.type(key)](key)).encode() + key


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder: logs, Asterisk's state, Redis's append-only file, SIP traces."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in DATA]
        for name in names:
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()
