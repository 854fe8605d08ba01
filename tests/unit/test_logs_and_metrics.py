"""Logs without secrets, and the three addresses that every process answers."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import structlog

from cordboard import logs, metrics


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What is printed; afterwards logging is as it was."""
    # Each test sets logging up in its body: pytest takes back what a fixture does to handlers.
    root = logging.getLogger()
    level = root.level
    yield capsys
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def logged(lines: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.readouterr().out.splitlines()]


def test_a_line_names_component_and_call(lines: pytest.CaptureFixture[str]) -> None:
    logs.configure("agi")
    logs.bind_call("c-1")
    structlog.get_logger("x").info("call.opened", dnis="5550100")
    (line,) = logged(lines)
    assert line["component"] == "agi"
    assert line["call_id"] == "c-1"
    assert line["event"] == "call.opened"
    assert str(line["at"]).endswith("Z")


def test_other_libraries_log_the_same_way(lines: pytest.CaptureFixture[str]) -> None:
    logs.configure("agi")
    logging.getLogger("aiohttp").warning("slow %s", "down")
    (line,) = logged(lines)
    assert (line["event"], line["level"], line["component"]) == ("slow down", "warning", "agi")


def test_secrets_are_hidden_by_name(lines: pytest.CaptureFixture[str]) -> None:
    logs.configure("agi")
    structlog.get_logger("x").info("verified", ssn="900-12-3456", PIN="1234", digits="42")
    assert not any(word in lines.readouterr().out for word in ("900-12", "1234", "42"))


def test_a_traceback_holds_no_local_variables(lines: pytest.CaptureFixture[str]) -> None:
    logs.configure("agi")

    def fail(keyed: str) -> None:
        raise ValueError(len(keyed))

    try:
        fail("900123456")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    out = lines.readouterr().out
    assert "ValueError" in out
    assert "900123456" not in out.replace('fail(\\"900123456\\")', "")


def test_threads_name_the_component_too(lines: pytest.CaptureFixture[str]) -> None:
    logs.configure("agi")
    thread = threading.Thread(target=lambda: structlog.get_logger("x").info("in thread"))
    thread.start()
    thread.join()
    assert logged(lines)[0]["component"] == "agi"


def ask(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_health_readiness_and_metrics() -> None:
    obstacles: list[str] = []
    server = metrics.serve(0, lambda: obstacles)
    port = server.server_port
    try:
        assert ask(port, "/healthz") == (200, "ok\n")
        assert ask(port, "/readyz") == (200, "ok\n")
        obstacles.append("the database is away")
        assert ask(port, "/readyz") == (503, "the database is away\n")
        assert ask(port, "/healthz")[0] == 200
        assert "python_info" in ask(port, "/metrics")[1]
        assert ask(port, "/other")[0] == 404
    finally:
        server.shutdown()
        server.server_close()
