"""Options that all SIPp processes of the benchmarks share."""

from __future__ import annotations

from cordboard.sipp.ports import free_port


def own(host: str, port: int = 0) -> list[str]:
    """An address and ports of its own, and no keyboard; ``port`` 0 takes a free one for SIP."""
    options = ["-i", host, "-p", str(port or free_port(host)), "-nostdin"]
    # Media and remote control, neither of which is used, or they would meet on SIPp's defaults.
    return [*options, "-mp", str(free_port(host)), "-cp", str(free_port(host))]
