"""Times, amounts and lists as people type them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdesk.ops import words


@given(st.lists(st.integers(1, words.LONGEST_S), min_size=1, max_size=words.MOST_SPANS))
def test_times_are_read_as_they_are_written(spans: list[int]) -> None:
    # Seconds that no larger unit fits may have seven digits; those are not typed.
    written = [words.span_text(span) for span in spans]
    assert words.read_spans(", ".join(written)) == spans


@given(st.integers(0, 1440))
def test_a_time_of_day_is_read_as_it_is_written(minute: int) -> None:
    assert words.read_clock(words.clock_text(minute)) == minute


@given(st.integers(0, 10**14))
def test_an_amount_is_read_as_it_is_written(cents: int) -> None:
    assert words.read_money(words.money_text(cents)) == cents


def refusal_of(read: Callable[[str], object], text: str) -> str:
    """Why a text is not read; "" when it is."""
    try:
        read(text)
    except ValueError as refusal:
        return str(refusal) or "nothing was said"
    return ""


@given(st.text(max_size=20))
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    for read in (words.read_spans, words.read_clock, words.read_money, words.read_regions):
        assert refusal_of(read, text)[-1:] in ("", ".")


@pytest.mark.parametrize("text", ["Infinity", "NaN", "-0.01", "0.001", "1e99", "1_0_0.5.5", ""])
def test_odd_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        words.read_money(text)


def test_regions() -> None:
    assert words.read_regions("us, ca us") == ["US", "CA"]
    assert words.read_regions("") == []
    with pytest.raises(ValueError, match="XX"):
        words.read_regions("US XX")
