"""Which business asks: HTTP Basic with its secret, or a signature made with its signing key."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from flask import request

from cordboard.secrets import UnsealError, hash_secret, unseal
from db.queries import sql
from webdesk.api import body, data
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.store import Json

log = structlog.get_logger(__name__)

#: A signature is good so long before and after its timestamp, seconds.
WINDOW_S = 300

CHALLENGE = 'Basic realm="cordboard", charset="UTF-8"'

_BUSINESS = re.compile(r"[a-z][a-z0-9-]{1,31}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Business:
    """Who asks: a subscriber, by one of its live secrets."""

    id: int
    code: str
    name: str
    time_zone: str
    label: str


def authenticate() -> Business:
    """The business behind this request.

    Raises:
        Problem: 401, nobody, or not with a live secret; 403, the secret came in the clear.
    """
    if "X-CB-Signature" in request.headers:
        found = _signed()
    elif request.authorization and request.authorization.type == "basic":
        found = _basic(request.authorization.username or "", request.authorization.password or "")
    else:
        raise _unproved(
            "credentials-missing", "Send your business id and secret, or sign the request."
        )
    structlog.contextvars.bind_contextvars(business=found.code)
    return found


def _basic(business: str, secret: str) -> Business:
    if not in_private():
        raise Problem(
            403,
            "tls-needed",
            "The secret came over a connection that is not encrypted: ask by https, and make a new"
            " secret, since others may have read this one.",
        )
    offered = hash_secret(secret)
    for row in _live(business):
        if hmac.compare_digest(bytes(row["secret_hash"]), offered):
            return _business(row)
    raise _unproved("wrong-secret", "There is no such business id with this secret.")


def in_private() -> bool:
    """Whether nobody between can read this: TLS, also up to a trusted proxy, or loopback."""
    if request.is_secure:
        return True
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:  # a proxy may write what it likes: `unknown`, a port
        return False


def _signed() -> Business:
    headers = request.headers
    stamp = headers.get("X-CB-Timestamp", "")
    if not _TIMESTAMP.fullmatch(stamp) or abs(time.time() - int(stamp)) > WINDOW_S:
        raise _unproved(
            "stale-signature",
            f"X-CB-Timestamp must be the present in seconds since 1970, to {WINDOW_S} seconds:"
            " look at your clock, and sign each request anew.",
        )
    message = signed_text(request.method, _target(), stamp, body.sent())
    offered = headers.get("X-CB-Signature", "").encode()
    key = services().settings.secret_key.get_secret_value()
    for row in _live(headers.get("X-CB-Business", "")):
        expected = sign(_signing_key(bytes(row["signing_key"]), key), message)
        if hmac.compare_digest(expected.encode(), offered):
            return _business(row)
    raise _unproved(
        "wrong-signature", "The signature is not one of this business id; see docs/api.md."
    )


def signed_text(method: str, target: str, timestamp: str, content: bytes) -> bytes:
    """What is signed, four lines: method, path with query, timestamp, SHA-256 of the body."""
    return "\n".join((method, target, timestamp, hashlib.sha256(content).hexdigest())).encode()


def sign(key: bytes, message: bytes) -> str:
    """HMAC-SHA256, hexadecimal."""
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _target() -> str:
    """Path and query as they were sent, before anybody decoded them."""
    raw: str = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
    if raw.startswith("/"):
        return raw
    parts = urlsplit(raw)  # a proxy may send the whole address
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _signing_key(sealed: bytes, secret_key: str) -> bytes:
    try:
        return unseal(sealed, secret_key)
    except UnsealError as error:
        log.error("signing key unreadable", error=str(error))
        return os.urandom(32)


def _live(business: str) -> list[Json]:
    """The live secrets of a business, none of an unknown one."""
    known = business if _BUSINESS.fullmatch(business) else ""
    return data.rows(sql.business_secrets, business=known)


def _business(row: Json) -> Business:
    return Business(row["id"], row["code"], row["name"], row["timezone"], row["label"])


def _unproved(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": CHALLENGE})
