"""``python -m ari_app.worker``: what is due is done, until SIGTERM. Several may run at once.

``TASKS`` is the list of what it does; each task is a coroutine that runs until it is cancelled and
waits by itself while PostgreSQL or Redis are away (see ``away.py``).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any
from wsgiref.simple_server import WSGIServer

import structlog
import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from ari_app.worker.engine import Engine, give_up_late, watch_agents
from ari_app.worker.failover import look_after_orders
from ari_app.worker.learning import keep_strategies, learn_nightly
from ari_app.worker.news import listen
from ari_app.worker.outbox import send_mails
from ari_app.worker.parts import Parts
from ari_app.worker.retention import forget
from ari_app.worker.usage import meter
from ari_app.worker.webhooks import deliver
from cordboard import logs, metrics
from cordboard.settings import Settings, load_settings
from db.pool import open_async_pool

log = structlog.get_logger("ari_app.worker")

Task = Callable[[Parts], Coroutine[Any, Any, None]]

DATABASE_CONNECTIONS = 8


async def call_back(parts: Parts) -> None:
    """Call requests: due ones are claimed, late ones given up, changes told."""
    engine = Engine(parts)
    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run())
        group.create_task(watch_agents(parts, engine))
        group.create_task(listen(parts, engine.wake))
        group.create_task(give_up_late(parts))


#: What a worker does.
TASKS: dict[str, Task] = {
    "callbacks": call_back,
    "webhooks": deliver,
    "outbox": send_mails,
    "usage": meter,
    "retention": forget,
    "nightly": learn_nightly,
    "strategies": keep_strategies,
    "orders": look_after_orders,
}


async def run(settings: Settings) -> None:
    """Do all tasks until cancelled; the failure of one ends all, and the supervisor starts anew."""
    pool = await open_async_pool(settings.database, size=DATABASE_CONNECTIONS, name="worker")
    redis = Redis.from_url(
        settings.redis,
        decode_responses=True,
        retry=Retry(ConstantBackoff(0.05), 2),
        socket_connect_timeout=2,
        socket_timeout=5,
    )
    parts = Parts(settings, pool, redis)
    server = _serve_metrics(parts)
    try:
        async with asyncio.TaskGroup() as group:
            for name, task in TASKS.items():
                group.create_task(task(parts), name=name)
    finally:
        if server is not None:
            await asyncio.to_thread(server.shutdown)
        await redis.aclose()
        await pool.close()


def _serve_metrics(parts: Parts) -> WSGIServer | None:
    """The first worker of a machine answers for its health; the others do without."""
    try:
        return metrics.serve(parts.settings.port("worker_metrics"), parts.obstacles)
    except OSError as error:
        log.warning("metrics.not_served", error=str(error))
        return None


async def main() -> None:
    """Run until a signal asks to stop."""
    settings = load_settings()
    logs.configure("worker", settings.log_level)
    work = asyncio.create_task(run(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    log.info("worker.started", instance=settings.instance)
    try:
        await work
    except asyncio.CancelledError:
        log.info("worker.stopped")


if __name__ == "__main__":
    uvloop.run(main())
