"""Named queries, read from ``db/queries/*.sql``.

A file holds blocks that begin with ``-- name: find_user``; lines of comment after it are its
documentation. Parameters are ``%(name)s``; a plain ``%`` is written ``%%``::

    from db.queries import sql

    row = conn.execute(sql.find_user, {"username": "ava"}).fetchone()
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"

_NAME = re.compile(r"^-- name: *(\S+) *$", re.MULTILINE)


class DuplicateQuery(ValueError):
    """Two blocks have the same name."""


class Queries:
    """The queries of a folder, as attributes; each is the bytes that psycopg executes."""

    def __init__(self, folder: Path) -> None:
        self._queries: dict[str, bytes] = {}
        for path in sorted(folder.glob("*.sql")):
            self._read(path)

    def _read(self, path: Path) -> None:
        _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in self._queries or not name.isidentifier():
                raise DuplicateQuery(f"{path.name}: {name!r} is taken, or is not a Python name")
            self._queries[name] = text.strip().encode()

    def __getattr__(self, name: str) -> bytes:
        try:
            return self._queries[name]
        except KeyError:
            raise AttributeError(f"no query `-- name: {name}` in {FOLDER.name}/*.sql") from None

    def __dir__(self) -> list[str]:
        return sorted(self._queries)


sql = Queries(FOLDER)
