"""Webhooks: what is signed, when a failed try is made again, where nothing may be sent."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import webhooks

KEY = b"k" * 32
NOW = 1_800_000_000


def test_the_body_is_the_same_at_each_try() -> None:
    made = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    first = webhooks.body("id-1", "entry.saved", "pantry", made, {"b": 1, "a": "é"})
    again = webhooks.body("id-1", "entry.saved", "pantry", made, {"a": "é", "b": 1})
    assert first == again
    assert orjson.loads(first) == {
        "id": "id-1",
        "event": "entry.saved",
        "business": "pantry",
        "created_at": "2026-11-25T09:00:00Z",
        "data": {"a": "é", "b": 1},
    }


@given(sent=st.binary(max_size=200), late=st.integers(-webhooks.TOLERANCE_S, webhooks.TOLERANCE_S))
def test_a_receiver_believes_what_we_signed(sent: bytes, late: int) -> None:
    header = webhooks.signature(KEY, sent, NOW)
    assert webhooks.verify(KEY, header, sent, NOW + late)


@pytest.mark.parametrize(
    ("key", "sent", "late"),
    [(b"x" * 32, b"{}", 0), (KEY, b"{ }", 0), (KEY, b"{}", 301), (KEY, b"{}", -301)],
)
def test_a_receiver_believes_nothing_else(key: bytes, sent: bytes, late: int) -> None:
    header = webhooks.signature(KEY, b"{}", NOW)
    assert not webhooks.verify(key, header, sent, NOW + late)


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=00", f"t={NOW}", f"t={NOW},v1={'0' * 64} "])
def test_a_header_of_another_form_is_no_signature(header: str) -> None:
    assert not webhooks.verify(KEY, header, b"{}", NOW)


def test_the_timestamp_is_signed_too() -> None:
    header = webhooks.signature(KEY, b"{}", NOW).replace(f"t={NOW}", f"t={NOW + 1}")
    assert not webhooks.verify(KEY, header, b"{}", NOW)


def test_tries_grow_rarer_and_end() -> None:
    waits = [webhooks.next_try(attempts) for attempts in range(1, len(webhooks.BACKOFF_S) + 2)]
    assert waits[:6] == [1, 5, 30, 300, 1800, 7200]
    assert waits == [*sorted(webhooks.BACKOFF_S), None]


def test_a_receiver_that_wants_no_more_gets_no_more() -> None:
    assert webhooks.next_try(1, webhooks.GONE) is None
    assert webhooks.next_try(1, 500) == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::1", "2002:a00:1::", "2001:db8::1", "2001::80ff:fffe", "no address", "",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not webhooks.is_public(address)
    assert webhooks.refused_addresses(["93.184.215.14", address]) == [address]


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert webhooks.is_public(address)
    assert webhooks.refused_addresses([address]) == []
