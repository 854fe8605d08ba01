"""A running stack taken apart: offers in a database of their own, and a service that decides."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from cordboard.settings import Settings
from cordboard.sipp import eventually
from db.migrate import migrate
from db.offer_sync import move
from support.stack import answers, stopped
from support.web import with_values

Connection = psycopg.Connection[dict[str, Any]]


class Split:
    """What a test needs of it.

    Attributes:
        settings: those of the stack, with both databases and the service.
        offers: a connection to the offers database that commits at once.
    """

    def __init__(self, settings: Settings, offers: Connection) -> None:
        self.settings = settings
        self.offers = offers
        self.service: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the decision service and wait for it."""
        self.service = _start(self.settings, "decider")
        eventually(lambda: answers(self.settings, "decider"), within=20, what="the decider decides")

    def kill_service(self) -> None:
        """SIGKILL."""
        assert self.service is not None
        self.service.send_signal(signal.SIGKILL)
        self.service.wait()


@contextmanager
def split_stack(stack: Settings) -> Iterator[Split]:
    """While this lasts, call control asks a decision service that reads two databases."""
    name = f"test_{os.getpid()}_offers"
    url = urlunsplit(urlsplit(stack.database)._replace(path=f"/{name}"))
    settings = with_values(stack, offers_database_url=url, decider_url="local")
    with ExitStack() as stays:
        _administer(stack, "CREATE DATABASE {}", name)
        stays.callback(_administer, stack, "DROP DATABASE {} WITH (FORCE)", name)
        migrate(url)
        move(settings)
        offers = stays.enter_context(psycopg.connect(url, autocommit=True, row_factory=dict_row))
        found = Split(settings, offers)
        stays.callback(lambda: found.service and _end(found.service))
        found.serve()
        stays.enter_context(stopped(stack, "ari_app"))
        stays.callback(_end, _start(settings, "ari_app"))
        eventually(lambda: answers(settings, "ari_app"), within=20, what="the app is ready")
        yield found


def _start(settings: Settings, module: str) -> subprocess.Popen[bytes]:
    """One of Cordboard's processes with these settings; it complains to the test's output."""
    environment = {
        **os.environ,
        "CORDBOARD_INSTANCE": settings.instance,
        "CORDBOARD_PORT_BASE": str(settings.base),
        "CORDBOARD_OFFERS_DATABASE_URL": settings.offers_database_url,
        "CORDBOARD_DECIDER_URL": settings.decider_url,
        "CORDBOARD_LOG_LEVEL": "warning",
    }
    return subprocess.Popen([sys.executable, "-m", module], env=environment)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _administer(settings: Settings, statement: Any, name: str) -> None:
    with psycopg.connect(settings.database, autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(sql.Identifier(name)))
