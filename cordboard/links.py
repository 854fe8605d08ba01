"""Which address an agent may push as free text: one of the company's own hosts, and nothing odd.

What a browser and we read differently is refused (back-slashes, user names, control characters), so
that the host that was checked is the host that is shown. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

LONGEST = 500
_ODD = re.compile(r"[\x00-\x20\x7f\\\"<>^`{|}]|[^\x00-\x7f]")


def refusal(url: str, hosts: Sequence[str]) -> str:
    """Why this address may not be pushed, as a sentence that says what to do; "" when it may.

    Args:
        url: as the agent typed it, without space around it.
        hosts: the subscriber's ``link_hosts``; ``.example.com`` stands for all hosts below it.

    >>> refusal("https://shop.example.com/a", [".example.com"])
    ''
    >>> refusal("javascript:alert(1)", [".example.com"])
    'Only addresses that begin with https:// or http:// can be pushed.'
    """
    if not re.match(r"https?://", url, re.IGNORECASE):
        return "Only addresses that begin with https:// or http:// can be pushed."
    if len(url) > LONGEST:
        return f"An address has {LONGEST} characters at most. Push one of the pages instead."
    if _ODD.search(url):
        return "This address has a character that none may have. Copy it from the browser again."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "This is not a complete address. Copy it from the browser again."
    if not host or "@" in parts.netloc:
        return "An address may not carry a name or a password. Take out what stands before the @."
    if not any(_covers(allowed.lower(), host) for allowed in hosts):
        listed = ", ".join(hosts) or "none yet"
        return (
            f"{host} is not on this company's list of hosts ({listed}). Push one of the pages, or "
            "ask operations to add the host."
        )
    return ""


def _covers(allowed: str, host: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed
