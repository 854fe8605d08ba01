"""``python -m decider``: the decision service, until SIGTERM. Each has an address of its own."""

from __future__ import annotations

import asyncio
import signal

import structlog
import uvloop
from aiohttp import web

from cordboard import logs
from cordboard.settings import Settings, load_settings
from decider.local import open_local
from decider.service import application

log = structlog.get_logger("decider")

#: A connection without a question is kept for so long, seconds: longer than who asks keeps it.
KEPT_S = 75.0
#: Questions under way when it is asked to stop may take so long, seconds.
FAREWELL_S = 2.0


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
        ValueError: there is no token.
    """
    decider = await open_local(settings)
    app = application(decider, settings.decider_token.get_secret_value(), decider.obstacles)
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=KEPT_S, shutdown_timeout=FAREWELL_S
    )
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.decider_host, settings.port("decider")).start()
        log.info("decider.started", host=settings.decider_host, port=settings.port("decider"))
        await stop.wait()
    finally:
        await runner.cleanup()
        await decider.close()
        log.info("decider.stopped")


async def main() -> None:
    """Run until a signal asks to stop."""
    settings = load_settings()
    logs.configure("decider", settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(settings, stop)


if __name__ == "__main__":
    uvloop.run(main())
