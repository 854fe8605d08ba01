"""Codes for the web: six digits, of which only a keyed hash is stored."""

from __future__ import annotations

import pytest

from cordboard.orders.web_code import NotACode, hash_code, new_code
from cordboard.settings import Settings


def keyed(key: str) -> Settings:
    return Settings(instance="unit", ssn_key=key, secret_key="another")  # type: ignore[arg-type]


def test_codes_have_six_digits_and_differ() -> None:
    codes = {new_code() for _ in range(50)}
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(codes) > 40


def test_the_hash_depends_on_code_and_key() -> None:
    k, other = keyed("k"), keyed("l")
    assert hash_code("012345", k) == hash_code("012345", k)
    assert len({hash_code("012345", k), hash_code("012346", k), hash_code("012345", other)}) == 3


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused_and_not_repeated(code: str) -> None:
    with pytest.raises(NotACode, match="6 digits") as refused:
        hash_code(code, keyed("k"))
    assert not code or code not in str(refused.value)


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="need CORDBOARD_SSN_KEY"):
        hash_code("123456", keyed(""))
