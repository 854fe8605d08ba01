"""Secrets: their form, what is stored of them, and that sealing keeps and protects."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.secrets import (
    UnsealError,
    hash_secret,
    looks_like_secret,
    make_secret,
    seal,
    secret_of_form,
    signing_key,
    unseal,
)

KEY = "the secret key of the tests"


def test_a_new_secret_has_the_form_and_is_never_the_same() -> None:
    made = {make_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(looks_like_secret(secret) and len(secret) == 46 for secret in made)


@pytest.mark.parametrize("text", ["", "cb_", "cb_short", "cb_" + "a" * 44, "cb_" + "ä" * 43])
def test_what_has_another_form_is_none(text: str) -> None:
    assert not looks_like_secret(text)


def test_the_signing_key_is_the_one_of_the_contract() -> None:
    secret = make_secret()
    expected = hmac.new(secret.encode(), b"cordboard-signing-v1", hashlib.sha256).digest()
    assert signing_key(secret) == expected
    assert hash_secret(secret) == hashlib.sha256(secret.encode()).digest()


@given(plain=st.binary(max_size=200))
def test_what_was_sealed_comes_back(plain: bytes) -> None:
    sealed = seal(plain, KEY)
    assert unseal(sealed, KEY) == plain
    assert sealed != seal(plain, KEY)


@given(plain=st.binary(min_size=1, max_size=64), place=st.integers(0), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(plain: bytes, place: int, bit: int) -> None:
    sealed = bytearray(seal(plain, KEY))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(UnsealError, match="CORDBOARD_SECRET_KEY"):
        unseal(bytes(sealed), KEY)


def test_another_key_says_what_to_do() -> None:
    with pytest.raises(UnsealError, match="cordboard secret new"):
        unseal(seal(b"key", KEY), "another one")


@pytest.mark.parametrize("length", [0, 1, 5, 13, 20])
def test_what_is_cut_short_is_refused(length: int) -> None:
    with pytest.raises(UnsealError):
        unseal(seal(b"key", KEY)[:length], KEY)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(ValueError, match="CORDBOARD_SECRET_KEY is empty"):
        seal(b"key", "")


def test_a_form_makes_one_secret_however_often_it_is_sent() -> None:
    made = secret_of_form("one form", "pantry", "a key")
    assert looks_like_secret(made)
    assert secret_of_form("one form", "pantry", "a key") == made
    assert secret_of_form("other", "pantry", "a key") != made
    assert secret_of_form("one form", "halyard", "a key") != made
    assert secret_of_form("one form", "pantry", "other key") != made
    with pytest.raises(ValueError, match="CORDBOARD_SECRET_KEY"):
        secret_of_form("one form", "pantry", "")
