"""One AGI conversation. This is the only module that knows pyst2.

pyst2's class installs a signal handler, prints every line (with the digits) to standard error, does
not escape quotes or line ends, and takes a hang-up for a ValueError. The methods here replace those
parts; its command methods (``set_variable``, ``get_variable``, ``appexec``, …) stay.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from asterisk.agi import AGI, AGIInvalidCommand, AGIUsageError

#: Asterisk reads a command into 2,048 bytes; the rest of a longer one would be another command.
LONGEST_COMMAND = 2000
#: The environment has about 25 short lines; no honest one comes near this, bytes.
LONGEST_ENVIRONMENT = 16_384
LONGEST_REPLY = 8_192

_ENVIRONMENT = re.compile(r"^(agi_\w+): ?(.*)$", re.MULTILINE)
_SCRIPT = re.compile(rb"^agi_network_script: ?/?([^\n]*?)/?$", re.MULTILINE)
_RESULT = re.compile(r"200 result=(\S*)(?: \((.*)\))?(?: endpos=\d+)?")
_VARIABLE = re.compile(r"CB_[A-Z0-9_]{1,40}")
#: Values that ``MSet`` takes as they are: no comma, quote, backslash, semicolon or space.
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./+:@-]*")


class CallHungUp(Exception):
    """The caller hung up, or Asterisk went away, before the answer was complete."""


class ProtocolError(Exception):
    """Asterisk, or somebody who pretends to be, did not speak AGI."""


class BadQuestion(Exception):
    """The question cannot be answered as it was asked; the caller goes on without."""


class AgiSession(AGI):  # type: ignore[misc]
    """A conversation over a connected socket; ``question`` is the path of its URL, ``open-call``.

    Raises:
        CallHungUp: the connection ended while the environment was read.
        ProtocolError: the environment does not end, or is of no FastAGI.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unread = b""
        self._got_sighup = False  # pyst2 looks at it before each command
        self.call = ""  # the call's id once a handler has looked it up, for the log
        self._environment = self._read_environment()
        # It stands before everything that a caller has a say in.
        script = _SCRIPT.search(self._environment)
        if script is None:
            raise ProtocolError("there is no question")
        self.question = script[1].decode("utf-8", "replace")

    @cached_property
    def env(self) -> dict[str, str]:
        """What Asterisk said about the call, by name: ``agi_callerid``, ``agi_extension``, …

        Raises:
            ProtocolError: it said something that it cannot have said.
        """
        lines = _ENVIRONMENT.findall(self._environment.decode("utf-8", "replace"))
        env = dict(lines)
        # A name that comes twice was smuggled in with a line end, by the caller.
        if not len(env) == len(lines) == self._environment.count(b"\n") + 1:
            raise ProtocolError("a line of the environment is not one of Asterisk's")
        return env

    @property
    def argument(self) -> str:
        """The first argument after the URL, empty without one."""
        return self.env.get("agi_arg_1", "")

    def set_variables(self, values: Mapping[str, str]) -> None:
        """Set channel variables; several in one command, where their values allow it."""
        for name in values:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"{name!r} is not a channel variable of ours")
        plain = {name: text for name, text in values.items() if _PLAIN_VALUE.fullmatch(text)}
        if len(plain) > 1:
            self.appexec("MSet", ",".join(f"{name}={text}" for name, text in plain.items()))
            values = {name: text for name, text in values.items() if name not in plain}
        for name, text in values.items():
            self.set_variable(name, text)

    def send_command(self, command: str, *args: object) -> None:
        """Send one command line."""
        if self._unread.strip() not in (b"", b"HANGUP"):
            raise ProtocolError("a reply came before the command")
        line = " ".join((command, *map(str, args)))
        encoded = line.encode("utf-8", "replace")
        if len(encoded) > LONGEST_COMMAND or not line.isprintable():
            raise ValueError(f"the arguments of {command} do not fit one line")
        try:
            self._connection.sendall(encoded + b"\n")
        except OSError as error:
            raise CallHungUp from error

    def get_result(self, *_ignored: object) -> dict[str, Any]:
        """The reply to the last command: ``{"result": (value, data)}``.

        A ``HANGUP`` line in between changes nothing: Asterisk goes on answering after it.
        """
        line = self._read_line()
        while line == "HANGUP":
            line = self._read_line()
        if match := _RESULT.fullmatch(line):
            return {"result": (match[1], match[2] or "")}
        if line.startswith("511"):  # not permitted on a channel that has hung up
            raise CallHungUp
        if line.startswith("510"):
            raise AGIInvalidCommand("Asterisk does not know the command")
        if line.startswith("520-"):
            while not line.startswith("520 "):
                line = self._read_line()
        if line.startswith("520"):
            raise AGIUsageError("Asterisk does not accept the command's arguments")
        raise ProtocolError("the reply is not one of AGI")

    def _quote(self, value: object) -> str:
        """``value`` as one quoted argument; what cannot be printed becomes a space."""
        text = str(value)
        if not text.isprintable():
            text = "".join(c if c.isprintable() else " " for c in text)
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _read_environment(self) -> bytes:
        data = self._receive()
        while (end := data.find(b"\n\n")) < 0:
            if len(data) > LONGEST_ENVIRONMENT:
                raise ProtocolError("the environment does not end")
            data += self._receive()
        self._unread = data[end + 2 :]
        return data[:end]

    def _read_line(self) -> str:
        data = self._unread or self._receive()
        while (end := data.find(b"\n")) < 0:
            if len(data) > LONGEST_REPLY:
                raise ProtocolError("the reply does not end")
            data += self._receive()
        self._unread = data[end + 1 :]
        return data[:end].decode("utf-8", "replace").rstrip("\r")

    def _receive(self) -> bytes:
        try:
            data = self._connection.recv(4096)
        except OSError as error:  # reset by Asterisk, or silent for longer than the socket allows
            raise CallHungUp from error
        if not data:
            raise CallHungUp
        return data
