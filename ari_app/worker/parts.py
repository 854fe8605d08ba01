"""What every task of the worker uses."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from typing import Any

from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from cordboard.settings import Settings


@dataclass(slots=True)
class Parts:
    """The wired parts; each is made once.

    Attributes:
        settings: of this instance.
        pool: connections to PostgreSQL, which commit each statement.
        redis: a client that answers text.
        name: of this worker; no two are alike.
        problems: task -> why it cannot do its work now; nothing while it can.
    """

    settings: Settings
    pool: AsyncConnectionPool[Any]
    redis: Redis
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:60]}:{os.getpid()}")
    problems: dict[str, str] = field(default_factory=dict)

    def obstacles(self) -> list[str]:
        """What keeps the worker from its work, one line a task."""
        return [f"{task}: {problem}" for task, problem in sorted(self.problems.items())]
