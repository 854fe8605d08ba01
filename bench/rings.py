"""When an agent's phone rang: the arrival of each INVITE, from the phone's own log."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

#: One entry of SIPp's ``-trace_msg``: when, in local time, and what came in.
RECEIVED = re.compile(
    r"^-{40,} (?P<at>\S+ \S+)\nUDP message received[^\n]*\n\n(?P<text>.*?)(?=^-{40,} |\Z)",
    re.MULTILINE | re.DOTALL,
)
CALL = re.compile(r"^X-CB-Call-Id: *(\S+)", re.MULTILINE | re.IGNORECASE)


def ring_times(log: Path) -> dict[str, float]:
    """Call id -> arrival of its first INVITE, milliseconds since 1970."""
    return rings_in(log.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n"))


def rings_in(text: str) -> dict[str, float]:
    """The same from the log's text."""
    times: dict[str, float] = {}
    for entry in RECEIVED.finditer(text):
        message = entry["text"]
        call = CALL.search(message)
        if message.startswith("INVITE ") and call:
            at = datetime.strptime(entry["at"], "%Y-%m-%d %H:%M:%S.%f").astimezone()
            times.setdefault(call[1], at.timestamp() * 1000)
    return times
