"""What ops may type into the rules of web calls: addresses, hosts, numbers, templates. No I/O.

Each function answers the text as it is to be stored, or raises :class:`Unusable` with a sentence
for whoever typed it. Visitors' browsers and agents' phones get only what passed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

import phonenumbers

from cordboard.cti import is_key

LONGEST_URL = 500
LONGEST_VALUE = 256
MOST_PAIRS = 20

#: What a whisper may be filled with.
WHISPER_WORDS = (
    "company",
    "subject",
    "page_title",
    "pages",
    "note",
    "customer_code",
    "whisper_code",
)
#: What the texts that visitors see may be filled with.
VISITOR_WORDS = ("company",)

_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
_SIP = re.compile(r"sips?:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,120}(:[0-9]{1,5})?")
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_SKILL = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Unusable(ValueError):
    """What was typed cannot be stored; the message says what to type instead."""


def check_url(text: str) -> str:
    """An address that a visitor's browser may be sent to.

    >>> check_url("https://shop.example/tea")
    'https://shop.example/tea'
    """
    if len(text) > LONGEST_URL:
        raise Unusable(f"An address has {LONGEST_URL} characters at most.")
    if re.search(r'[\s"<>\\\x00-\x1f\x7f]', text):
        raise Unusable(
            "An address holds no spaces, quotes, < > or backslashes; write them as %20 and so on."
        )
    scheme, host, _ = _parts(text)
    if scheme not in ("http", "https"):
        raise Unusable("Begin the address with https:// (or http://).")
    if "@" in urlsplit(text).netloc:
        raise Unusable(
            "An address with a user name is not shown to visitors: leave out what is before @."
        )
    _require_host(host)
    return text


def check_origin(text: str) -> str:
    """An origin, ``scheme://host[:port]``, in the form in which browsers send it.

    >>> check_origin("https://Shop.example:443/")
    'https://shop.example'
    """
    scheme, host, port = _parts(text)
    parts = urlsplit(text)
    if scheme not in ("http", "https"):
        raise Unusable(f"{_quoted(text)}: begin an origin with https:// (or http://).")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise Unusable(
            f"{_quoted(text)}: an origin ends after the host and port, as in https://shop.example."
        )
    if "*" in host:
        raise Unusable(f"{_quoted(text)}: name each origin by itself; * is not possible.")
    _require_host(host)
    standard = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, standard) else "")


def check_link_host(text: str) -> str:
    """A host of links that agents may push; ``.example.com`` stands for its subdomains.

    >>> check_link_host(".Shop.example")
    '.shop.example'
    """
    host = text.lower()
    bare = host.removeprefix(".")
    if "/" in host or ":" in host:
        raise Unusable(
            f"{_quoted(text)}: only the host, as in shop.example, without https:// or path."
        )
    _require_host(bare)
    if host.startswith(".") and "." not in bare:
        raise Unusable(
            f"{_quoted(text)} would stand for a whole top-level domain; name a domain below it."
        )
    return host


def check_destination(text: str, region: str, own: Collection[str] = ()) -> str:
    """A call centre elsewhere: a number in E.164, or a SIP URI.

    Args:
        text: as typed; a national number is one of ``region`` (ISO 3166).
        region: the subscriber's country.
        own: numbers that lead to ourselves; such a call would run in circles.
    """
    if text.lower().startswith(("sip:", "sips:")):
        if not _SIP.fullmatch(text):
            raise Unusable("Write a SIP address as sip:name@host or sip:name@host:5060.")
        _require_host(text.rpartition("@")[2].partition(":")[0].lower())
        return text
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Unusable("Give a telephone number, best as +12025550100, or a SIP address.") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Unusable(f"{_quoted(text)} has too few or too many digits for a telephone number.")
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if number in own:
        raise Unusable(
            f"{number} is a number of ours: the call would come back here. Choose a group instead."
        )
    return number


def check_template(text: str, words: Collection[str]) -> str:
    """A text whose ``{placeholders}`` are all among ``words``."""
    for found in _BRACES.finditer(text):
        word = found[1]
        if word is None:
            raise Unusable(
                "A { or } stands alone; placeholders are written {" + next(iter(words)) + "}."
            )
        if word not in words:
            known = " ".join("{" + name + "}" for name in words)
            raise Unusable(f"{{{word[:40]}}} is not known. Known are: {known}.")
    return text


def check_pairs(pairs: Collection[tuple[str, str]]) -> dict[str, str]:
    """Key-value pairs that go with a call."""
    kept: dict[str, str] = {}
    for key, value in pairs:
        if not is_key(key):
            raise Unusable(
                f"{_quoted(key)}: a key is capitals, digits and _, and begins with a capital."
            )
        if key in kept:
            raise Unusable(f"{key} stands there twice.")
        if not value or len(value) > LONGEST_VALUE or re.search(r"[\x00-\x1f\x7f]", value):
            raise Unusable(f"{key}: a value has 1 to {LONGEST_VALUE} characters, on one line.")
        kept[key] = value
    if len(kept) > MOST_PAIRS:
        raise Unusable(f"{MOST_PAIRS} pairs at most.")
    return kept


def check_needs(pairs: Collection[tuple[str, int]]) -> dict[str, int]:
    """Skill -> poorest level that will do (1 is best, 9 poorest)."""
    kept: dict[str, int] = {}
    for skill, level in pairs:
        if not _SKILL.fullmatch(skill):
            raise Unusable(
                f"{_quoted(skill)}: a skill is small letters, digits and -, as in spanish."
            )
        if skill in kept:
            raise Unusable(f"{skill} stands there twice.")
        if not 1 <= level <= 9:
            raise Unusable(f"{skill}: a level is 1 (best) to 9.")
        kept[skill] = level
    return kept


def _parts(text: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(text)
        return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Unusable(f"{_quoted(text)} is not an address.") from None


def _require_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise Unusable(
            f"{_quoted(host)} is not a host name; one with other letters than a-z is written xn--…"
        )


def _quoted(text: str) -> str:
    short = text if len(text) <= 60 else text[:59] + "…"
    return f"“{short}”"
