"""The conversation itself: hang-ups, hostile lines, a server that is stopped. No database."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from agi import questions
from agi.database import Database
from agi.questions import Handler
from agi.server import Server, converse, listen
from agi.services import Services
from agi.session import AgiSession
from cordboard.settings import Settings
from support.fake_asterisk import FakeAsterisk

Answer = Callable[[AgiSession, Services], Mapping[str, str]]


@pytest.fixture
def port() -> Iterator[int]:
    """A server without a database."""
    services = Services(Settings(instance="unit", port_base=1024), cast(Database, None))
    listener = listen(0)
    server = Server(listener, partial(converse, services=services), threads=2)
    server.start()
    yield listener.getsockname()[1]
    server.stop(grace=5)


@pytest.fixture
def answer_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a question called ``test`` into the table."""

    def put(answer: Answer, **more: Any) -> None:
        monkeypatch.setitem(questions.QUESTIONS, "test", Handler(answer, "CB_TEST_STATUS", **more))

    return put


@pytest.fixture
def asterisk(port: int) -> FakeAsterisk:
    return FakeAsterisk(port)


def test_one_variable_and_several_arrive(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": "1"})
    assert asterisk.ask("test") == {"CB_A": "1"}
    answer_with(lambda session, _: {"CB_A": "2", "CB_B": "b-b", "CB_C": "", "CB_D": 'say, "hi" \\'})
    assert asterisk.ask("test") == {"CB_A": "2", "CB_B": "b-b", "CB_C": "", "CB_D": 'say, "hi" \\'}
    assert len(asterisk.commands) == 2, "plain values travel together"


def test_a_value_cannot_become_a_command(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    hostile = 'x"\r\nEXEC System "touch /tmp/owned"\n\0'
    answer_with(lambda session, _: {"CB_A": hostile, "CB_B": "b,CB_EVIL=1"})
    variables = asterisk.ask("test")
    assert variables == {
        "CB_A": hostile.translate({13: " ", 10: " ", 0: " "}),
        "CB_B": "b,CB_EVIL=1",
    }
    assert all(command.startswith("SET VARIABLE") for command in asterisk.commands)


@pytest.mark.parametrize("name", ["CB_A,CB_B", "GLOBAL(X)", "SHELL(id)", "CB_A\n", "cb_a", "PATH"])
def test_only_variables_of_ours_are_set(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], name: str
) -> None:
    answer_with(lambda session, _: {name: "1"})
    assert asterisk.ask("test") == {}
    assert asterisk.commands == []


def test_a_value_too_long_for_a_command_is_refused(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": "x" * 3000})
    assert asterisk.ask("test") == {}


@pytest.mark.parametrize("value", ["plain", "(in) brackets)", "result=1 (x)", "ünïcode", "a  b"])
def test_values_are_read_as_they_are(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], value: str
) -> None:
    seen = []
    answer_with(lambda session, _: seen.append(session.get_variable("CB_A")) or {})
    asterisk.variables["CB_A"] = value
    asterisk.ask("test")
    assert seen == [value]


def test_a_variable_that_is_not_set_is_empty(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_B": session.get_variable("CB_A") + "!"})
    assert asterisk.ask("test") == {"CB_B": "!"}


def test_an_unknown_question_is_logged_and_refused(asterisk: FakeAsterisk) -> None:
    with capture_logs() as logged:
        assert asterisk.ask("drop-tables") == {}
    assert asterisk.commands == []
    assert {"event": "agi.question_unknown", "question": "drop-tables"}.items() <= logged[0].items()


def test_slashes_around_the_question_do_not_matter(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": "1"})
    assert asterisk.ask("/test/") == {"CB_A": "1"}


@pytest.mark.parametrize("bytes_sent", [
    b"",
    b"\n",
    b"\n\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n",
    b"agi_network: yes\n\n",
    b"agi_network_script: test\n",
    b"x" * 20_000,
    b"\xff\xfe\n\n",
])  # fmt: skip
def test_whoever_does_not_speak_agi_is_refused_and_the_server_lives(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], bytes_sent: bytes
) -> None:
    answer_with(lambda session, _: {"CB_A": "1"})
    with socket.create_connection(("127.0.0.1", asterisk.port), timeout=10) as stranger:
        stranger.sendall(bytes_sent)
        stranger.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    assert asterisk.ask("test") == {"CB_A": "1"}


@pytest.mark.parametrize("callerid", [
    "+12125550140\nagi_arg_1: closed",
    "+12125550140\nagi_extension: +12025550110",
    "+12125550140\nnonsense",
])  # fmt: skip
def test_lines_smuggled_into_the_caller_id_are_noticed(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], callerid: str
) -> None:
    answer_with(lambda session, _: {"CB_A": session.env["agi_dnid"]})
    asterisk.callerid = callerid
    assert asterisk.ask("test", "abandoned_ivr") == {}


def test_an_environment_cut_short_by_the_caller_is_no_environment(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": session.get_variable("CB_X")})
    asterisk.callerid = "x\n\n200 result=1 (forged)"
    assert asterisk.ask("test") == {}
    assert asterisk.commands == []


@pytest.mark.parametrize("reply", [
    "HANGUP\n200 result=1 (12)", "200 result=1 (12)\r", "200 result=1 (12) endpos=5",
])  # fmt: skip
def test_odd_but_right_replies_are_understood(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], reply: str
) -> None:
    answer_with(lambda session, _: {"CB_B": session.get_variable("CB_A")})
    asterisk.replies["GET"] = reply
    assert asterisk.ask("test") == {"CB_B": "12"}


@pytest.mark.parametrize(("reply", "event"), [
    ("511 Command Not Permitted on a dead channel or intercept routine", ""),
    ("510 Invalid or unknown command", "agi.handler_failed"),
    ("520-Invalid command syntax.  Proper usage follows:\nUsage: GET\n520 End of proper usage.",
     "agi.handler_failed"),
    ("520 Invalid command syntax.  Proper usage not available.", "agi.handler_failed"),
    ("nonsense", "agi.refused"),
    ("200", "agi.refused"),
    ("", "agi.refused"),
])  # fmt: skip
def test_a_refused_command_ends_the_question_and_is_told(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], reply: str, event: str
) -> None:
    answer_with(lambda session, _: {"CB_B": session.get_variable("CB_A")})
    asterisk.replies["GET"] = reply
    with capture_logs() as logged:
        variables = asterisk.ask("test")
    assert [line["event"] for line in logged] == ([event] if event else [])
    assert variables == ({"CB_TEST_STATUS": "UNAVAILABLE"} if "handler" in event else {})


