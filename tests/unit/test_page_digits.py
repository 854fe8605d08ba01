"""``*12#`` and what else an agent may key: see ``cordboard/page_digits.py``."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import page_digits
from cordboard.page_digits import IDLE, MOST_PAGES, NONSENSE, PAUSE_MS, Asked, give_up, press

KEYS = "0123456789*#ABCD"


def keyed(keys: str, apart_ms: int = 200) -> list[Asked]:
    """All that was asked for by these keys."""
    keying, found = IDLE, []
    for number, key in enumerate(keys):
        keying, asked = press(keying, key, 1_000 + number * apart_ms)
        if asked is not None:
            found.append(asked)
    return found


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("*12#", Asked(("12",))),
        ("*12*15#", Asked(("12", "15"))),
        ("*0#", Asked(repeat=True)),
        ("**12#", Asked(("12",))),
        ("*99**12#", Asked(("12",))),
        ("*#", NONSENSE),
        ("*12*#", NONSENSE),
        ("*0*12#", NONSENSE),
        ("*012#", NONSENSE),
        ("*1A#", NONSENSE),
        ("*1234567#", NONSENSE),
        ("*1" * (MOST_PAGES + 1) + "#", NONSENSE),
        ("*" + "1" * 200 + "#", NONSENSE),
    ],
)
def test_a_sequence_means(keys: str, asked: Asked) -> None:
    assert keyed(keys) == [asked]


@pytest.mark.parametrize("keys", ["", "#", "12#", "0", "12", "*12", "A#"])
def test_what_is_no_sequence_means_nothing(keys: str) -> None:
    assert keyed(keys) == []


def test_one_sequence_follows_another() -> None:
    assert keyed("#*12#7*15#") == [Asked(("12",)), Asked(("15",))]


def test_a_pause_ends_a_sequence_and_the_rest_of_it_means_nothing() -> None:
    keying, _ = press(IDLE, "*", 1_000)
    keying, _ = press(keying, "1", 1_200)
    assert give_up(keying, 1_200 + PAUSE_MS - 1) == (keying, None)
    assert give_up(keying, 1_200 + PAUSE_MS) == (IDLE, NONSENSE)
    # Even when nobody looked meanwhile.
    assert press(keying, "#", 1_200 + PAUSE_MS) == (IDLE, None)


def test_nothing_is_given_up_outside_of_a_sequence() -> None:
    assert give_up(IDLE, 10**12) == (IDLE, None)
    assert IDLE.waits_ms(0) is None


def test_what_was_keyed_is_in_no_text() -> None:
    keying, _ = press(press(IDLE, "*", 1)[0], "7", 2)
    assert "7" not in repr(keying)


@given(st.text(KEYS, max_size=80))
def test_any_keys_leave_a_state_from_which_a_push_works(keys: str) -> None:
    keying = IDLE
    for number, key in enumerate(keys):
        keying, _ = press(keying, key, number)
    asked = None
    for number, key in enumerate("**42#"):
        keying, asked = press(keying, key, len(keys) + number)
    assert asked == Asked(("42",))


@given(st.lists(st.from_regex(r"[1-9][0-9]{0,5}", fullmatch=True), min_size=1, max_size=MOST_PAGES))
def test_every_list_of_codes_can_be_keyed(codes: list[str]) -> None:
    assert keyed("*" + "*".join(codes) + "#") == [Asked(tuple(codes))]


def test_the_examples_hold() -> None:
    assert doctest.testmod(page_digits).failed == 0
