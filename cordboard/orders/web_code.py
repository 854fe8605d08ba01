"""The code that is spoken in a call and typed on a page: six digits, stored as a keyed hash.

Call control makes it and the web checks it, in processes of their own: both hash it here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from cordboard.settings import Settings

DIGITS = 6

_CODE = re.compile(r"[0-9]{6}")


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


class NotACode(ValueError):
    """Not six digits; the message does not repeat them."""


def hash_code(code: str, settings: Settings) -> bytes:
    """HMAC-SHA256 of the digits: as they are stored and compared.

    Raises:
        NotACode: it cannot be one.
        ValueError: ``CORDBOARD_SSN_KEY`` is empty.
    """
    if not _CODE.fullmatch(code):
        raise NotACode(f"a code has {DIGITS} digits")
    key = settings.ssn_key.get_secret_value().encode()
    if not key:
        raise ValueError("codes for the web need CORDBOARD_SSN_KEY, the same in every process")
    return hmac.new(key, b"web-code " + code.encode("ascii"), hashlib.sha256).digest()
