"""Ports for SIPp runs: free ones, each given out once."""

from __future__ import annotations

import socket
from pathlib import Path

_given: set[int] = set()


def free_port(host: str = "127.0.0.1", *, block: int = 1) -> int:
    """The first of ``block`` UDP ports that nobody of ``host`` uses now; none is given twice."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
            first: int = probe.getsockname()[1]
        ports = set(range(first, first + block))
        if first % 2 == 0 and not ports & _given and all(_is_free(host, port) for port in ports):
            _given.update(ports)
            return first


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except (OSError, OverflowError):
            return False
    return True


def is_bound(port: int) -> bool:
    """Whether a process of this machine listens on a UDP port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(int(line.split()[1].split(":")[1], 16) == port for line in lines)
