"""``python -m ari_app``: call control, until SIGTERM. Calls in progress outlive it."""

from __future__ import annotations

import asyncio
import signal

import structlog
import uvloop

from ari_app import bootstrap
from cordboard import logs
from cordboard.settings import load_settings

log = structlog.get_logger("ari_app")


async def main() -> None:
    """Run until a signal asks to stop."""
    settings = load_settings()
    logs.configure("ari_app", settings.log_level)
    loop = asyncio.get_running_loop()
    app = loop.create_task(bootstrap.run(settings), name="app")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.cancel)
    log.info("app.started", instance=settings.instance)
    try:
        await app
    except asyncio.CancelledError:
        log.info("app.stopped")


if __name__ == "__main__":
    uvloop.run(main())
