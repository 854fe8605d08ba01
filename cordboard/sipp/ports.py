"""Ports for SIPp runs: free ones, each given out once."""

from __future__ import annotations

import socket
from pathlib import Path

_given: set[int] = set()


def free_port(host: str = "127.0.0.1") -> int:
    """A UDP and TCP port of ``host`` that nobody uses now; never the same one twice."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
            port: int = probe.getsockname()[1]
        if port % 2 == 0 and port not in _given:
            _given.add(port)
            return port


def is_bound(port: int) -> bool:
    """Whether a process of this machine listens on a UDP port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(int(line.split()[1].split(":")[1], 16) == port for line in lines)
