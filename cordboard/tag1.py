"""TAG1: the signed address behind a "speak to agent" link.

``<web>/talk/<SID>/<SC>?t=…&u=…&w=…&p=…&c=…&x=…&n=…&s=…``. A subscriber's own server makes it with
the subscriber's signing key (``docs/talk-links.md``); here it is made for the command line, read,
and checked. Everything in it is hostile until :func:`verify` has accepted it, and may still be
somebody else's: a link that was read elsewhere is stopped by its nonce, where sessions begin.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

#: Longest query string that is looked at, characters.
LONGEST_QUERY = 6000
#: A link expires so many seconds ahead at most, so that nonces may be forgotten then.
LONGEST_LIFE_S = 7 * 24 * 3600
#: Clocks of subscribers' servers may be wrong by so much, seconds.
CLOCK_SKEW_S = 60

_VERSION = "v1"
_SID = re.compile(r"[a-z][a-z0-9-]{1,31}")
_SC = re.compile(r"[A-Z0-9-]{2,32}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{43}")
#: Control characters, line ends of any kind, halves of characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

#: Parameter -> what its value must look like; the longest value is part of it.
_PARAMETERS = {
    "t": re.compile(r".{0,200}"),
    "u": re.compile(r"(https?://[^/\s\"<>\\]+[^\s\"<>\\]*)?"),
    "w": re.compile(r"[A-Za-z0-9-]{0,32}"),
    "p": re.compile(r"[+0-9 ().-]{0,32}"),
    "c": re.compile(r".{0,64}"),
    "x": re.compile(r"[1-9][0-9]{0,10}"),
    "n": re.compile(r"[A-Za-z0-9_-]{16,64}"),
}
_NEEDED = ("x", "n", "s")
_LONGEST_URL = 1000


class TagError(Exception):
    """A talk link that is refused; ``code`` is for logs and tests, the message for people."""

    code = "bad_link"


class MalformedTag(TagError):
    """It has not the form of a talk link."""

    code = "malformed"


class UnknownSid(TagError):
    """There is no such subscriber."""

    code = "unknown_sid"


class UnknownSc(TagError):
    """The subscriber has no such subject."""

    code = "unknown_sc"


class ChangedTag(TagError):
    """It is not what the subscriber signed, or the secret that signed it is revoked."""

    code = "changed"


class ExpiredTag(TagError):
    """It was valid once."""

    code = "expired"


@dataclass(frozen=True, slots=True)
class Tag1:
    """What a talk link says; empty text where it says nothing. ``expires`` is seconds since 1970.

    ``number`` is as the subscriber wrote it, not yet a number; ``page_url`` is http(s).
    """

    sid: str
    sc: str
    expires: int
    nonce: str
    title: str = ""
    page_url: str = ""
    whisper_code: str = ""
    number: str = ""
    customer_code: str = ""

    def parameters(self) -> dict[str, str]:
        """As parameters of the link, without those that say nothing."""
        found = {
            "t": self.title,
            "u": self.page_url,
            "w": self.whisper_code,
            "p": self.number,
            "c": self.customer_code,
            "x": str(self.expires),
            "n": self.nonce,
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class SignedTag:
    """A link as it was read: of the right form, its signature not yet checked."""

    tag: Tag1
    #: Every parameter but the signature, those that are empty too: this is what was signed.
    parameters: Mapping[str, str]
    signature: str


def make_nonce() -> str:
    """A nonce of 128 random bits."""
    return secrets.token_urlsafe(16)


def mint(web: str, tag: Tag1, key: bytes) -> str:
    """The link below ``web`` (scheme and host), signed with a subscriber's signing key.

    Raises:
        MalformedTag: a part of the tag is not of its form.
    """
    parameters = tag.parameters()
    _check(tag.sid, tag.sc, parameters)
    signature = sign(tag.sid, tag.sc, parameters, key)
    query = urlencode({**parameters, "s": signature})
    return f"{web}/talk/{quote(tag.sid)}/{quote(tag.sc)}?{query}"


def sign(sid: str, sc: str, parameters: Mapping[str, str], key: bytes) -> str:
    """The signature over these parameters, as text of 43 characters."""
    lines = [_VERSION, sid, sc, *(f"{name}={parameters[name]}" for name in sorted(parameters))]
    digest = hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def parse(sid: str, sc: str, query: str | bytes) -> SignedTag:
    """Read a link's path and its query string, as it came.

    Raises:
        MalformedTag: it has not the form of a talk link; the message says what is wrong.
    """
    parameters = _read_query(query.decode("latin-1") if isinstance(query, bytes) else query)
    missing = [name for name in _NEEDED if name not in parameters]
    if missing:
        raise MalformedTag(f"This link is incomplete: it has no {' and no '.join(missing)}.")
    signature = parameters.pop("s")
    if not _SIGNATURE.fullmatch(signature):
        raise MalformedTag("The signature of this link is not one: 43 characters are expected.")
    _check(sid, sc, parameters)
    tag = Tag1(
        sid=sid,
        sc=sc,
        expires=int(parameters["x"]),
        nonce=parameters["n"],
        title=parameters.get("t", ""),
        page_url=parameters.get("u", ""),
        whisper_code=parameters.get("w", ""),
        number=parameters.get("p", ""),
        customer_code=parameters.get("c", ""),
    )
    return SignedTag(tag, parameters, signature)


def verify(signed: SignedTag, keys: Iterable[bytes], now_s: float) -> Tag1:
    """What the link says, once one of the subscriber's live keys has signed it and it is valid yet.

    All keys are tried, each in constant time. Whether the nonce was used is asked elsewhere.

    Raises:
        ChangedTag: none of the keys made this signature.
        ExpiredTag: its time is over.
        MalformedTag: its time ends too far ahead.
    """
    tag, given = signed.tag, signed.signature.encode()
    matched = False
    for key in keys:
        right = sign(tag.sid, tag.sc, signed.parameters, key).encode()
        matched |= hmac.compare_digest(right, given)
    if not matched:
        raise ChangedTag("This link was changed, or its signature is no longer accepted.")
    if tag.expires <= now_s:
        raise ExpiredTag("This link has expired. Reload the page that it is on, then try again.")
    if tag.expires > now_s + LONGEST_LIFE_S + CLOCK_SKEW_S:
        raise MalformedTag("This link is valid for too long: seven days are allowed.")
    return tag


def _read_query(query: str) -> dict[str, str]:
    """Name -> value, percent-decoded; each name once."""
    if len(query) > LONGEST_QUERY:
        raise MalformedTag("This link is too long.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise MalformedTag("This link cannot be read: it is cut off, or not UTF-8.") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise MalformedTag("This link says the same thing twice.")
    return parameters


def _check(sid: str, sc: str, parameters: Mapping[str, str]) -> None:
    """Raise MalformedTag unless every part has its form."""
    if not _SID.fullmatch(sid):
        raise MalformedTag("This link names no subscriber: a SID is lower-case letters and digits.")
    if not _SC.fullmatch(sc):
        raise MalformedTag("This link names no subject: an SC is upper-case letters and digits.")
    for name, value in parameters.items():
        form = _PARAMETERS.get(name)
        if form is None:
            raise MalformedTag(f"This link has a parameter {name[:20]!r} that talk links have not.")
        if _CONTROL.search(value) or not form.fullmatch(value) or len(value) > _LONGEST_URL:
            raise MalformedTag(
                f"The parameter {name!r} of this link is too long or not of its form."
            )
