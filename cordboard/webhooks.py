"""Webhooks without any I/O: what is sent, how it is signed, where it may go, when again.

``docs/webhooks.md`` tells receivers how to verify; :func:`verify` is what it shows.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

#: Seconds from one failed try to the next; after the last of these the delivery is dead.
BACKOFF_S = (1, 5, 30, 300, 1800, 7200, 21_600, 43_200)

#: A receiver refuses a signature older than this, seconds.
TOLERANCE_S = 300

SIGNATURE_HEADER = "X-CB-Signature"

#: The receiver does not want any more of these.
GONE = 410

#: Networks that are global by their own numbers and lead to others: IPv4 in IPv6.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

_HEADER = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def body(
    delivery: str, event: str, subscriber: str, created: datetime, data: dict[str, Any]
) -> bytes:
    """The JSON that is sent; each try of a delivery sends the same bytes."""
    return orjson.dumps(
        {
            "id": delivery,
            "event": event,
            "business": subscriber,
            "created_at": created,
            "data": data,
        },
        option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS,
    )


def signature(key: bytes, sent: bytes, now_s: int) -> str:
    """Value of ``X-CB-Signature``: ``t=<unix>,v1=<HMAC-SHA256 over "t.body", hexadecimal>``."""
    return f"t={now_s},v1={_mac(key, sent, now_s)}"


def _mac(key: bytes, sent: bytes, at_s: int) -> str:
    return hmac.new(key, f"{at_s}.".encode() + sent, hashlib.sha256).hexdigest()


def verify(key: bytes, header: str, received: bytes, now_s: int) -> bool:
    """Whether a receiver may believe it: signed with the key, within ``TOLERANCE_S``."""
    parts = _HEADER.fullmatch(header)
    if parts is None or abs(now_s - int(parts[1])) > TOLERANCE_S:
        return False
    return hmac.compare_digest(_mac(key, received, int(parts[1])), parts[2])


def next_try(attempts: int, status: int | None = None) -> int | None:
    """Seconds until the next try after ``attempts`` failed ones; None: it is dead."""
    if status == GONE or attempts > len(BACKOFF_S):
        return None
    return BACKOFF_S[max(attempts, 1) - 1]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, under whatever disguise."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.is_site_local:
            return False
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def refused_addresses(addresses: Iterable[str]) -> list[str]:
    """Those to which nothing may be sent: loopback, private, link-local and the like."""
    return [address for address in addresses if not is_public(address)]
