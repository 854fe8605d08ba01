"""A load of FastAGI questions: the part of Asterisk, as many conversations at once as asked.

Each question is a connection of its own, as Asterisk makes it: the ``agi_…`` lines, then an answer
to each command until the server closes. Bare sockets and one ``epoll``, and each command's answer
made up only once: asyncio, even on uvloop, was so slow a client that it hid half of the difference
between servers.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.stage import NotMeasured

#: Longest silence of all conversations together, seconds.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """One AGI question.

    Attributes:
        script: name of the handler, ``verify-account``.
        answer: the variable that the right answer sets, and its value.
        variables: channel variables as ``GET VARIABLE`` finds them.
    """

    script: str
    answer: tuple[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)

    def request(self, port: int) -> bytes:
        """The lines with which Asterisk opens the conversation."""
        lines = {
            "network": "yes",
            "network_script": self.script,
            "request": f"agi://127.0.0.1:{port}/{self.script}",
            "channel": "PJSIP/trunk-00000001",
            "language": "en",
            "type": "PJSIP",
            "uniqueid": "1700000000.1",
            "version": "22.10.1",
            "callerid": "+12125550140",
            "calleridname": "unknown",
            "dnid": "unknown",
            "context": "from-trunk",
            "extension": "+12025550100",
            "priority": "1",
            "enhanced": "0.0",
            "accountcode": "",
            "threadid": "140000000000000",
        }
        return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"

    def is_answered_by(self, commands: bytes) -> bool:
        """Whether one of these commands sets the right answer."""
        name, value = self.answer
        return re.search(rf"\b{name}\W+{value}\b".encode(), commands) is not None

    def reply(self, command: bytes) -> bytes:
        """What Asterisk answers to one command line."""
        verb, _, rest = command.partition(b"VARIABLE ")
        if verb.strip().upper() != b"GET":
            return b"200 result=1\n"
        value = self.variables.get(rest.strip().strip(b'"').decode())
        return b"200 result=0\n" if value is None else f"200 result=1 ({value})\n".encode()


class Load:
    """Conversations with one server; every command that differs is kept in ``heard``, in order."""

    def __init__(self, question: Question, port: int) -> None:
        self._question, self._port = question, port
        self._request = question.request(port)
        self._epoll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        self._halves: dict[int, bytes] = {}
        self.heard: dict[bytes, bytes] = {}

    def run(self, concurrency: int, count: int) -> float:
        """Ask ``count`` times, ``concurrency`` at once; answer questions per second.

        Raises:
            NotMeasured: the server fell silent, or refused.
        """
        started = time.perf_counter()
        for _ in range(min(concurrency, count)):
            self._ask()
        left = count - len(self._open)
        while self._open:
            ready = self._epoll.poll(PATIENCE)
            if not ready:
                raise NotMeasured(f"{self._question.script}: no answer on port {self._port}")
            for number, _ in ready:
                if self._hear(number) and left:
                    left -= 1
                    self._ask()
        return count / (time.perf_counter() - started)

    def _ask(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        connection.send(self._request)
        self._open[connection.fileno()] = connection
        self._epoll.register(connection.fileno(), select.EPOLLIN)

    def _hear(self, number: int) -> bool:
        """Answer what one server connection sent; whether it was the end of the conversation."""
        connection = self._open[number]
        data = self._halves.pop(number, b"") + (sent := connection.recv(4096))
        if not sent:
            del self._open[number]
            connection.close()
            return True
        if not data.endswith(b"\n"):
            self._halves[number] = data
            return False
        reply = self.heard.get(data)
        if reply is None:
            reply = b"".join(map(self._question.reply, data.splitlines()))
            self.heard[data] = reply
        connection.send(reply)
        return False


def commands_of(question: Question, port: int) -> list[bytes]:
    """The commands that the server on ``port`` gives when it is asked this question.

    Raises:
        NotMeasured: it answered something else than expected.
    """
    load = Load(question, port)
    load.run(concurrency=1, count=1)
    said = b"".join(load.heard)
    if not question.is_answered_by(said):
        raise NotMeasured(f"{question.script} answered {said.decode()!r}, not {question.answer}")
    return list(load.heard)


def answers_per_second(question: Question, port: int, *, concurrency: int, count: int) -> float:
    """Ask ``count`` times, ``concurrency`` at once; answer how many were answered in a second.

    Raises:
        NotMeasured: a question was not answered, or otherwise than expected.
    """
    load = Load(question, port)
    try:
        rate = load.run(concurrency, count)
    except OSError as error:
        raise NotMeasured(f"{question.script} on port {port}: {error!r}") from error
    if any(b"UNAVAILABLE" in command for command in load.heard):
        raise NotMeasured(f"{question.script}: some questions were answered UNAVAILABLE")
    return rate
