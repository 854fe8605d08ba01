"""Secrets by which a subscriber's own servers prove themselves: made, hashed, sealed.

The secret is shown once. Stored are its hash, to compare with what HTTP Basic brings, and the
signing key, which signs links and requests, sealed with ``CORDBOARD_SECRET_KEY``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "cb_"

_SECRET = re.compile(r"cb_[A-Za-z0-9_-]{43}")
_SIGNING = b"cordboard-signing-v1"
_FORM = b"cordboard-secret-of-form-v1"
_SEALING = b"cordboard-sealing-v1"
#: First byte of what is sealed, so that another way of sealing can be told apart one day.
_VERSION = b"\x01"
_NONCE_BYTES = 12


class UnsealError(ValueError):
    """What was sealed is damaged, or was sealed with another ``CORDBOARD_SECRET_KEY``."""


def make_secret() -> str:
    """A new secret: ``cb_`` and 256 random bits as 43 URL-safe characters."""
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def secret_of_form(form: str, about: str, secret_key: str) -> str:
    """The secret that a form makes: the same one when the same form is sent again.

    Args:
        form: random id of the form, which is kept nowhere but in the browser.
        about: whose secret it is and what for; another one makes another secret.
        secret_key: without it nobody can tell the secret from the form.

    Raises:
        ValueError: the key is empty.
    """
    if not secret_key:
        raise ValueError("CORDBOARD_SECRET_KEY is empty: no secret can be made without it")
    key = hmac.new(secret_key.encode(), _FORM, hashlib.sha256).digest()
    made = hmac.new(key, f"{form}\n{about}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def looks_like_secret(text: str) -> bool:
    """Whether this has the form of a secret; what has not need not be looked up."""
    return _SECRET.fullmatch(text) is not None


def hash_secret(secret: str) -> bytes:
    """SHA-256: the secret has 256 random bits, so that a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def signing_key(secret: str) -> bytes:
    """The key, 32 bytes, that signs the secret's links and requests."""
    return hmac.new(secret.encode(), _SIGNING, hashlib.sha256).digest()


def seal(plain: bytes, secret_key: str) -> bytes:
    """``plain`` so that only who has ``CORDBOARD_SECRET_KEY`` can read it (AES-256-GCM).

    Raises:
        ValueError: the key is empty.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + _cipher(secret_key).encrypt(nonce, plain, _VERSION)


def unseal(sealed: bytes, secret_key: str) -> bytes:
    """What was sealed.

    Raises:
        UnsealError: it is damaged, or the key is another one.
        ValueError: the key is empty.
    """
    nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    cipher = _cipher(secret_key)
    try:
        if sealed[:1] != _VERSION:
            raise InvalidTag
        return cipher.decrypt(nonce, text, _VERSION)
    except (InvalidTag, ValueError) as error:
        raise UnsealError(
            "a signing key cannot be read: CORDBOARD_SECRET_KEY is not the one it was sealed with."
            " Set the old one again, or make a new secret (cordboard secret new)"
        ) from error


def _cipher(secret_key: str) -> AESGCM:
    if not secret_key:
        raise ValueError("CORDBOARD_SECRET_KEY is empty: signing keys cannot be sealed without it")
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=_SEALING).derive(secret_key.encode()))
