"""The FastAGI server while its database, or its voice, is away: answered in time, always."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from agi.database import LEFT_ALONE
from cordboard.settings import Settings
from support.agi_server import call, serving, with_folder
from support.people import CUSTOMER_LINE, DANA, LENA, MARCUS, MENU_LINE

NOWHERE = "postgresql://cordboard@127.0.0.1:1/cordboard"


@pytest.fixture(scope="module")
def settings(database_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return with_folder(database_settings, tmp_path_factory.mktemp("run"))


def test_a_notice_that_cannot_be_spoken_does_not_hold_the_caller_up(
    settings: Settings, fresh_database_url: str
) -> None:
    mute = settings.model_copy(update={"tts_engine": "none"})
    with serving(mute, fresh_database_url) as port:
        asterisk = call(port, CUSTOMER_LINE, LENA.phone)
        asterisk.ask("identify-caller")
        assert asterisk.ask("service-notice")["CB_NOTICE_STATUS"] == "UNAVAILABLE"


QUESTIONS = [
    ("identify-caller", "CB_IDENTIFY_STATUS"),
    ("verify-account", "CB_VERIFY_STATUS"),
    ("service-notice", "CB_NOTICE_STATUS"),
]


def test_without_a_database_every_question_is_answered_in_time(settings: Settings) -> None:
    with serving(settings, NOWHERE, deadline_ms=1000) as port:
        began = time.monotonic()
        asterisk = call(port, CUSTOMER_LINE, DANA.phone)
        assert time.monotonic() - began < 3
        assert asterisk.variables["CB_OPEN_STATUS"] == "UNAVAILABLE"
        assert uuid.UUID(asterisk.variables["CB_CALL_ID"]).version == 4
        asterisk.variables |= {"CB_ACCOUNT": MARCUS.account, "CB_SSN": MARCUS.ssn}
        began = time.monotonic()
        for question, status in QUESTIONS:
            assert asterisk.ask(question)[status] == "UNAVAILABLE"
        assert time.monotonic() - began < 2, "it is left alone for a moment after a failure"


def test_a_line_goes_where_it_last_went_while_the_database_is_away(
    settings: Settings, fresh_database_url: str
) -> None:
    with serving(settings, fresh_database_url) as port:
        call(port, MENU_LINE)
        with _away(fresh_database_url):
            variables = call(port, MENU_LINE).variables
            assert variables["CB_OPEN_STATUS"] == "UNAVAILABLE"
            assert variables["CB_QUEUE"] == "halyard-service"
            assert variables["CB_SUBSCRIBER"] == "halyard"
            assert "CB_QUEUE" not in call(port, CUSTOMER_LINE).variables
        _until(lambda: call(port, MENU_LINE).variables["CB_OPEN_STATUS"] == "OPEN")


def test_a_restarted_database_costs_no_caller_anything(
    settings: Settings, fresh_database_url: str
) -> None:
    with serving(settings, fresh_database_url) as port:
        for _ in range(4):  # both threads have a connection
            call(port, CUSTOMER_LINE)
        _cut_all(fresh_database_url)
        for _ in range(4):
            assert call(port, CUSTOMER_LINE).variables["CB_OPEN_STATUS"] == "OPEN"


def test_a_database_that_does_not_react_is_given_up_at_the_deadline(
    settings: Settings, fresh_database_url: str
) -> None:
    with serving(settings, fresh_database_url, deadline_ms=500) as port:
        for _ in range(4):
            call(port, CUSTOMER_LINE)
        with _frozen(fresh_database_url):
            began = time.monotonic()
            assert call(port, CUSTOMER_LINE).variables["CB_OPEN_STATUS"] == "UNAVAILABLE"
            assert time.monotonic() - began < 3
        _until(lambda: call(port, CUSTOMER_LINE).variables["CB_OPEN_STATUS"] == "OPEN")


def test_a_query_that_waits_for_a_lock_is_given_up_at_the_deadline(
    settings: Settings, fresh_database_url: str
) -> None:
    with (
        serving(settings, fresh_database_url, deadline_ms=500) as port,
        psycopg.connect(fresh_database_url) as busy,
    ):
        asterisk = call(port, CUSTOMER_LINE, DANA.phone)
        busy.execute("LOCK TABLE call")
        began = time.monotonic()
        assert asterisk.ask("identify-caller")["CB_IDENTIFY_STATUS"] == "UNAVAILABLE"
        assert time.monotonic() - began < 3


def _until(condition: Callable[[], bool], within: float = LEFT_ALONE + 10) -> None:
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until
        threading.Event().wait(0.05)


def _admin(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    base, _, _ = url.rpartition("/")
    return psycopg.connect(f"{base}/postgres", autocommit=True)


def _backends(url: str) -> list[int]:
    """Process ids of the FastAGI server's connections to this database."""
    name = url.rpartition("/")[2]
    query = (
        "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = 'cordboard-agi'"
    )
    with _admin(url) as admin:
        return [row[0] for row in admin.execute(query, (name,))]


def _cut_all(url: str) -> None:
    with _admin(url) as admin:
        for pid in _backends(url):
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


@contextmanager
def _away(url: str) -> Iterator[None]:
    """Nobody gets into this database, and who was in is out."""
    name = url.rpartition("/")[2]
    with _admin(url) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
        _cut_all(url)
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]


@contextmanager
def _frozen(url: str) -> Iterator[None]:
    """The server's processes for this database are there and do nothing."""
    pids = _backends(url)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
