"""The code that is spoken in a call and typed on a page: six digits, stored as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

DIGITS = 6

_CODE = re.compile(r"[0-9]{6}")


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def hash_code(code: str, key: bytes) -> bytes:
    """HMAC-SHA256 of the digits: as they are stored and compared.

    Raises:
        ValueError: not six digits, or an empty key; the message does not repeat them.
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"a code has {DIGITS} digits")
    if not key:
        raise ValueError("the key of the code's hash is empty")
    return hmac.new(key, b"web-code " + code.encode("ascii"), hashlib.sha256).digest()
