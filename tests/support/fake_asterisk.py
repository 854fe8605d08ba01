"""Asterisk's side of FastAGI over TCP, for questions that need no telephone."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

_SET = re.compile(r'SET VARIABLE "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')
_GET = re.compile(r'GET VARIABLE "([^"]*)"')
_MSET = re.compile(r'EXEC MSet "([^"\\]*)"')


@dataclass
class FakeAsterisk:
    """One channel: its variables live through several questions, as a caller's do.

    Attributes:
        port: where the FastAGI server listens.
        dialled: the number dialled.
        callerid: the caller's number.
        variables: channel variables; answers are found here.
        commands: what the server of the last question sent.
        replies: Asterisk's reply to a command that begins so, in place of the right one.
        hang_up_before: goes away when a command that begins so comes.
    """

    port: int
    dialled: str = "+12025550100"
    callerid: str = "unknown"
    variables: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    hang_up_before: str = "\0"

    def ask(self, question: str, *arguments: str, **more: str) -> dict[str, str]:
        """Ask a question to the end; answer the channel variables. ``more`` adds to the lines."""
        return self.send(self.environment(question, *arguments, **more))

    def environment(self, question: str, *arguments: str, **more: str) -> bytes:
        """The lines with which Asterisk 22 begins."""
        lines = {
            "network": "yes",
            "network_script": question,
            "request": f"agi://127.0.0.1:{self.port}/{question}",
            "channel": "PJSIP/trunk-00000001",
            "language": "en",
            "type": "PJSIP",
            "uniqueid": "test-1795355836.1",
            "version": "22.10.1",
            "callerid": self.callerid,
            "calleridname": "unknown",
            "callingpres": "0",
            "callingani2": "0",
            "callington": "0",
            "callingtns": "0",
            "dnid": self.dialled,
            "rdnis": "unknown",
            "context": "sub-ask",
            "extension": "s",
            "priority": "4",
            "enhanced": "0.0",
            "accountcode": "",
            "threadid": "140000000000000",
            **more,
            **{f"arg_{n}": argument for n, argument in enumerate(arguments, 1)},
        }
        return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"

    def send(self, environment: bytes) -> dict[str, str]:
        """Send these bytes and answer the server's commands until it closes."""
        self.commands = []
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(environment)
            try:
                for line in connection.makefile("r", encoding="utf-8", newline="\n"):
                    self.commands.append(line.rstrip("\n"))
                    if line.startswith(self.hang_up_before):
                        break
                    connection.sendall(f"{self._reply(line.rstrip())}\n".encode())
            except ConnectionError:  # it closed with something of ours unread
                pass
        return self.variables

    def _reply(self, command: str) -> str:
        for beginning, reply in self.replies.items():
            if command.startswith(beginning):
                return reply
        if match := _GET.fullmatch(command):
            value = self.variables.get(match[1], "")
            return f"200 result=1 ({value})" if value else "200 result=0"
        if match := _SET.fullmatch(command):
            self.variables[match[1]] = re.sub(r"\\(.)", r"\1", match[2])
            return "200 result=1"
        if match := _MSET.fullmatch(command):
            self.variables.update(pair.split("=", 1) for pair in match[1].split(","))
            return "200 result=0"
        return "510 Invalid or unknown command"
