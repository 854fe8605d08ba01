"""A key is one key, however often Asterisk tells of it."""

from __future__ import annotations

from itertools import product
from typing import Any

from ari_app.call import Call
from ari_app.keypad import Key, Keypad
from support.call_fakes import FakeServices, new_state

Told = tuple[str, int, int]

#: Milliseconds of the first key by Asterisk's clock.
START = 1_795_600_000_000


def taken(*told: Told, sound_ended: int = -100_000) -> str:
    """What is taken of events: digit, milliseconds at which it is told, milliseconds held."""
    pad = Keypad(sound_ended_ms=START + sound_ended)
    keys = [Key(digit, at, START + at, held) for digit, at, held in told]
    return "".join(key.digit for key in keys if pad.is_new(key))


def evenly(digits: str, held: int, pause: int) -> list[Told]:
    """Keys that are each told once."""
    return [(digit, n * (held + pause), held) for n, digit in enumerate(digits)]


def as_asterisk_tells(begun_in_sound: str, held: list[int], pause: int) -> list[Told]:
    """Events when a sound ended while the first key was held (``__ast_read`` and its constants)."""
    ends, at = [], 0
    for digit, ms in zip(begun_in_sound, held, strict=True):
        at += ms if ends else 0
        ends.append((digit, at, ms))
        at += pause
    told, back, acted = [ends[0]], [], max(ends[0][2], 80)
    waiting = ends[1:]
    while waiting or back:
        again = acted + 45
        if waiting and (not back or waiting[0][1] <= again):
            digit, end, ms = waiting.pop(0)
            told.append((digit, end, ms))
            if end < again:
                back.append((digit, ms))
            else:
                acted = end + max(ms, 80)
        else:
            digit, ms = back.pop(0)
            told.append((digit, again, ms))
            acted = again + max(ms, 80)
    return told


def test_keys_that_are_told_once() -> None:
    for held, pause in ((80, 60), (40, 40), (200, 100), (80, 40)):
        assert taken(*evenly("*112233#", held, pause)) == "*112233#"


def test_also_when_a_sound_ended_before_or_between() -> None:
    for ended in (-130, -50, 15, 70):
        assert taken(*evenly("*1122#", 80, 60), sound_ended=ended) == "*1122#"


def test_keys_that_asterisk_put_back() -> None:
    for star, pause in ((80, 40), (300, 60), (300, 100), (200, 40), (500, 60)):
        told = as_asterisk_tells("*12*15#", [star, *[80] * 6], pause)
        assert len(told) > 7, "some are told twice"
        assert taken(*told, sound_ended=-30) == "*12*15#", (star, pause)


def test_at_whatever_pace_they_are_keyed() -> None:
    paces = product(("*12*15#", "*11#", "4711#"), range(60, 620, 20), (80, 100, 160), (40, 80, 150))
    heard = [
        (digits, as_asterisk_tells(digits, [first, *[held] * (len(digits) - 1)], pause))
        for digits, first, held, pause in paces
    ]
    doubled = [(digits, told) for digits, told in heard if len(told) > len(digits)]
    right = [told for digits, told in doubled if taken(*told, sound_ended=-30) == digits]
    assert len(doubled) > 500
    # Where a key ends in the moment in which another is read again, nothing tells them apart.
    assert len(right) > 0.95 * len(doubled)


def test_nobody_presses_a_key_twice_in_less_time_than_it_is_held() -> None:
    assert taken(("1", 0, 80), ("1", 45, 80), ("2", 200, 80)) == "12"
    assert taken(("1", 0, 80), ("1", 80, 80)) == "11"


def test_telephones_that_do_not_tell_how_long() -> None:
    assert taken(("1", 0, 0), ("1", 1, 0)) == "11"


def test_the_events_of_asterisk() -> None:
    services: Any = FakeServices()
    call = Call(new_state("c"), services)
    channel = call.state.channel
    sound = {"id": "p", "target_uri": f"channel:{channel}"}
    call.note({"type": "PlaybackFinished", "playback": sound, "timestamp": stamp("00.000")})
    told = [("*", "00.200", 300), ("1", "00.340", 80), ("1", "00.560", 80), ("2", "01.000", 80)]
    for digit, at, held in told:
        event = {"type": "ChannelDtmfReceived", "channel": {"id": channel}, "digit": digit}
        call.note({**event, "duration_ms": held, "timestamp": stamp(at)})
    assert [key.digit for key in call.customer.keyed] == ["*", "1", "2"]


def stamp(seconds: str) -> str:
    """A time as Asterisk writes it."""
    return f"2026-11-25T03:54:{seconds}+0000"
