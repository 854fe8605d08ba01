"""One AGI conversation. This is the only module that knows pyst2.

pyst2's class installs a signal handler, prints every line (with the digits) to standard error, does
not escape quotes or line ends, and takes a hang-up for a ValueError. The methods here replace those
parts; its command methods (``set_variable``, ``get_variable``, ``appexec``, …) stay.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from typing import Any

from asterisk.agi import AGI, AGIInvalidCommand, AGIUsageError

#: Asterisk reads a command into 2,048 bytes; the rest of a longer one would be another command.
LONGEST_COMMAND = 2000
#: The environment has about 25 short lines; no honest one comes near this, bytes.
LONGEST_ENVIRONMENT = 16_384
LONGEST_REPLY = 8_192

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_REPLY = re.compile(r"result=(\S*)(?: \((.*)\))?(?: endpos=\d+)?")
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
    """A conversation over a connected socket; ``env`` is what Asterisk said about the call.

    Raises:
        CallHungUp: the connection ended while the environment was read.
        ProtocolError: the environment is not one.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unread = b""
        self._got_sighup = False  # pyst2 looks at it before each command
        self.hung_up = False
        self.call = ""  # the call's id once a handler has looked it up, for the log
        self.env = self._read_environment()

    @property
    def question(self) -> str:
        """The path of the URL, without slashes: ``open-call``."""
        return self.env.get("agi_network_script", "").strip("/")

    @property
    def argument(self) -> str:
        """The first argument after the URL, empty without one."""
        return self.env.get("agi_arg_1", "")

    def set_variables(self, values: Mapping[str, str]) -> None:
        """Set channel variables, in one command where their values allow it."""
        plain = {k: v for k, v in values.items() if _PLAIN_VALUE.fullmatch(v)}
        for name in values:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"{name!r} is not a channel variable of ours")
        if len(plain) > 1:
            self.appexec("MSet", ",".join(f"{name}={value}" for name, value in plain.items()))
            values = {name: value for name, value in values.items() if name not in plain}
        for name, value in values.items():
            self.set_variable(name, value)

    def send_command(self, command: str, *args: object) -> None:
        """Send one command line."""
        line = " ".join([command, *map(str, args)])
        encoded = line.encode("utf-8", "replace")
        if len(encoded) > LONGEST_COMMAND or _CONTROL.search(line):
            raise ValueError(f"the arguments of {command} do not fit one line")
        try:
            self._connection.sendall(encoded + b"\n")
        except OSError as error:
            raise CallHungUp from error

    def get_result(self, *_ignored: object) -> dict[str, Any]:
        """The reply to the last command: ``{"result": (value, data)}``.

        A ``HANGUP`` line in between is remembered; Asterisk goes on answering after it.
        """
        line = self._read_line()
        while line == "HANGUP":
            self.hung_up = True
            line = self._read_line()
        code, _, rest = line.partition(" ")
        if code == "200" and (match := _REPLY.fullmatch(rest)):
            return {"result": (match[1], match[2] or "")}
        if code == "511":  # not permitted on a channel that has hung up
            raise CallHungUp
        if code == "510":
            raise AGIInvalidCommand("Asterisk does not know the command")
        if line.startswith("520-"):
            while not line.startswith("520 "):
                line = self._read_line()
        if line.startswith("520"):
            raise AGIUsageError("Asterisk does not accept the command's arguments")
        raise ProtocolError("the reply is not one of AGI")

    def _quote(self, value: object) -> str:
        """``value`` as one quoted argument; control characters become spaces."""
        text = _CONTROL.sub(" ", str(value))
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _read_environment(self) -> dict[str, str]:
        while b"\n\n" not in self._unread:
            if len(self._unread) > LONGEST_ENVIRONMENT:
                raise ProtocolError("the environment does not end")
            self._receive()
        head, _, self._unread = self._unread.partition(b"\n\n")
        env: dict[str, str] = {}
        for line in head.decode("utf-8", "replace").split("\n"):
            name, colon, value = line.partition(":")
            # A name that comes twice was smuggled in with a line end, by the caller.
            if not colon or not name.startswith("agi_") or name in env:
                raise ProtocolError("a line of the environment is not one of Asterisk's")
            env[name] = value.strip()
        return env

    def _read_line(self) -> str:
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_REPLY:
                raise ProtocolError("the reply does not end")
            self._receive()
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def _receive(self) -> None:
        try:
            data = self._connection.recv(4096)
        except OSError as error:  # reset by Asterisk, or silent for longer than the socket allows
            raise CallHungUp from error
        if not data:
            raise CallHungUp
        self._unread += data
