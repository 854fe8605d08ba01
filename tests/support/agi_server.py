"""A FastAGI server inside the test, on whichever database the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from agi.database import Database
from agi.server import Server, converse, listen
from agi.services import Services
from cordboard.settings import Settings
from support.fake_asterisk import FakeAsterisk


def with_folder(settings: Settings, folder: Path) -> Settings:
    """The same settings with another folder for speech."""
    changed = settings.model_copy(update={"run_dir": folder})
    for derived in ("run", "sounds"):
        changed.__dict__.pop(derived, None)
    return changed


@contextmanager
def serving(settings: Settings, url: str, deadline_ms: int = 1000) -> Iterator[int]:
    """A server of two threads; its port."""
    database = Database(url, threads=2, deadline_ms=deadline_ms)
    listener = listen(0)
    server = Server(listener, partial(converse, services=Services(settings, database)), threads=2)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.stop(grace=5)
        database.close()


def call(port: int, did: str, ani: str = "unknown") -> FakeAsterisk:
    """A call that has been opened."""
    asterisk = FakeAsterisk(port, dialled=did, callerid=ani)
    asterisk.ask("open-call")
    return asterisk
