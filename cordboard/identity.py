"""Who is calling: numbers, account digits and names, as they may come in from outside.

Everything here is hostile text until one of these functions has accepted it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

import phonenumbers

#: Longest text worth looking at as a telephone number: E.164 has 15 digits, people add punctuation.
LONGEST_NUMBER_TEXT = 32
LONGEST_NAME = 40

_NUMBER_TEXT = re.compile(r"\+?[0-9 ().\-]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ACCOUNT = re.compile(r"[0-9]{6,12}")
_SSN = re.compile(r"[0-9]{9}")
_PIN = re.compile(r"[0-9]{4,8}")
_NOT_IN_NAMES = re.compile(r"[^\w .,'&\-]")


def normalise_number(text: str, region: str) -> str | None:
    """``text`` as E.164, or None when it is not a telephone number.

    ``anonymous``, nothing, text that is too long and text with anything but digits, spaces and
    ``+().-`` in it are not. ``region`` (ISO 3166, e.g. ``US``) is for numbers in national form; a
    number of another country counts only when it begins with ``+``.
    """
    text = text.strip(" ")
    if len(text) > LONGEST_NUMBER_TEXT or not _NUMBER_TEXT.fullmatch(text):
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number if _E164.fullmatch(number) else None


def valid_account(digits: str) -> bool:
    """Whether these keyed digits can be an account number: 6 to 12 digits."""
    return _ACCOUNT.fullmatch(digits) is not None


def valid_ssn(digits: str) -> bool:
    """Whether these keyed digits can be a social security number: 9 digits."""
    return _SSN.fullmatch(digits) is not None


def hash_ssn(ssn: str, key: bytes) -> bytes:
    """HMAC-SHA256 of the nine digits: the only form in which an SSN is stored or looked up.

    Raises:
        ValueError: not nine digits, or an empty key; the message does not repeat the digits.
    """
    if not valid_ssn(ssn):
        raise ValueError("a social security number has nine digits")
    if not key:
        raise ValueError("the key of the SSN hashes is empty")
    return hmac.new(key, ssn.encode("ascii"), hashlib.sha256).digest()


def hash_pin(pin: str, key: bytes) -> bytes:
    """HMAC-SHA256 of an agent's PIN for sign-on by telephone: as it is stored and compared.

    Raises:
        ValueError: not four to eight digits, or an empty key; the message does not repeat them.
    """
    if not _PIN.fullmatch(pin):
        raise ValueError("a PIN has four to eight digits")
    if not key:
        raise ValueError("the key of the PIN hashes is empty")
    return hmac.new(key, pin.encode("ascii"), hashlib.sha256).digest()


def clean_name(text: str) -> str:
    """A caller's name as it may be shown: letters, digits and ordinary punctuation, 40 at most."""
    plain = unicodedata.normalize("NFC", text)
    kept = _NOT_IN_NAMES.sub(" ", plain).replace("_", " ")
    return " ".join(kept.split())[:LONGEST_NAME].strip()
