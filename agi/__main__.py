"""``python -m agi``: serve until SIGTERM, then finish the conversations that go on."""

from __future__ import annotations

import signal
import threading
from functools import partial

import structlog

from agi.database import Database
from agi.server import Server, converse, listen
from agi.services import Services
from cordboard import logs, metrics
from cordboard.settings import load_settings

log = structlog.get_logger(__name__)

#: Time for conversations to end after SIGTERM, seconds; more than any question's deadline.
GRACE = 3.0


def main() -> None:
    """Run the server of this instance."""
    settings = load_settings()
    logs.configure("agi", settings.log_level)
    database = Database(
        settings.database, threads=settings.agi_threads, deadline_ms=settings.agi_deadline_ms
    )
    services = Services(settings, database)
    server = Server(
        listen(settings.port("agi")), partial(converse, services=services), settings.agi_threads
    )
    health = metrics.serve(
        settings.port("agi_metrics"), lambda: [] if database.ready() else ["no database"]
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server.start()
    log.info("agi.started", port=settings.port("agi"), threads=settings.agi_threads)
    ended.wait()
    server.stop(GRACE)
    health.shutdown()
    database.close()
    log.info("agi.stopped")


if __name__ == "__main__":
    main()
