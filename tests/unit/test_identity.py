from __future__ import annotations

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.identity import (
    LONGEST_NAME,
    clean_name,
    hash_pin,
    hash_ssn,
    normalise_number,
    valid_account,
    valid_ssn,
)


@pytest.mark.parametrize(
    "text",
    [
        "+12125550140",
        "12125550140",
        "2125550140",
        "(212) 555-0140",
        "+1 212 555 0140",
        "212.555.0140",
    ],
)
def test_a_number_has_one_form_however_it_is_written(text: str) -> None:
    assert normalise_number(text, "US") == "+12125550140"


def test_a_foreign_number_needs_its_plus() -> None:
    assert normalise_number("+49 30 901820", "US") == "+4930901820"
    assert normalise_number("030 901820", "DE") == "+4930901820"
    assert normalise_number("030 901820", "US") != "+4930901820"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "anonymous",
        "Anonymous",
        "unknown",
        "+",
        "0",
        "911",
        "+1212555",
        "2" * 300,
        "+" + "9" * 20,
        "+12125550140;ext=1",
        '2125550140"',
        "2125550140\r\nX-Evil: 1",
        "2125550140\n",
        "${SHELL(id)}",
        "'; DROP TABLE call; --",
        "+1212555O14O",
        "+١٢١٢٥٥٥٠١٤٠",
        "\u0000",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert normalise_number(text, "US") is None


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_any_text_gives_a_number_or_none(text: str) -> None:
    number = normalise_number(text, "US")
    assert number is None or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(st.integers(min_value=200, max_value=999), st.integers(min_value=0, max_value=99))
def test_normalising_twice_changes_nothing(area: int, line: int) -> None:
    number = normalise_number(f"{area}55501{line:02}", "US")
    assert number is None or normalise_number(number, "DE") == number


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("400100", True),
        ("40010001", True),
        ("400100010203", True),
        ("40010", False),
        ("4001000102030", False),
        ("", False),
        ("4001000a", False),
        ("4001*001", False),
        ("４００１０００１", False),
        ("40010001\n", False),
    ],
)
def test_account_numbers_have_6_to_12_digits(digits: str, right: bool) -> None:
    assert valid_account(digits) is right


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("900110001", True),
        ("90011000", False),
        ("9001100011", False),
        ("", False),
        ("90011000x", False),
        ("900110001\n", False),
        ("900-11-0001", False),
    ],
)
def test_an_ssn_has_nine_digits(digits: str, right: bool) -> None:
    assert valid_ssn(digits) is right


def test_an_ssn_is_hashed_with_the_key() -> None:
    one = hash_ssn("900110001", b"key")
    assert len(one) == 32
    assert one == hash_ssn("900110001", b"key")
    assert one != hash_ssn("900110001", b"other key")
    assert one != hash_ssn("900110002", b"key")


@pytest.mark.parametrize("digits", ["12345", "", "900110001\n"])
def test_a_wrong_ssn_is_refused_and_not_repeated(digits: str) -> None:
    with pytest.raises(ValueError, match="nine digits") as refused:
        hash_ssn(digits, b"key")
    assert not digits.strip() or digits.strip() not in str(refused.value)


def test_hashing_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        hash_ssn("900110001", b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dana Reed", "Dana Reed"),
        ("  Dana\t\r\nReed ", "Dana Reed"),
        ("Siobhán O'Neil-Smith, Jr.", "Siobhán O'Neil-Smith, Jr."),
        ('"Dana" <script>', "Dana script"),
        ("${SHELL(id)}", "SHELL id"),
        ("", ""),
    ],
)
def test_names_keep_letters_and_lose_the_rest(text: str, shown: str) -> None:
    assert clean_name(text) == shown


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=300))
def test_any_name_is_short_and_printable(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert clean_name(name) == name


def test_a_pin_is_hashed_with_the_key() -> None:
    assert hash_pin("4711", b"key") == hash_pin("4711", b"key")
    assert hash_pin("4711", b"key") != hash_pin("4711", b"other key")
    assert hash_pin("4711", b"key") != hash_pin("4712", b"key")


@pytest.mark.parametrize("pin", ["", "471", "123456789", "47a1", "٤٧١١", "4711\n"])
def test_a_wrong_pin_is_refused_and_not_repeated(pin: str) -> None:
    with pytest.raises(ValueError, match="four to eight digits") as caught:
        hash_pin(pin, b"key")
    assert not pin or pin not in str(caught.value)


def test_hashing_a_pin_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        hash_pin("4711", b"")
