"""When may a browser go on where it stopped?"""

from __future__ import annotations

import pytest
from redis.exceptions import ResponseError

from webdesk.hub import BUFFER, START, Entry, Gap, Subscription, order, valid_position, whole_since

INFO = {"last-generated-id": "1700000000000-5", "entries-added": 8, "length": 3}


@pytest.mark.parametrize("text", ["0-0", "1700000000000-0", "1700000000000-12"])
def test_a_stream_id_is_a_position(text: str) -> None:
    assert valid_position(text) == text


@pytest.mark.parametrize(
    "text", ["", "-", "$", "+", "5", "1-x", "1-", "١-٢", "1-1 COUNT 5", "1" * 40 + "-1"]
)
def test_anything_else_is_none(text: str) -> None:
    assert valid_position(text) == ""


def test_ids_are_ordered_by_number_not_by_text() -> None:
    assert order("9-0") < order("10-0") < order("10-2") < order("10-10")


def test_what_follows_an_entry_that_is_still_there_is_whole() -> None:
    assert whole_since("1700000000000-3", INFO, still_there=True)


def test_a_trimmed_entry_means_a_gap() -> None:
    assert not whole_since("1600000000000-0", INFO, still_there=False)


def test_an_id_of_the_future_means_that_redis_lost_its_data() -> None:
    assert not whole_since("1800000000000-0", INFO, still_there=False)


def test_from_the_start_only_when_nothing_was_trimmed_yet() -> None:
    assert not whole_since(START, INFO, still_there=False)
    assert whole_since(START, {**INFO, "entries-added": 3}, still_there=False)


def test_a_stream_that_does_not_exist_is_whole_from_its_start_only() -> None:
    missing = ResponseError("no such key")
    assert whole_since(START, missing, still_there=False)
    assert not whole_since("1-1", missing, still_there=False)


def test_a_browser_that_is_too_slow_is_told_so_and_holds_nobody_up() -> None:
    subscription = Subscription("cb:desk:1")
    for number in range(BUFFER + 1):
        subscription.offer(Entry(f"{number}-0", "note.saved", "{}"))
    with pytest.raises(Gap):
        subscription.take(0)


def test_silence_is_none() -> None:
    assert Subscription("cb:desk:1").take(0) is None
