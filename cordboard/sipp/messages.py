"""The SIP messages of a SIPp run, read from its ``-trace_msg`` log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ENTRY = re.compile(
    r"^-{40,} [^\n]*\nUDP message (?P<way>sent|received)[^\n]*\n\n(?P<text>.*?)(?=^-{40,} |\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message as it was on the wire."""

    received: bool
    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def method(self) -> str:
        """Method of a request, else the status code of a response ("200")."""
        first, second, *_ = [*self.start.split(" "), ""]
        return second if first.startswith("SIP/") else first

    def header(self, name: str) -> str:
        """First value of a header, or ""; names are compared as SIP does, without case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    @property
    def call_id(self) -> str:
        """The dialogue it belongs to."""
        return self.header("Call-ID")

    def custom(self) -> dict[str, str]:
        """What was attached to the call: the ``X-CB-…`` headers and User-to-User."""
        return {
            name: value
            for name, value in self.headers
            if name.lower().startswith("x-cb-") or name.lower() == "user-to-user"
        }


def parse(text: str, *, received: bool) -> Message:
    """One message from its text."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    start, *lines = head.split("\n")
    headers = tuple(
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
    )
    return Message(received, start.strip(), headers, body)


def read(log: Path) -> list[Message]:
    """All messages so far, in order; none when the log is not there yet."""
    if not log.exists():
        return []
    text = log.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    return [
        parse(match["text"], received=match["way"] == "received") for match in ENTRY.finditer(text)
    ]