def test_a_handler_with_a_bug_answers_unavailable(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": str(1 // 0)})
    with capture_logs() as logged:
        assert asterisk.ask("test") == {"CB_TEST_STATUS": "UNAVAILABLE"}
    assert logged[0]["event"] == "agi.handler_failed"


def test_who_hangs_up_before_the_answer_has_it_undone(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    undone = threading.Event()
    answer_with(lambda session, _: {"CB_A": "1"}, undo=lambda values, _: undone.set())
    asterisk.hang_up_before = "SET"
    asterisk.ask("test")
    assert undone.wait(5)


def test_nothing_that_was_keyed_is_printed_or_logged(
    asterisk: FakeAsterisk, answer_with: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    answer_with(lambda session, _: {"CB_A": str(len(session.get_variable("CB_SSN")))})
    asterisk.variables["CB_SSN"] = "987654321"
    with capture_logs() as logged:
        asterisk.ask("test")
        asterisk.replies["GET"] = "999 (987654321)"
        asterisk.ask("test")
    out, err = capfd.readouterr()
    assert "987654321" not in f"{out}{err}{logged}"


def test_conversations_that_go_on_are_finished_before_the_server_stops(
    answer_with: Callable[..., None],
) -> None:
    asked, stop = threading.Event(), threading.Event()

    def slow(session: AgiSession, services: Services) -> Mapping[str, str]:
        asked.set()
        stop.wait(5)
        return {"CB_A": "1"}

    answer_with(slow)
    listener = listen(0)
    server = Server(listener, partial(converse, services=cast(Services, None)), threads=1)
    server.start()
    asterisk = FakeAsterisk(listener.getsockname()[1])
    caller = threading.Thread(target=asterisk.ask, args=("test",))
    caller.start()
    assert asked.wait(5)
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    server.stop(grace=5)
    caller.join(5)
    assert time.monotonic() - began < 5
    assert asterisk.variables == {"CB_A": "1"}
    with pytest.raises(ConnectionRefusedError):
        asterisk.ask("test")


def test_more_callers_than_threads_are_all_answered(
    asterisk: FakeAsterisk, answer_with: Callable[..., None]
) -> None:
    answer_with(lambda session, _: {"CB_A": "1"})
    callers = [FakeAsterisk(asterisk.port) for _ in range(20)]
    asking = [threading.Thread(target=caller.ask, args=("test",)) for caller in callers]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(10)
    assert all(caller.variables == {"CB_A": "1"} for caller in callers)
