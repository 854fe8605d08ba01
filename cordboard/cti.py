"""Call data as it travels: channel variables, SIP headers, User-to-User. No I/O.

Everything here goes into SIP messages, where a line end in a value would begin a header of the
caller's choice. So names come from an allow-list, and values lose control characters and length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

#: Keys that may leave towards an agent's phone, in the order in which the headers are sent.
HEADER_KEYS = (
    "CALL_ID",
    "SUBSCRIBER",
    "SUBJECT",
    "QUEUE",
    "ANI",
    "DNIS",
    "CUSTOMER_ID",
    "CUSTOMER_NAME",
    "ACCOUNT_NUMBER",
    "IDENTIFIED_BY",
    "VERIFIED",
    "SALES_OFFER_CODE",
    "SALES_OFFER_URL",
    "SERVICE_OFFER_CODE",
    "SERVICE_OFFER_URL",
    "OFFER_ANSWER",
    "SERVICE_FAILURE",
    "MENU_CHOICE",
    "ORDER_NUMBER",
    "ORDER_STATE",
)
#: Longest value of a header or a variable, characters.
MAX_VALUE = 256
#: Longest User-to-User content, octets (RFC 7433 recommends 128).
MAX_UUI = 128

_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def is_key(name: str) -> bool:
    """True for the name of a key-value pair."""
    return _KEY.fullmatch(name) is not None


def clean_value(value: object) -> str:
    """Text without control characters, at most ``MAX_VALUE`` characters."""
    return _CONTROL.sub(" ", str(value)).strip()[:MAX_VALUE].strip()


def clean(cti: Mapping[str, object]) -> dict[str, str]:
    """The pairs with a proper name and a value, cleaned; the others are left out."""
    known = ((key, value) for key, value in cti.items() if is_key(key) and value is not None)
    cleaned = {key: clean_value(value) for key, value in known}
    return {key: value for key, value in cleaned.items() if value}


def header_name(key: str) -> str:
    """``SALES_OFFER_CODE`` -> ``X-CB-Sales-Offer-Code``."""
    return "X-CB-" + key.title().replace("_", "-")


def header_value(value: str) -> str:
    """A value for a SIP header: clean, and ASCII without accents: phones differ about the rest."""
    plain = unicodedata.normalize("NFKD", clean_value(value))
    return clean_value(plain.encode("ascii", "ignore").decode("ascii"))


def user_to_user(cti: Mapping[str, str]) -> str:
    """Content of the User-to-User header: call, sales and service code, hex (RFC 7433).

    A code that does not fit within ``MAX_UUI`` octets is left out whole, never cut.
    """
    parts = {"C": "CALL_ID", "S": "SALES_OFFER_CODE", "V": "SERVICE_OFFER_CODE"}
    text = b""
    for letter, key in parts.items():
        part = f"{letter}={header_value(cti.get(key, ''))}".encode("ascii")
        if cti.get(key) and len(text) + len(part) + 1 <= MAX_UUI:
            text += (b";" if text else b"") + part
    return f"{text.hex()};encoding=hex"


def tag2_variables(
    call_id: str, subscriber: str, dnis: str, tag2: Mapping[str, object]
) -> dict[str, str]:
    """Like :func:`invite_variables` for a call centre elsewhere: what its own rule attaches.

    The pairs are the subscriber's, so any proper key may go; of the customer there is nothing in
    them. User-to-User has the call, the DNIS and as many pairs as fit, whole.
    """
    pairs = {**clean(tag2), **clean({"CALL_ID": call_id, "SUBSCRIBER": subscriber, "DNIS": dnis})}
    headers = {header_name(key): header_value(value) for key, value in pairs.items()}
    text = f"C={header_value(call_id)}".encode("ascii")
    for key, value in {"D": dnis, **clean(tag2)}.items():
        part = f";{key}={header_value(str(value))}".encode("ascii")
        if value and len(text) + len(part) <= MAX_UUI:
            text += part
    headers["User-to-User"] = f"{text.hex()};encoding=hex"
    return {f"PJSIP_HEADER(add,{name})": value for name, value in headers.items()}


def channel_variables(cti: Mapping[str, object]) -> dict[str, str]:
    """The variables ``CB_<KEY>`` of a channel that carries the call data."""
    return {f"CB_{key}": value for key, value in clean(cti).items()}


def invite_variables(cti: Mapping[str, object]) -> dict[str, str]:
    """Variables of an originate request that make Asterisk add the headers to its INVITE."""
    pairs = clean(cti)
    headers = {header_name(key): header_value(pairs[key]) for key in HEADER_KEYS if key in pairs}
    headers["User-to-User"] = user_to_user(pairs)
    return {f"PJSIP_HEADER(add,{name})": value for name, value in headers.items()}
