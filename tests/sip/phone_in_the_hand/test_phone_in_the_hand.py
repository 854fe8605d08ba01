"""``cordboard phone`` answers the agent's and the customer's call, keys what is typed, hangs up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from cordboard.agent_state import State
from cordboard.sipp import eventually
from support.callbacks import Callback
from support.people import ACCOUNT_LINE, ROSA
from support.world import Given


class Telephone:
    """A running ``cordboard phone``."""

    def __init__(self, given: Given, folder: Path, *arguments: str) -> None:
        settings = given.settings
        self._file = folder / f"phone{len(arguments)}.txt"
        base = str(settings.port_base)
        with self._file.open("w") as out:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("cordboard"), "phone", *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                env={
                    **os.environ,
                    "CORDBOARD_INSTANCE": settings.instance,
                    "CORDBOARD_PORT_BASE": base,
                    "PYTHONUNBUFFERED": "1",
                },
            )

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def says(self, text: str) -> None:
        eventually(lambda: text in self._file.read_text(), within=30, what=f"it says {text!r}")

    def put_away(self) -> int:
        """Ctrl-D; answers the exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(20)

    def close(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(5)


@pytest.fixture
def end() -> Iterator[ExitStack]:
    with ExitStack() as end:
        yield end


def test_both_ends_of_a_call(given: Given, tmp_path: Path, end: ExitStack) -> None:
    agent = Telephone(given, tmp_path, "gus")
    end.callback(agent.close)
    customer = Telephone(given, tmp_path)
    end.callback(customer.close)
    agent.says("phone-gus is registered")
    customer.says("Any number outside is answered here")
    gus = given.remote_agent("gus")
    eventually(lambda: gus.field("registered") == "1", what="the app sees the phone")

    call = Callback(given.database, given.redis, {"number": ROSA.phone, "subject": "ORDERS"})
    end.callback(call.take_back)
    customer.says(f"It rings: {ROSA.phone} is called by")
    agent.says("You are connected.")
    agent.type("# ")
    given.becomes(call, state="connected")
    agent.type("*12#")
    eventually(
        lambda: [data["title"] for kind, data in call.told() if kind == "page.pushed"],
        what="a page is pushed",
    )
    customer.type("")
    call.becomes("answered")
    agent.says("The call is over.")
    gus.becomes(State.WRAP_UP)
    assert (agent.put_away(), customer.put_away()) == (0, 0)


def test_a_second_end_of_the_trunk(given: Given, tmp_path: Path, end: ExitStack) -> None:
    given.network_opens()
    second = Telephone(given, tmp_path)
    end.callback(second.close)
    second.says("somebody else is at the other end of the trunk")
    assert second.put_away() == 1


def test_a_caller_reads_what_is_said(given: Given, tmp_path: Path, end: ExitStack) -> None:
    caller = Telephone(given, tmp_path, "--dial", ACCOUNT_LINE)
    end.callback(caller.close)
    caller.says("Welcome to Halyard Telecom.")
    caller.says("Please enter your account number, then press pound.")
    caller.type("12#")
    caller.says("Sorry, that does not look right.")
    caller.type("")
    caller.says("The call is over.")
    assert caller.put_away() == 0


def test_a_number_that_nobody_has(given: Given, tmp_path: Path, end: ExitStack) -> None:
    caller = Telephone(given, tmp_path, "--dial", "+12025550199")
    end.callback(caller.close)
    caller.says("The number you have dialed is not in service.")
    caller.says("+12025550199 was not connected: 404 Not Found")
    assert caller.put_away() == 1


def test_an_agent_who_has_no_phone(given: Given, tmp_path: Path, end: ExitStack) -> None:
    nobody = Telephone(given, tmp_path, "nobody")
    end.callback(nobody.close)
    nobody.says("phone-nobody could not register")
    assert nobody.put_away() == 1
