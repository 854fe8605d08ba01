"""What a request may use: settings, database pool, Redis, event hub; wired in ``create_app``."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import cast

import redis
from flask import current_app
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from cordboard.settings import Settings
from decider import SyncDecider
from webdesk.hub import Hub

#: Longest wait for a database connection, seconds; then the answer is 503, not a hanging page.
POOL_WAIT_S = 1.0
#: Connections for short commands to Redis, of one worker.
REDIS_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Services:
    """The connections of one worker process."""

    settings: Settings
    pool: ConnectionPool[Connection[DictRow]]
    redis: redis.Redis
    hub: Hub
    #: Of the database whose offers, rules and strategies count; the same as ``pool`` unless
    #: ``CORDBOARD_OFFERS_DATABASE_URL`` names another.
    offers: ConnectionPool[Connection[DictRow]]
    decider: SyncDecider
    #: Subscriber code -> IANA time zone, learned when a page is loaded: the event stream, which
    #: must not wait for PostgreSQL, only looks here.
    zones: dict[str, str] = field(default_factory=dict)

    @property
    def is_split(self) -> bool:
        """Whether offers are in a database of their own."""
        return self.offers is not self.pool

    def close(self) -> None:
        """Give all connections back; for tests and tools, a worker keeps them for life."""
        self.hub.close()
        self.decider.close()
        self.pool.close()
        if self.is_split:
            self.offers.close()
        self.redis.close()


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions["cordboard"])


def now_ms() -> int:
    """The present, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def open_redis(url: str) -> redis.Redis:
    """A client for short commands: text in and out, two seconds at most.

    A thousand desks that come back at once share a few connections and wait their turn, where
    redis-py's usual pool would refuse them.
    """
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=REDIS_CONNECTIONS,
        timeout=5,
        decode_responses=True,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=15,
    )
    return redis.Redis.from_pool(pool)


def open_blocking_redis(url: str) -> redis.Redis:
    """A client for the hub's blocking read, which waits up to ``Hub.block_ms``."""
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=15, socket_connect_timeout=2
    )
